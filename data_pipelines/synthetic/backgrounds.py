"""What is behind a person: painted, lit, out of focus as in a photograph."""

from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic import outdoors, rooms, studios
from data_pipelines.synthetic.stage import Stage
from data_pipelines.synthetic.traits import Traits

LEAST = 96  # pixels; smaller pictures are averages of such ones
SHARP = 5.0  # pixels of blur above which half the resolution shows the same
KINDS = {  # share of the people, painter
  'room': (0.40, rooms.room),
  'studio': (0.24, studios.studio),
  'street': (0.12, outdoors.street),
  'foliage': (0.14, outdoors.foliage),
  'country': (0.10, outdoors.country),
}


class Sight(NamedTuple):
  """Where each pixel looks: rays (x, y, 1), x to the right, y down."""

  x: np.ndarray  # (n, n)
  y: np.ndarray  # (n, n)
  wide: float  # x spans so much
  pixel: float  # and a pixel so much


def background(person: Traits, stage: Stage, size: int) -> np.ndarray:
  """The light (size, size, 3) from behind a person, linear."""
  rng = np.random.default_rng((person.wall, 2))
  shares = np.cumsum([share for share, _ in KINDS.values()])
  painters = [painter for _, painter in KINDS.values()]
  paint = painters[int((rng.random() > shares[:-1]).sum())]
  # Leaves in focus would need more shape than 1/f noise has.
  sharp, far = rng.random() < 0.35, rng.random()
  sharp &= paint is not outdoors.foliage
  blur = 0.005 * far if sharp else 0.008 + 0.042 * far**1.5
  count = size if size >= LEAST else size * -(-LEAST // size)
  while blur * count > SHARP and count % 2 == 0 and count > 48:
    count //= 2
  at = (np.arange(count) + 0.5) / count - 0.5
  wide = stage.view / stage.distance
  x, y = np.meshgrid(wide * at, wide * at)
  light = paint(rng, Sight(x, y, wide, wide / count), stage)
  return _resize(defocus(light, blur * count), size)


def defocus(light: np.ndarray, radius: float) -> np.ndarray:
  """Spreads each point of (n, n, 3) light over a disc, radius in pixels."""
  if radius < 0.6:
    return light
  reach = int(radius)
  pad = reach + 2
  size = len(light)
  wide = np.pad(light, [(pad, pad), (pad, pad), (0, 0)], mode='edge')
  until = np.zeros((size + 2 * pad, size + 2 * pad + 1, light.shape[-1]))
  np.cumsum(wide, axis=1, out=until[:, 1:])
  total, area = np.zeros_like(light), 0.0
  for down in range(-reach, reach + 1):
    half = np.sqrt(radius**2 - down**2)
    rows = until[pad + down : pad + down + size]
    total += _shift(rows, pad + 0.5 + half, size)
    total -= _shift(rows, pad + 0.5 - half, size)
    area += 2 * half
  return total / area


def _shift(rows: np.ndarray, start: float, size: int) -> np.ndarray:
  """`size` columns from a column that may lie between two."""
  first = int(start)
  part = start - first
  left, right = rows[:, first:], rows[:, first + 1 :]
  return left[:, :size] * (1 - part) + right[:, :size] * part


def _resize(light: np.ndarray, size: int) -> np.ndarray:
  """Light (n, n, 3) as (size, size, 3), one a multiple of the other."""
  times = len(light) // size
  if times > 1:
    parts = [
      light[i::times, j::times] for i in range(times) for j in range(times)
    ]
    return sum(parts) / times**2
  for axis in (0, 1) if len(light) < size else ():
    count = light.shape[axis]
    at = np.clip((np.arange(size) + 0.5) * count / size - 0.5, 0, count - 1)
    low = np.minimum(at.astype(np.int64), count - 2)
    part = (at - low).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
    first, second = light.take(low, axis), light.take(low + 1, axis)
    light = first + (second - first) * part
  return light
