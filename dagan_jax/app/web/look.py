"""Looks at a file that was sent: is it of use, and what does it show?"""

import base64
import io
import pathlib
from typing import NamedTuple

import numpy as np
from PIL import Image

from dagan_jax.app.web.checks import (
  MOTION,
  check_file,
  check_video,
)
from dagan_jax.app.web.limits import Limits
from dagan_jax.inference.reenactment.crops import (
  find_portrait_framing,
  open_finder,
)
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures

_SHOWN = 720  # pixels of a preview's longer side, at most


class Wish(NamedTuple):
  """A file to look at."""

  path: str
  kind: str  # one of `checks.KINDS`


class View(NamedTuple):
  """What a file shows.

  Attributes:
    width: pixels, upright; 0 of sound and of motions.
    height: likewise.
    box: left, top and side of the square that would be cropped, pixels.
    seconds: how long a video lasts, else 0.
    preview: a small picture as a data URL; '': there is none.
  """

  width: int = 0
  height: int = 0
  box: tuple[float, float, float] | None = None
  seconds: float = 0.0
  preview: str = ''


class Look:
  """Looks at one file after another."""

  def __init__(self, limits: Limits):
    """Remembers the limits."""
    self._limits = limits

  def __call__(self, wish: Wish, tell) -> View:
    """What a file shows.

    Raises:
      DataError: it is of no use.
    """
    del tell
    path = pathlib.Path(wish.path)
    check_file(path, wish.kind, self._limits)
    if wish.kind == 'sound' or path.suffix == MOTION:
      return View()
    if wish.kind == 'picture':
      return _view(pictures.read_picture(path), 0.0)
    video = check_video(path, self._limits)
    first = next(iter(video))
    seconds = float(video.probe.frames / video.probe.rate)
    return _view(first, seconds if video.probe.frames > 1 else 0.0)


def _view(picture: np.ndarray, seconds: float) -> View:
  height, width = picture.shape[:2]
  image = Image.fromarray(picture)
  image.thumbnail((_SHOWN, _SHOWN))
  file = io.BytesIO()
  image.save(file, 'JPEG', quality=85)
  data = base64.b64encode(file.getvalue()).decode()
  preview = f'data:image/jpeg;base64,{data}'
  return View(width, height, _find_box(picture), seconds, preview)


def _find_box(picture: np.ndarray) -> tuple[float, float, float] | None:
  """The square of the largest face; None where no face is found."""
  if open_finder('auto') is None:
    return None
  try:
    framing = find_portrait_framing(picture, 'auto', 'the picture')
  except DataError:
    return None
  return tuple(map(float, framing.square))
