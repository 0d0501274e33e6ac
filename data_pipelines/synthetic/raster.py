"""A z-buffer for thousands of small triangles at once, without a loop."""

from typing import NamedTuple

import numpy as np

EMPTY = np.int64(1) << 62
TRIANGLE_BITS = 24
NEAREST = 16.0  # 1 / m; nothing comes nearer to the camera than its inverse
STEPS = 2.0**30  # per 1 / m; surfaces nearer to each other may swap
BLOCK = 4000  # triangles at once: as many as fit a processor's cache


class Mesh(NamedTuple):
  """Triangles: numbers t of three vertices each, clockwise from outside."""

  first: np.ndarray
  second: np.ndarray
  third: np.ndarray
  double: np.ndarray  # whether the inside is seen, too


class Hits(NamedTuple):
  """The nearest triangle at the n samples that see any."""

  sample: np.ndarray  # (n,) flat sample number
  triangle: np.ndarray  # (n,)
  second: np.ndarray  # (n,) weight of the triangle's second corner
  third: np.ndarray  # (n,) and of its third
  depth: np.ndarray  # (n,) metres
  inside: np.ndarray  # (n,) seen from behind


class _Affine(NamedTuple):
  """Quantities that are affine in the picture: x and y slopes, and offset."""

  x: np.ndarray
  y: np.ndarray
  offset: np.ndarray

  def on(self, which, y) -> tuple[np.ndarray, np.ndarray]:
    """Slope and offset of some of them along the rows at heights y."""
    slope, offset = self.x.take(which), self.y.take(which)
    offset *= y
    offset += self.offset.take(which)
    return slope, offset

  def at(self, which, x, y) -> np.ndarray:
    """Some of them, each at a point."""
    slope, offset = self.on(which, y)
    return slope * x + offset


class _Sides(NamedTuple):
  """Outlines of t triangles: one long side faces two short ones."""

  top: np.ndarray  # y of the highest, middle and lowest corner
  middle: np.ndarray
  bottom: np.ndarray
  long_slope: np.ndarray  # x over y
  long_offset: np.ndarray
  short_slope: np.ndarray  # (2 t,) of all upper sides, then all lower ones
  short_offset: np.ndarray


def trace(mesh: Mesh, x, y, z, size: int) -> Hits:
  """What size x size samples at (column + 0.5, row + 0.5) see.

  x, y: (v,) projected vertices in samples; z: (v,) their depths in metres.
  """
  keep, area = _facing(mesh, x, y, size)
  second, third, near = _weights(mesh, keep, area, x, y, 1 / z)
  sides = _sides(mesh, keep, x, y)
  top, high = _whole(sides.top, sides.bottom, size)
  nearest = np.full(size * size, EMPTY)
  for start in range(0, len(keep), BLOCK):
    block = slice(start, start + BLOCK)
    which, row = _runs(top[block], high[block])
    which += start
    begin, wide = _chord(sides, which, row + 0.5, size)
    slope, offset = near.on(which, row + 0.5)
    offset += 0.5 * slope - NEAREST
    span, column = _runs(begin, wide)
    closeness = slope.take(span)
    closeness *= column
    closeness += offset.take(span)
    closeness *= -STEPS
    ticket = closeness.astype(np.int64) << TRIANGLE_BITS
    ticket |= which.take(span)
    column += (row * size).take(span)
    np.minimum.at(nearest, column, ticket)
  sample = np.flatnonzero(nearest != EMPTY)
  which = nearest[sample] & ((1 << TRIANGLE_BITS) - 1)
  row = sample // size
  point = which, sample - row * size + 0.5, row + 0.5
  return Hits(
    sample,
    keep[which],
    second.at(*point),
    third.at(*point),
    1 / near.at(*point),
    area[which] < 0,
  )


def splat(x, y, z, size: int, hits: Hits) -> tuple[np.ndarray, ...]:
  """Samples that see points before the surfaces: sample, point, depth, (h,).

  x, y: (n,) projected points in samples, each as large as one; z: (n,) their
  depths in metres.
  """
  inside = np.flatnonzero((x >= 0) & (x < size) & (y >= 0) & (y < size))
  sample = y[inside].astype(np.int64) * size + x[inside].astype(np.int64)
  behind = np.full(size * size, np.inf)
  behind[hits.sample] = hits.depth
  before = z[inside] < behind[sample]
  inside, sample = inside[before], sample[before]
  nearest = np.full(size * size, EMPTY)
  closeness = (1 / z[inside] - NEAREST) * -STEPS
  ticket = (closeness.astype(np.int64) << TRIANGLE_BITS) | inside
  np.minimum.at(nearest, sample, ticket)
  seen = np.flatnonzero(nearest != EMPTY)
  point = nearest[seen] & ((1 << TRIANGLE_BITS) - 1)
  return seen, point, z[point]


