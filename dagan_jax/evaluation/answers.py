"""What models make of clips whose first frame drives itself through them.

Each clip's first frame is the source, and every frame after it both drives and
is the truth. An answer is what a model draws, the moved source by itself, or a
copy of the source; all are written as frames, as those of any other method.
"""

import itertools
import pathlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from absl import logging
from jaxtyping import Array, Float, UInt8

from dagan_jax.geometry.pixels import bytes_of, unit
from dagan_jax.geometry.shapes import Images
from dagan_jax.models.dagan.reenactor import build_reenactor
from dagan_jax.runs.workdirs import of_this_version
from dagan_jax.weights.boxed import Trained
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces import framing
from data_pipelines.faces.finders import face_finder
from data_pipelines.media.folders import list_folder
from data_pipelines.media.pictures import write_picture
from data_pipelines.media.video_reader import Video
from data_pipelines.synthetic import rendered_faces

Pictures = UInt8[np.ndarray, 't h w 3']
COPY = 'copy of source'
SOURCE, TRUTH = 'source', 'truth'  # folders
_SECONDS = 10.0  # of a rendered clip
_BATCH = 8  # frames at a time


class Clip(NamedTuple):
  """Frames of one person; the first one is the source."""

  name: str
  frames: Pictures


def render_people(count: int, frames: int, size: int) -> Iterator[Clip]:
  """Clips of rendered people whom no training shows, of 10 seconds each.

  Args:
    count: of people.
    frames: of each that are answered, spread evenly.
    size: of the pictures, in pixels.
  """
  for number in range(count):
    face = rendered_faces.FIRST_TEST_FACE + number
    times = np.linspace(0, _SECONDS, frames, endpoint=False)
    times = [0.0, *(times + _SECONDS / frames / 2)]
    pictures = [rendered_faces.image(face, time, size) for time in times]
    yield Clip(f'person {number}', np.stack(pictures))


def read_clips(
  folder: pathlib.Path, every: int, most: int, size: int
) -> Iterator[Clip]:
  """Clips of a folder, cut as those of a data set are, around the face.

  A clip in which no face is found is left out, and the log says so.

  Args:
    folder: of video files.
    every: the frames that are taken, every so many of a clip.
    most: frames of a clip that are answered.
    size: of the pictures, in pixels.

  Raises:
    DataError: there is no clip, or the face finder is not installed.
  """
  paths = list_folder(folder).videos
  if not paths:
    raise DataError(f'{folder} holds no video: name a folder of clips')
  finder = face_finder()
  for path in paths:
    taken = list(itertools.islice(Video(path), 0, every * (most + 1), every))
    try:
      square = framing.of_video(taken, finder, path.name)
    except DataError as error:
      logging.warning('left out: %s', error)
      continue
    pictures = [framing.cut(picture, square, size) for picture in taken]
    yield Clip(path.stem, np.stack(pictures))


def write_answers(
  models: Mapping[str, Trained], clips: Iterable[Clip], folder: pathlib.Path
) -> list[str]:
  """Writes frames below `folder`; returns the names of the answers.

  There are truth/CLIP/00000.png, source/CLIP.png, and ANSWER/CLIP/00000.png for
  each answer.

  Args:
    models: by the names that their answers get.
    clips: all of one size; a model sees and draws them at its own.
    folder: for all of it.

  Raises:
    UsageError: a model is not of this version.
    DataError: the folder cannot be written.
  """
  answering = {name: _prepare(model) for name, model in models.items()}
  names = {COPY: None}
  for clip in clips:
    source, driving = clip.frames[0], clip.frames[1:]
    logging.info('%s: %d frames', clip.name, len(driving))
    answers = {COPY: np.broadcast_to(source, driving.shape)}
    for model, answer in answering.items():
      drawn = answer(source, driving)
      answers |= {model: drawn['prediction'], f'{model} moved': drawn['moved']}
    names |= dict.fromkeys(answers)
    write_picture(folder / SOURCE / f'{clip.name}.png', source)
    for name, pictures in {TRUTH: driving, **answers}.items():
      write_frames(folder / name / clip.name, pictures)
  return list(names)


def write_frames(folder: pathlib.Path, pictures: Pictures) -> None:
  """Writes 00000.png, 00001.png and so on; DataError: that cannot be."""
  for number, picture in enumerate(pictures):
    write_picture(folder / f'{number:05}.png', picture)


def _prepare(
  model: Trained,
) -> Callable[[np.ndarray, Pictures], dict[str, Pictures]]:
  """A function of a source and driving frames: what a model makes of them."""
  with of_this_version(model.where):
    reenactor = build_reenactor(model.config.model.to_dict())
  size = model.config.data.image_size
  variables = jax.tree.map(jnp.asarray, model.variables)

  @jax.jit
  def draw(variables, source, driving):
    shown = driving.shape[1]
    source, driving = (_resize(unit(x), size) for x in (source, driving))
    _, _, rendering = reenactor.apply(variables, source, driving)
    return {
      part: bytes_of(jnp.clip(_resize(picture, shown), 0, 1))
      for part, picture in (
        ('prediction', rendering.prediction),
        ('moved', rendering.deformed),
      )
    }

  def answer(source, driving):
    sources = np.broadcast_to(source, driving.shape)
    return _in_batches(
      lambda *pictures: draw(variables, *pictures), sources, driving
    )

  return answer


def _resize(pictures: Images, size: int) -> Float[Array, 'b _ _ 3']:
  count, _, _, channels = pictures.shape
  return jax.image.resize(pictures, (count, size, size, channels), 'linear')


def _in_batches(
  function: Callable[..., dict[str, Any]], *arrays: np.ndarray
) -> dict[str, np.ndarray]:
  """Applies a function to batches of one size; padding is cut off again."""
  count = len(arrays[0])
  batches = []
  for start in range(0, count, _BATCH):
    places = np.minimum(np.arange(start, start + _BATCH), count - 1)
    batches.append(jax.device_get(function(*(x[places] for x in arrays))))
  return {
    name: np.concatenate([batch[name] for batch in batches])[:count]
    for name in batches[0]
  }
