"""Makes a rendered speaker: a speech, or pictures of it."""

import functools

import numpy as np

from data_pipelines.builders.work.job_files import JobWriter, MadeClip
from data_pipelines.builders.work.jobs import Recipe, SpeakerJob
from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.recorded.speeches import Speech, pack_speech
from data_pipelines.speech.monologue import talk
from data_pipelines.synthetic import rendered_faces
from data_pipelines.synthetic.coefficients import to_coefficients
from data_pipelines.synthetic.performance import Performance
from data_pipelines.synthetic.rendered_faces import FIRST_TEST_FACE
from data_pipelines.synthetic.speaking.speaker import perform_phones


def write(job: SpeakerJob, recipe: Recipe, file: JobWriter) -> None:
  """Writes a speech, or as many pictures of it as the job wants.

  Raises:
    DataError: what speaks is not installed, see `speech.synthesis`.
  """
  speech, performance = _perform(job.speaker, job.split, job.frames)
  face, heights = face_of(job), [0.0]
  if job.pictures:
    points = _draw(job, recipe, performance, file)
    heights = np.ptp(points[..., 1], axis=1)
  made = MadeClip(
    name=job.name,
    source=f'{speech.voice}, face {face}',
    start_time=0.0,
    frames=job.pictures or job.frames,
    square=(0.0, 0.0, float(recipe.size)),
    video_size=(recipe.size, recipe.size),
    face_height=float(np.median(heights)),
    embedding=None,
  )
  if job.pictures:
    file.clip(0, made, points)
  else:
    file.speech(0, made, pack_speech(speech))


def _draw(
  job: SpeakerJob, recipe: Recipe, performance: Performance, file: JobWriter
) -> np.ndarray:
  """Writes pictures; returns their landmarks (n, 68, 2), pixels."""
  points = []
  for number in range(job.pictures):
    time = float(number / recipe.fps)
    moment = performance.moment(round(time * FRAME_RATE))
    image, landmarks = rendered_faces.portray(
      face_of(job), moment, time, recipe.size
    )
    file.frame(0, number, image)
    points.append(landmarks)
  return np.stack(points)


def face_of(job: SpeakerJob) -> int:
  """The rendered face that speaks."""
  return job.speaker + (FIRST_TEST_FACE if job.split == 'test' else 0)


@functools.lru_cache(2)
def _perform(speaker: int, split: str, frames: int):
  """A speech, and the performance of it."""
  job = SpeakerJob(speaker, split, frames)
  monologue = talk(speaker, split, frames / FRAME_RATE)
  performance = perform_phones(monologue.wave, monologue.phones, face_of(job))
  manner = monologue.voice.manner
  speech = Speech(
    name=job.name,
    identity=job.identity,
    voice=f'{manner.program} {manner.voice}',
    language=monologue.voice.language,
    text=monologue.text,
    waveform=np.int16(np.round(monologue.wave * (2**15 - 1))),
    **to_coefficients(performance)._asdict(),
    phones=monologue.phones,
  )
  return speech, performance
