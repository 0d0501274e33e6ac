"""Pictures side by side, as a video shows them."""

from collections.abc import Iterable

import numpy as np
from jaxtyping import UInt8
from PIL import Image


def place_side_by_side(
  pictures: Iterable[UInt8[np.ndarray, '_ _ 3']], height: int
) -> UInt8[np.ndarray, 'h2 w2 3']:
  """Pictures in a row, all scaled to one height."""
  panels = [scale_to_height(image, height) for image in pictures]
  return np.concatenate(panels, axis=1)


def scale_to_height(
  image: UInt8[np.ndarray, '_ _ 3'], height: int
) -> UInt8[np.ndarray, 'h2 w2 3']:
  """The picture scaled to a height; its width becomes an even number."""
  width = 2 * max(1, round(image.shape[1] * height / image.shape[0] / 2))
  if image.shape[:2] == (height, width):
    return image
  whole = Image.fromarray(np.ascontiguousarray(image))
  return np.asarray(whole.resize((width, height), reducing_gap=3.0))