def _facing(mesh: Mesh, x, y, size: int) -> tuple[np.ndarray, np.ndarray]:
  """The triangles to draw, and twice their areas, negative from behind."""
  x0, x1, x2 = (x.take(corner) for corner in mesh[:3])
  y0, y1, y2 = (y.take(corner) for corner in mesh[:3])
  # A triangle between the middles of neighbouring samples is not seen.
  seen = _meets(x0, x1, x2, size) & _meets(y0, y1, y2, size)
  area = (x1 - x0) * (y2 - y0) - (y1 - y0) * (x2 - x0)
  seen &= (area > 1e-9) | (mesh.double & (area < -1e-9))
  keep = np.flatnonzero(seen)
  return keep, area[keep]


def _meets(one, two, three, size: int) -> np.ndarray:
  """Whether a sample's middle lies between the least and the largest."""
  low = np.minimum(np.minimum(one, two), three) + 0.5
  high = np.maximum(np.maximum(one, two), three) + 0.5
  return (np.floor(high) > np.floor(low)) & (high > 0.5) & (low < size + 0.5)


def _weights(mesh: Mesh, keep, area, x, y, near) -> tuple[_Affine, ...]:
  """The corners' weights, and 1 / z, of each triangle to draw."""
  first, second, third = (corner[keep] for corner in mesh[:3])
  x0, y0 = x[first], y[first]
  x1, y1 = x[second] - x0, y[second] - y0
  x2, y2 = x[third] - x0, y[third] - y0
  ax, ay = y2 / area, -x2 / area
  bx, by = -y1 / area, x1 / area
  a = _Affine(ax, ay, -ax * x0 - ay * y0)
  b = _Affine(bx, by, -bx * x0 - by * y0)
  base = near[first]
  one, two = near[second] - base, near[third] - base
  depth = (one * p + two * q for p, q in zip(a, b, strict=True))
  slope_x, slope_y, offset = depth
  return a, b, _Affine(slope_x, slope_y, offset + base)


def _sides(mesh: Mesh, keep, x, y) -> _Sides:
  """The outlines of the triangles to draw."""
  top, middle, bottom = (
    (y.take(corner), x.take(corner))
    for corner in (corner[keep] for corner in mesh[:3])
  )
  top, middle = _sorted(top, middle)
  middle, bottom = _sorted(middle, bottom)
  top, middle = _sorted(top, middle)
  long = _line(top, bottom)
  upper, lower = _line(top, middle), _line(middle, bottom)
  return _Sides(
    top[0],
    middle[0],
    bottom[0],
    *long,
    *(np.concatenate(pair) for pair in zip(upper, lower, strict=True)),
  )


def _sorted(one, two) -> tuple[tuple, tuple]:
  """Two (y, x) with the lesser y first, triangle by triangle."""
  swap = one[0] > two[0]
  pairs = list(zip(one, two, strict=True))
  return (
    tuple(np.where(swap, b, a) for a, b in pairs),
    tuple(np.where(swap, a, b) for a, b in pairs),
  )


def _line(start, stop) -> tuple[np.ndarray, np.ndarray]:
  """Slope and offset of x over y through two points (y, x)."""
  slope = (stop[1] - start[1]) / np.maximum(stop[0] - start[0], 1e-12)
  return slope, start[1] - slope * start[0]


def _whole(low, high, size: int) -> tuple[np.ndarray, np.ndarray]:
  """First sample, and how many, between two real bounds."""
  # Adding one half and cutting the fraction off is a fast ceiling of x - 0.5;
  # a bound exactly between two integers goes to either side.
  begin = (np.minimum(np.maximum(low, 0), size) + 0.5).astype(np.int64)
  end = (np.minimum(np.maximum(high, 0), size) + 0.5).astype(np.int64)
  return begin, np.maximum(end - begin, 0)


def _chord(sides: _Sides, which, y, size: int):
  """The samples of rows y in triangles `which`: first, and how many.

  Neighbours compute their common side alike, so that no crack opens.
  """
  one = sides.long_slope.take(which)
  one *= y
  one += sides.long_offset.take(which)
  short = which + len(sides.middle) * (y >= sides.middle.take(which))
  two = sides.short_slope.take(short)
  two *= y
  two += sides.short_offset.take(short)
  return _whole(np.minimum(one, two), np.maximum(one, two), size)


def _runs(begin, count) -> tuple[np.ndarray, np.ndarray]:
  """All (i, begin[i] + j) with j < count[i], in order."""
  which = np.repeat(np.arange(len(count)), count)
  start = begin - (np.cumsum(count) - count)
  return which, np.arange(len(which)) + start.take(which)
