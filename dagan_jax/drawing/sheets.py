"""Contact sheets: many small pictures on one large one, with labels."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Num, UInt8
from PIL import Image, ImageDraw, ImageFont

from dagan_jax.drawing.colours import picture
from dagan_jax.drawing.panels import scale_to_height

_GAP = 4  # pixels between two pictures
_LEAST_HEIGHT = 128  # pixels of a picture
_PAPER = 255
_INK = (30, 30, 30)


def contact_sheet(
  rows: Mapping[str, Num[np.ndarray, 'b h w c']],
) -> UInt8[np.ndarray, 'h2 w2 3']:
  """Rows of pictures on white paper, each with its label to the left.

  Rows may differ in length and in the size of their pictures: all are shown as
  high as the highest, and large enough to be looked at.
  """
  height = max(images.shape[1] for images in rows.values())
  height = max(height, _LEAST_HEIGHT)
  font = ImageFont.load_default(max(11, min(height // 6, 28)))
  margin = 2 * _GAP + round(max(font.getlength(label) for label in rows))
  strips = [_strip(picture(images), height) for images in rows.values()]
  sheet = np.full(
    (
      _GAP + len(strips) * (height + _GAP),
      margin + max(strip.shape[1] for strip in strips),
      3,
    ),
    _PAPER,
    np.uint8,
  )
  for row, strip in enumerate(strips):
    top = _GAP + row * (height + _GAP)
    sheet[top : top + height, margin : margin + strip.shape[1]] = strip
  paper = Image.fromarray(sheet)
  pen = ImageDraw.Draw(paper)
  for row, label in enumerate(rows):
    middle = _GAP + row * (height + _GAP) + height // 2
    pen.text((_GAP, middle), label, fill=_INK, font=font, anchor='lm')
  return np.asarray(paper)


def _strip(
  images: UInt8[np.ndarray, 'b h w 3'], height: int
) -> UInt8[np.ndarray, 'h2 w2 3']:
  """Pictures in a row, scaled to one height, each with a gap to its right."""
  scaled = [scale_to_height(image, height) for image in images]
  gap = np.full((height, _GAP, 3), _PAPER, np.uint8)
  return np.concatenate([x for image in scaled for x in (image, gap)], axis=1)
