"""Puts frames of a face back into the portrait that it was cut from."""

import math

import numpy as np
from PIL import Image

from data_pipelines.faces.framing import Framing

_FEATHER = 0.1  # of the square's side, from nothing to all of the frame


class PasteBack:
  """A portrait whose framed part is replaced, frame by frame.

  Outside of the framing, pixels are the portrait's to the bit. Towards its edge
  the frame fades into the portrait. Each channel of the frame is shifted by a
  constant, so that its colours agree with the portrait's where both are seen.
  """

  def __init__(self, portrait: np.ndarray, framing: Framing, size: int):
    """Prepares everything that does not depend on the frames.

    Args:
      portrait: uint8 (h, w, 3).
      framing: where frames belong; see `framing.cut`, which this undoes.
      size: width and height of the frames, pixels.
    """
    self._portrait = portrait
    height, width = portrait.shape[:2]
    square = framing.square
    angle = math.radians(framing.lean)
    cosine, sine = math.cos(angle), math.sin(angle)
    middle_x = square.left + square.side / 2
    middle_y = square.top + square.side / 2
    reach = square.side / 2 * (abs(cosine) + abs(sine))
    left, right = (
      min(max(x, 0), width)
      for x in (math.floor(middle_x - reach), math.ceil(middle_x + reach))
    )
    top, bottom = (
      min(max(y, 0), height)
      for y in (math.floor(middle_y - reach), math.ceil(middle_y + reach))
    )
    self._part = slice(top, bottom), slice(left, right)
    self._region = max(right - left, 1), max(bottom - top, 1)
    # Frames larger than their place are shrunk first, for antialiasing.
    self._shown = min(size, max(1, round(square.side)))
    scale = self._shown / square.side
    # From a point of the region to a point of the frame.
    x0, y0 = left - middle_x, top - middle_y
    half = self._shown / 2
    self._affine = (
      scale * cosine,
      scale * sine,
      scale * (cosine * x0 + sine * y0) + half,
      -scale * sine,
      scale * cosine,
      scale * (-sine * x0 + cosine * y0) + half,
    )
    self._weight = self._feather()

  def __call__(self, frame: np.ndarray) -> np.ndarray:
    """Returns the portrait, uint8 (h, w, 3), with uint8 (size, size, 3)."""
    whole = self._portrait.copy()
    if not self._weight.any():
      return whole  # the framing lies beside the picture
    picture = Image.fromarray(frame)
    if frame.shape[0] != self._shown:
      picture = picture.resize(
        (self._shown, self._shown), Image.Resampling.LANCZOS
      )
    # Beyond its edge, which the filter may touch, a frame goes on as it ends.
    pad = 2
    padded = np.pad(
      np.asarray(picture), [(pad, pad), (pad, pad), (0, 0)], mode='edge'
    )
    a, b, c, d, e, f = self._affine
    placed = Image.fromarray(padded).transform(
      self._region,
      Image.Transform.AFFINE,
      (a, b, c + pad, d, e, f + pad),
      Image.Resampling.BICUBIC,
    )
    placed = np.asarray(placed, np.float32)
    under = whole[self._part].astype(np.float32)
    seam = (self._weight > 0) & (self._weight < 0.5)
    if seam.any():
      placed = placed + (under - placed)[seam[..., 0]].mean(axis=0)
    mixed = under + self._weight * (placed - under)
    whole[self._part] = np.clip(np.round(mixed), 0, 255).astype(np.uint8)
    return whole

  def _feather(self) -> np.ndarray:
    """How much of the frame each pixel of the region shows, (h, w, 1)."""
    width, height = self._region
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    a, b, c, d, e, f = self._affine
    inside = np.minimum.reduce(
      [
        edge
        for place in (a * x + b * y + c, d * x + e * y + f)
        for edge in (place, self._shown - place)
      ]
    )
    share = np.clip(inside / (_FEATHER * self._shown), 0, 1)
    return (share**2 * (3 - 2 * share))[..., None].astype(np.float32)
