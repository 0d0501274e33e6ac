"""A z-buffer for thousands of small triangles at once, without a loop."""

from typing import NamedTuple

import numpy as np

EMPTY = np.int64(1) << 62
TRIANGLE_BITS = 24
NEAREST = 16.0  # 1 / m; nothing comes nearer to the camera than its inverse
STEPS = 2.0**30  # per 1 / m; surfaces nearer to each other may swap
BLOCK = 2500  # triangles at once: as many as fit a processor's cache


class Mesh(NamedTuple):
  """Triangles: numbers t of three vertices each, clockwise from outside."""

  first: np.ndarray
  second: np.ndarray
  third: np.ndarray
  double: np.ndarray  # whether the inside is seen, too


class Points(NamedTuple):
  """Points in a picture."""

  x: np.ndarray  # (p,) samples
  y: np.ndarray  # samples
  z: np.ndarray  # metres from the camera


class Hits(NamedTuple):
  """The nearest triangle at the n samples that see any."""

  sample: np.ndarray  # (n,) flat sample number
  triangle: np.ndarray  # (n,)
  second: np.ndarray  # (n,) weight of the triangle's second corner
  third: np.ndarray  # (n,) and of its third
  depth: np.ndarray  # (n,) metres
  inside: np.ndarray  # (n,) seen from behind


class Dots(NamedTuple):
  """The nearest point at the h samples that see one before all triangles."""

  sample: np.ndarray  # (h,) flat sample number
  point: np.ndarray  # (h,)
  depth: np.ndarray  # (h,) metres


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


NONE = Points(*np.empty((3, 0)))


def trace(
  mesh: Mesh, vertices: Points, size: int, points: Points = NONE
) -> tuple[Hits, Dots]:
  """What size x size samples at (column + 0.5, row + 0.5) see.

  Of the mesh, and of `points` that are each as large as a sample.
  """
  keep, area, x, y = _facing(mesh, vertices, size)
  near = 1 / vertices.z
  near = [near.take(corner.take(keep)) for corner in mesh[:3]]
  second, third, near = _weights(area, x, y, near)
  nearest = np.full(size * size, EMPTY)
  _draw_triangles(nearest, _sides(x, y), near, size)
  _draw_points(nearest, points, len(keep), size)
  seen = np.flatnonzero(nearest != EMPTY)
  ticket = nearest.take(seen)
  number = ticket & ((1 << TRIANGLE_BITS) - 1)
  is_point = number >= len(keep)
  dot = np.flatnonzero(is_point)
  point = number.take(dot) - len(keep)
  surface = np.flatnonzero(~is_point)
  sample, which = seen.take(surface), number.take(surface)
  row = sample // size
  at = which, sample - row * size + 0.5, row + 0.5
  closeness = ticket.take(surface) >> TRIANGLE_BITS
  hits = Hits(
    sample,
    keep.take(which),
    second.at(*at),
    third.at(*at),
    1 / (NEAREST - closeness / STEPS),
    (area < 0).take(which),
  )
  return hits, Dots(seen.take(dot), point, points.z.take(point))


def _draw_triangles(nearest, sides: _Sides, near: _Affine, size: int) -> None:
  """Leaves at each sample the ticket of the nearest triangle.

  A ticket is how far away a triangle is, before its number.
  """
  top, high = _whole(sides.top, sides.bottom, size)
  for start in range(0, len(top), BLOCK):
    block = slice(start, start + BLOCK)
    which, row = _runs(top[block], high[block])
    which += start
    begin, wide = _chord(sides, which, row + 0.5, size)
    slope, offset = near.on(which, row + 0.5)
    # Sample i of all has the column i + first[its chord].
    first = begin - (np.cumsum(wide) - wide)
    slope *= -STEPS
    offset -= NEAREST
    offset *= -STEPS
    offset += slope * (first + 0.5)
    chord = np.repeat(np.arange(len(wide)), wide)
    sample = np.arange(len(chord))
    closeness = slope.take(chord)
    closeness *= sample
    closeness += offset.take(chord)
    ticket = closeness.astype(np.int64)
    ticket <<= TRIANGLE_BITS
    ticket |= which.take(chord)
    first += row * size
    sample += first.take(chord)
    np.minimum.at(nearest, sample, ticket)


def _draw_points(nearest, points: Points, count: int, size: int) -> None:
  """The same of points, whose numbers count from `count`."""
  x, y, z = points
  inside = np.flatnonzero((x >= 0) & (x < size) & (y >= 0) & (y < size))
  sample = y.take(inside).astype(np.int64) * size
  sample += x.take(inside).astype(np.int64)
  closeness = (1 / z.take(inside) - NEAREST) * -STEPS
  ticket = closeness.astype(np.int64) << TRIANGLE_BITS
  inside += count
  ticket |= inside
  np.minimum.at(nearest, sample, ticket)


def _facing(mesh: Mesh, vertices: Points, size: int):
  """The triangles to draw, twice their areas, negative from behind, and their
  corners' x and y, each as three arrays.
  """
  x, y = (
    [axis.take(corner) for corner in mesh[:3]]
    for axis in (vertices.x, vertices.y)
  )
  area = (x[1] - x[0]) * (y[2] - y[0]) - (y[1] - y[0]) * (x[2] - x[0])
  keep = np.flatnonzero((area > 1e-9) | (mesh.double & (area < -1e-9)))
  x, y = ([each.take(keep) for each in axis] for axis in (x, y))
  # A triangle between the middles of neighbouring samples is not seen.
  seen = np.flatnonzero(_meets(*x, size) & _meets(*y, size))
  x, y = ([each.take(seen) for each in axis] for axis in (x, y))
  keep = keep.take(seen)
  return keep, area.take(keep), x, y


def _meets(one, two, three, size: int) -> np.ndarray:
  """Whether a sample's middle lies between the least and the largest."""
  low = np.minimum(np.minimum(one, two), three) + 0.5
  high = np.maximum(np.maximum(one, two), three) + 0.5
  return (np.floor(high) > np.floor(low)) & (high > 0.5) & (low < size + 0.5)


def _weights(area, x, y, near) -> tuple[_Affine, ...]:
  """The second and third corner's weights, and 1 / z, of triangles to draw."""
  (x0, x1, x2), (y0, y1, y2) = x, y
  x1, y1, x2, y2 = x1 - x0, y1 - y0, x2 - x0, y2 - y0
  ax, ay = y2 / area, -x2 / area
  bx, by = -y1 / area, x1 / area
  a = _Affine(ax, ay, -ax * x0 - ay * y0)
  b = _Affine(bx, by, -bx * x0 - by * y0)
  base, one, two = near
  one, two = one - base, two - base
  depth = (one * p + two * q for p, q in zip(a, b, strict=True))
  slope_x, slope_y, offset = depth
  return a, b, _Affine(slope_x, slope_y, offset + base)


def _sides(x, y) -> _Sides:
  """The outlines of the triangles to draw."""
  top, middle, bottom = zip(y, x, strict=True)
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
