"""Does a job, unless it is done."""

import functools
import pathlib

from data_pipelines.builders.work import (
  job_files,
  rendered_clips,
  video_clips,
)
from data_pipelines.builders.work.jobs import (
  FaceJob,
  Job,
  Recipe,
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


def process(
  job: Job | FaceJob, recipe: Recipe, folder: pathlib.Path
) -> pathlib.Path:
  """Returns the file that tells what came of a job (see job_files).

  A video of no use is an outcome like any other.

  Raises:
    DataError: `folder` cannot be written, or what finds faces is missing, see
      `finder`.
  """
  path = folder / f'{job.key(recipe)}.zip'
  if path.exists():
    return path
  if isinstance(job, FaceJob):
    with job_files.write(path, recipe.encoding, recipe.quality) as file:
      rendered_clips.write(job, recipe, file)
  else:
    faces = finder(recipe.detector)
    with job_files.write(path, recipe.encoding, recipe.quality) as file:
      video_clips.write(job, recipe, file, faces)
  return path
