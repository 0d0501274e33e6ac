"""Numbers as pictures: NumPy arrays in, uint8 pictures out.

Pictures are uint8 'h w 3'; floats in [0, 1] are taken as well.
"""

import colorsys
from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Num, UInt8
from PIL import Image, ImageDraw

_RIM = (30, 30, 30)  # around a keypoint's dot

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
  """A uint8 colour picture of floats in [0, 1] or of uint8, grey or colour."""
  image = np.asarray(image)
  if image.dtype != np.uint8:
    image = np.nan_to_num(image.astype(np.float32))
    image = np.uint8(np.round(255 * np.clip(image, 0, 1)))
  return np.broadcast_to(image, (*image.shape[:-1], 3))


def colour_map(
  values: Float[np.ndarray, '*b h w 1'],
) -> UInt8[np.ndarray, '*b h w 3']:
  """Colours for values in [0, 1], say a disparity, from dark to light.

  Equal steps of the value look like equal steps of lightness.
  """
  place = np.clip(np.nan_to_num(values[..., 0]), 0, 1) * (len(_MAGMA) - 1)
  below = np.minimum(place.astype(int), len(_MAGMA) - 2)
  share = (place - below)[..., None]
  colours = (1 - share) * _MAGMA[below] + share * _MAGMA[below + 1]
  return np.uint8(np.round(colours))


def steady_colour_map(
  first: Float[np.ndarray, 'h w 1'],
) -> Callable[[Float[np.ndarray, '*b h w 1']], UInt8[np.ndarray, '*b h w 3']]:
  """A colour map for all of a video, stretched over its first frame's values.

  Frames that are stretched one by one would flicker.
  """
  low, high = first.min(), first.max()
  reach = max(high - low, 1e-6)
  return lambda values: colour_map((values - low) / reach)


def stretch_logarithms(
  values: Float[np.ndarray, '*b h w 1'], least: float = 0.01
) -> Float[np.ndarray, '*b h w 1']:
  """The logarithms of values in [least, 1], scaled to [0, 1]; below: 0.

  For what is mostly small, as an uncertainty: on an even scale it looks black.
  """
  return 1 - np.log(np.clip(values, least, 1)) / np.log(least)


def stretch(
  maps: Float[np.ndarray, 'b h w 1'],
) -> Float[np.ndarray, 'b h w 1']:
  """Scales each map so that its least value is 0 and its largest 1."""
  least = maps.min(axis=(1, 2, 3), keepdims=True)
  most = maps.max(axis=(1, 2, 3), keepdims=True)
  return (maps - least) / np.maximum(most - least, 1e-12)


def flow_wheel(
  flow: Float[np.ndarray, '*b h w 2'], longest: float = 0.5
) -> UInt8[np.ndarray, '*b h w 3']:
  """Colours for where each pixel looks, relative to where it is.

  The hue is the direction, the saturation the distance: a pixel that looks at
  its own place is white, one that looks `longest` away (in a picture that spans
  [-1, 1]) or farther has the full colour.
  """
  height, width = flow.shape[-3:-1]
  x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
  moved = np.nan_to_num(flow) - np.stack([x, y], -1)
  strength = np.minimum(np.linalg.norm(moved, axis=-1) / longest, 1)
  angle = np.arctan2(moved[..., 1], moved[..., 0])
  phases = angle[..., None] + np.array([0, -2 * np.pi / 3, 2 * np.pi / 3])
  hue = 0.5 + 0.5 * np.cos(phases)
  return picture(1 - strength[..., None] * (1 - hue))


def mark_keypoints(
  image: Num[np.ndarray, 'h w c'],
  points: Float[np.ndarray, 'k 2'],
  radius: float = 0.015,
) -> UInt8[np.ndarray, 'h w 3']:
  """The picture with a dot at each point (x, y) in [-1, 1].

  Each keypoint has its own colour. `radius` is a share of the picture's width.
  """
  drawn = Image.fromarray(np.ascontiguousarray(picture(image)))
  pen = ImageDraw.Draw(drawn)
  r = max(radius * drawn.width, 1.5)
  for k, (x, y) in enumerate(np.nan_to_num(points)):
    x = (x + 1) / 2 * (drawn.width - 1)
    y = (y + 1) / 2 * (drawn.height - 1)
    hue = colorsys.hsv_to_rgb(k / len(points), 0.9, 1)
    colour = tuple(round(255 * c) for c in hue)
    pen.ellipse((x - r, y - r, x + r, y + r), fill=colour, outline=_RIM)
  return np.asarray(drawn)
