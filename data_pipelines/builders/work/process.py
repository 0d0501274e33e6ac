"""Does a job, unless it is done."""

import functools
import pathlib

from data_pipelines.builders.work import (
  job_files,
  recorded_clips,
  rendered_clips,
  spoken_clips,
  video_clips,
)
from data_pipelines.builders.work.jobs import (
  AnyJob,
  Job,
  Recipe,
  RecordingJob,
  SpeakerJob,
)
from data_pipelines.faces import finders
from data_pipelines.faces.find import InstalledFinder


@functools.cache
def finder(detector: str) -> InstalledFinder:
  """The face finder of this process; its models are large.

  Raises:
    DataError: see `face_finder`.
  """
  return finders.face_finder(detector)


def process(job: AnyJob, recipe: Recipe, folder: pathlib.Path) -> pathlib.Path:
  """Returns the file that tells what came of a job (see job_files).

  A video of no use is an outcome like any other.

  Raises:
    DataError: `folder` cannot be written, or what finds faces or speaks is
      missing, see `finder` and `speech.synthesis`.
  """
  path = folder / f'{job.key(recipe)}.zip'
  if path.exists():
    return path
  if isinstance(job, Job):
    write = functools.partial(video_clips.write, finder=finder(recipe.detector))
  elif isinstance(job, SpeakerJob):
    write = spoken_clips.write
  elif isinstance(job, RecordingJob):
    write = recorded_clips.write
  else:
    write = rendered_clips.write
  with job_files.write(path, recipe.encoding, recipe.quality) as file:
    write(job, recipe, file)
  return path
