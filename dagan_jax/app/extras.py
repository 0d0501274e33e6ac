"""What is kept beside a video: `--save=motion,depth,pointcloud`.

Each is a path, whose suffix tells what it holds, or a word: then its name is
that of the video, as out.motion.npz, out.depth.npy, out.ply.
"""

import os
import pathlib
from typing import Any

from dagan_jax.app import point_cloud
from dagan_jax.app.outputs import write_array
from dagan_jax.console.errors import UsageError
from dagan_jax.drawing import colours
from dagan_jax.inference.depth_estimator import DepthEstimator
from dagan_jax.inference.motion import Motion
from data_pipelines.media import pictures
from data_pipelines.media.video_encoder import ENCODINGS

WORDS = {'motion': '.motion.npz', 'depth': '.depth.npy', 'pointcloud': '.ply'}
SUFFIXES = ('.npz', '.npy', '.png', '.ply')


class Extras:
  """Writes what is to be kept of portraits and videos."""

  def __init__(self, save: str | None, *, many: bool = False):
    """From the flag; of `many` videos, no path can name what is theirs.

    Raises:
      UsageError: an item is neither a word nor such a path.
    """
    items = save.split(',') if save else []
    self._items = [os.path.expanduser(item) for item in items]
    self._estimator: DepthEstimator | None = None
    for item in self._items:
      if item not in WORDS and _suffix(item) not in SUFFIXES:
        raise UsageError(
          f'--save: {item!r} is none of {", ".join(WORDS)}, and no path that'
          f' ends in {", ".join(SUFFIXES)}'
        )
      if many and item not in WORDS:
        raise UsageError(
          f'--save={item}: one path, but many videos; give {", ".join(WORDS)}:'
          ' each goes beside its video'
        )

  @property
  def have_motion(self) -> bool:
    """Whether the motion of the video is kept."""
    return any(_is_motion(item) for item in self._items)

  def open(self, workdir: str | None) -> None:
    """Opens the network that finds depth, if that is asked for.

    Raises:
      UsageError: the workdir's network finds none.
    """
    if any(not _is_motion(item) for item in self._items):
      self._estimator = DepthEstimator.open(workdir)

  def paths(self, output: str) -> list[str]:
    """Where they go, for a video that goes to `output`."""
    video = pathlib.Path(output)
    is_file = video.suffix.lower() in ENCODINGS  # a folder may have a dot, too
    name = video.stem if is_file else video.name
    return [
      str(video.with_name(name + WORDS[item])) if item in WORDS else item
      for item in self._items
    ]

  def write(self, output: str, portrait: Any, motion: Motion) -> None:
    """Writes what is to be kept of a prepared portrait; prints every path.

    Depth is that of the part of the portrait that moves, in an unknown unit.

    Raises:
      UsageError, DataError: a place cannot be written.
    """
    found = None
    if self._estimator:
      (found,) = self._estimator.estimates([portrait.square], chunk=1)
    for path in self.paths(output):
      match _suffix(path):
        case '.npz':
          motion.save(path)
        case '.npy':
          with write_array(path, single=True) as array:
            array.write(found.depth[..., 0])
        case '.png':
          disparity = colours.stretch(found.disparity[None])
          pictures.write_picture(path, colours.colour_map(disparity)[0])
        case '.ply':
          camera = self._estimator.camera([found.image])
          point_cloud.write_cloud(path, found.image, found.depth, camera)
      print(path)


def _is_motion(item: str) -> bool:
  return item == 'motion' or _suffix(item) == '.npz'


def _suffix(path: str) -> str:
  return pathlib.Path(path).suffix.lower()
