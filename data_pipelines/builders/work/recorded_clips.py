"""Makes speeches of a recording: its phones, and how its face moves.

Where the face was measured, that is what is written; else a rendered speaker
acts what is said. Long recordings are divided.
"""

import pathlib
import zlib

import numpy as np

from data_pipelines.builders.work.coefficient_files import read_coefficients
from data_pipelines.builders.work.job_files import JobWriter, MadeClip
from data_pipelines.builders.work.jobs import Recipe, RecordingJob
from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.trouble import passing_reason
from data_pipelines.media.voice import FRAME, FRAME_RATE
from data_pipelines.media.voice_activity import PIECE, VoiceActivity
from data_pipelines.media.waveform import RATE, read_waveform
from data_pipelines.recorded.speeches import Speech, pack_speech
from data_pipelines.speech.alignment import align
from data_pipelines.speech.phones import SILENCE, Phone, join_silences
from data_pipelines.synthetic.coefficients import Coefficients, to_coefficients
from data_pipelines.synthetic.speaking.speaker import perform_phones

LANGUAGE = 'en'  # what the aligner understands
ANY = 'ə'  # a phone of which nobody knows more than that it sounds
_SURE = 0.5  # that somebody speaks
_APART = 3  # frames by which a sound and what was measured in it may differ


def write(job: RecordingJob, recipe: Recipe, file: JobWriter) -> None:
  """Writes the speeches of a recording, or why there is none."""
  try:
    wave, phones, found = _read(job, pathlib.Path(recipe.raw))
  except (DataError, OSError) as error:
    told = str(error).removeprefix(f'{pathlib.Path(recipe.raw) / job.video}: ')
    if reason := passing_reason(error):
      file.trouble = f'cannot be read now ({reason})'
    else:
      file.rejected.append(told)
    return
  count = len(found.pose)
  parts = max(1, -(-count // recipe.longest))
  bounds = [count * part // parts for part in range(parts + 1)]
  for number in range(parts):
    begin, end = bounds[number], bounds[number + 1]
    name = job.name if parts == 1 else f'{job.name}/{number}'
    speech = Speech(
      name=name,
      identity=job.identity,
      voice=job.identity,
      language=LANGUAGE,
      text='' if parts > 1 else _read_text(job, pathlib.Path(recipe.raw)),
      waveform=wave[begin * FRAME : end * FRAME],
      **{key: x[begin:end] for key, x in found._asdict().items()},
      phones=_cut(phones, begin / FRAME_RATE, end / FRAME_RATE),
    )
    made = MadeClip(
      name=name,
      source=job.video,
      start_time=begin / FRAME_RATE,
      frames=end - begin,
      square=(0.0, 0.0, 0.0),
      video_size=(0, 0),
      face_height=0.0,
      embedding=None,
    )
    file.speech(number, made, pack_speech(speech))


def _read(
  job: RecordingJob, raw: pathlib.Path
) -> tuple[np.ndarray, tuple[Phone, ...], Coefficients]:
  """A recording's sound, int16, its phones, and the motion in it."""
  heard = np.concatenate(list(read_waveform(raw / job.video)))
  count = len(heard) // FRAME
  measured = None
  if job.coefficients:
    measured = read_coefficients(raw / job.coefficients)
    if abs(len(measured.pose) - count) > _APART:
      raise DataError(
        f'{job.coefficients} has {len(measured.pose)} frames, the sound'
        f' {count}, 25 a second; measure the same recording'
      )
    count = min(count, len(measured.pose))
  if not count:
    raise DataError(f'its sound is shorter than 1 / {FRAME_RATE} s')
  heard = np.clip(heard[: count * FRAME], -1, 1)
  if job.transcript:
    phones = align(heard, _read_text(job, raw))
  else:
    phones = _hear_activity(heard)
  if measured is None:
    # Of its name alone: the same recording is acted alike everywhere.
    seed = zlib.crc32(job.name.encode())
    found = to_coefficients(perform_phones(heard, phones, seed))
  else:
    found = Coefficients(*(values[:count] for values in measured))
  return np.int16(np.round(heard * (2**15 - 1))), phones, found


def _read_text(job: RecordingJob, raw: pathlib.Path) -> str:
  if not job.transcript:
    return ''
  try:
    return (raw / job.transcript).read_text(encoding='utf-8-sig').strip()
  except UnicodeDecodeError:
    raise DataError(
      f'{job.transcript}: not a text in UTF-8; save it anew'
    ) from None


def _hear_activity(wave: np.ndarray) -> tuple[Phone, ...]:
  """When somebody speaks, as silence and ANY."""
  activity = VoiceActivity()
  shares = np.concatenate([activity.add(wave), activity.end()])
  edges = np.minimum(np.arange(len(shares) + 1) * PIECE, len(wave)) / RATE
  names = [ANY if share > _SURE else SILENCE for share in shares]
  phones = []
  for name, start, end in zip(names, edges[:-1], edges[1:], strict=True):
    if phones and phones[-1].name == name:
      start = phones.pop().start
    phones.append(Phone(name, float(start), float(end)))
  return join_silences(phones)


def _cut(phones, begin: float, end: float) -> tuple[Phone, ...]:
  """Phones from one moment to another, counted from the first."""
  return join_silences(
    Phone(
      phone.name, max(phone.start, begin) - begin, min(phone.end, end) - begin
    )
    for phone in phones
  )
