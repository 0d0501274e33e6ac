"""Numbers as pictures: NumPy arrays in, uint8 pictures out.

Pictures are uint8 'h w 3'; floats in [0, 1] are taken as well.
"""

import colorsys
from collections.abc import Iterable, Mapping

import numpy as np
from jaxtyping import Float, Num, UInt8
from PIL import Image, ImageDraw, ImageFont

_GAP = 4  # pixels between two pictures
_LEAST_HEIGHT = 128
_PAPER = 255
_INK = (30, 30, 30)

# Every sixteenth of matplotlib's magma (Smith, van der Walt: public domain):
# its lightness grows evenly from black to pale yellow.
_MAGMA = np.array(
  [
    (0, 0, 4), (11, 9, 36), (32, 17, 75), (59, 15, 112), (87, 21, 126),
    (114, 31, 129), (140, 41, 129), (168, 50, 125), (196, 60, 117),
    (222, 73, 104), (241, 96, 93), (250, 127, 94), (254, 159, 109),
    (254, 191, 132), (253, 222, 160), (252, 253, 191),
  ],
  np.float32,
)  # fmt: skip


def picture(
  image: Num[np.ndarray, '*b h w c'],
) -> UInt8[np.ndarray, '*b h w 3']:
  """Floats in [0, 1] or uint8, grey or colour -> uint8 colour."""
  image = np.asarray(image)
  if image.dtype != np.uint8:
    image = np.nan_to_num(image.astype(np.float32))
    image = np.uint8(np.round(255 * np.clip(image, 0, 1)))
  return np.broadcast_to(image, (*image.shape[:-1], 3))


def colour_map(
  values: Float[np.ndarray, '*b h w 1'],
) -> UInt8[np.ndarray, '*b h w 3']:
  """Values in [0, 1], say a disparity: dark to light, evenly to the eye."""
  place = np.clip(np.nan_to_num(values[..., 0]), 0, 1) * (len(_MAGMA) - 1)
  below = np.minimum(place.astype(int), len(_MAGMA) - 2)
  share = (place - below)[..., None]
  colours = (1 - share) * _MAGMA[below] + share * _MAGMA[below + 1]
  return np.uint8(np.round(colours))


def logarithmic(
  values: Float[np.ndarray, '*b h w 1'], least: float = 0.01
) -> Float[np.ndarray, '*b h w 1']:
  """Values in [least, 1] to [0, 1], for what differs by factors; below: 0.

  An uncertainty is like an error, mostly small: as it is it would look black.
  """
  return 1 - np.log(np.clip(values, least, 1)) / np.log(least)


def stretched(
  maps: Float[np.ndarray, 'b h w 1'],
) -> Float[np.ndarray, 'b h w 1']:
  """Each map from its least value, 0, to its largest, 1."""
  least = maps.min(axis=(1, 2, 3), keepdims=True)
  most = maps.max(axis=(1, 2, 3), keepdims=True)
  return (maps - least) / np.maximum(most - least, 1e-12)


def flow_wheel(
  flow: Float[np.ndarray, '*b h w 2'], longest: float = 0.5
) -> UInt8[np.ndarray, '*b h w 3']:
  """Where each pixel looks, relative to where it is.

  The hue is the direction, the saturation the distance; white stays, and
  `longest` (of a picture that spans [-1, 1]) is full colour.
  """
  height, width = flow.shape[-3:-1]
  x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
  moved = np.nan_to_num(flow) - np.stack([x, y], -1)
  strength = np.minimum(np.linalg.norm(moved, axis=-1) / longest, 1)
  angle = np.arctan2(moved[..., 1], moved[..., 0])
  phases = angle[..., None] + np.array([0, -2 * np.pi / 3, 2 * np.pi / 3])
  hue = 0.5 + 0.5 * np.cos(phases)
  return picture(1 - strength[..., None] * (1 - hue))


def with_keypoints(
  image: Num[np.ndarray, 'h w c'],
  points: Float[np.ndarray, 'k 2'],
  radius: float = 0.015,
) -> UInt8[np.ndarray, 'h w 3']:
  """The picture with a dot at each (x, y) in [-1, 1], a colour a keypoint.

  `radius` is a share of the picture's width.
  """
  drawn = Image.fromarray(np.ascontiguousarray(picture(image)))
  pen = ImageDraw.Draw(drawn)
  r = max(radius * drawn.width, 1.5)
  for k, (x, y) in enumerate(np.nan_to_num(points)):
    x = (x + 1) / 2 * (drawn.width - 1)
    y = (y + 1) / 2 * (drawn.height - 1)
    hue = colorsys.hsv_to_rgb(k / len(points), 0.9, 1)
    colour = tuple(round(255 * c) for c in hue)
    pen.ellipse((x - r, y - r, x + r, y + r), fill=colour, outline=_INK)
  return np.asarray(drawn)


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


def side_by_side(
  pictures: Iterable[UInt8[np.ndarray, '_ _ 3']], height: int
) -> UInt8[np.ndarray, 'h2 w2 3']:
  """Pictures in a row, all scaled to one height."""
  return np.concatenate([scaled(image, height) for image in pictures], axis=1)


def scaled(
  image: UInt8[np.ndarray, '_ _ 3'], height: int
) -> UInt8[np.ndarray, 'h2 w2 3']:
  """A picture of that height, as wide as it then should be, evenly."""
  width = 2 * max(1, round(image.shape[1] * height / image.shape[0] / 2))
  if image.shape[:2] == (height, width):
    return image
  whole = Image.fromarray(np.ascontiguousarray(image))
  return np.asarray(whole.resize((width, height), reducing_gap=3.0))


def _strip(
  images: UInt8[np.ndarray, 'b h w 3'], height: int
) -> UInt8[np.ndarray, 'h2 w2 3']:
  """Pictures side by side, scaled to one height, each with a gap behind it."""
  large = [scaled(image, height) for image in images]
  gap = np.full((height, _GAP, 3), _PAPER, np.uint8)
  return np.concatenate([x for image in large for x in (image, gap)], axis=1)
