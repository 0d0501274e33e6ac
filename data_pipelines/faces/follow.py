"""Follows faces through a video, from one cut to the next."""

import bisect
import collections
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from etils import epy

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.find import (
  Face,
  FaceFinder,
)
from data_pipelines.faces.shots import Cuts

with epy.lazy_imports():  # slow, and few programs need it
  from scipy import optimize

_OVERLAP = 0.25  # two boxes' intersection over their union, if they are linked
_PACE = 5  # sightings that tell how fast a face moves


class Track(NamedTuple):
  """One face without a break, in frame `start` and those that follow it."""

  start: int
  faces: tuple[Face | None, ...]  # None: lost but found again; not at the ends


class _Look(NamedTuple):
  """A frame that was searched."""

  index: int
  faces: list[Face]


class _Sighting(NamedTuple):
  """A face in such a frame."""

  look: int  # counts the searched frames of a shot
  index: int
  face: Face


class Watched(NamedTuple):
  """What is seen of the faces in a video."""

  tracks: list[Track]  # in the order of their starts
  cuts: list[int]  # the frames with which new shots begin
  count: int  # of the frames


def follow_faces(
  frames: Iterable[np.ndarray],
  finder: FaceFinder,
  *,
  bridge: int = 12,
  least: int = 25,
  every: int = 2,
) -> list[Track]:
  """Returns the tracks of all faces in a video, in the order of their starts.

  See `watch_faces`.

  Args:
    frames: uint8 (h, w, 3) RGB.
    finder: finds the faces.
    bridge: a face that is lost for at most so many frames is still followed.
    least: tracks of fewer frames are dropped.
    every: one frame in so many is searched.
  """
  found = watch_faces(frames, finder, bridge=bridge, every=every).tracks
  return [track for track in found if len(track.faces) >= least]


def watch_faces(
  frames: Iterable[np.ndarray],
  finder: FaceFinder,
  *,
  bridge: int,
  every: int,
  exact: bool = False,
) -> Watched:
  """Follows all faces in a video, from one cut to the next.

  A face continues a track when its box overlaps the place where the face of the
  track would now be, had it moved on at its pace: people may pass one another.
  Tracks end at cuts. At most `every` frames are held at a time.

  Args:
    frames: uint8 (h, w, 3) RGB.
    finder: finds the faces.
    bridge: a face that is lost for at most so many frames is still followed.
    every: one frame in so many is searched, and also the last one and the
      frames on both sides of a possible cut. Between them faces are
      interpolated.
    exact: whether the frames between are searched as well where somebody comes
      or goes, so that tracks begin and end with the very frame.
  """
  cuts = Cuts()
  looks = list(_looks(frames, finder, every, cuts, exact))
  beginnings = cuts.beginnings()
  found = []
  for _, shot in itertools.groupby(
    looks, lambda look: bisect.bisect(beginnings, look.index)
  ):
    found += map(_track, _link(shot, patience=bridge + every))
  return Watched(found, beginnings, cuts.count)


def choose(tracks: Sequence[Track], people: str) -> list[Track]:
  """Returns the tracks of some of the people, in their order.

  People are compared with those whom the same frames show: who is alone between
  two cuts is the largest, the leftmost and number '0' there. Except for 'all',
  no two of the tracks share a frame.

  Args:
    tracks: those of one video.
    people: 'largest' (covers the most pixels, summed over the frames),
      'leftmost', 'all', or a number that counts from the left, from '0'.

  Raises:
    DataError: `people` is none of these.
  """
  if people == 'all':
    return list(tracks)
  if people == 'largest':
    found = _largest(tracks)
  elif people == 'leftmost' or people.isdecimal():
    place = 0 if people == 'leftmost' else int(people)
    found = [track for track, at in _places(tracks) if at == place]
  else:
    raise DataError(
      f"people is {people!r}; choose 'largest', 'leftmost', 'all' or a number"
      " that counts from the left, from '0'"
    )
  return sorted(found, key=lambda track: track.start)


def _looks(
  frames: Iterable[np.ndarray],
  finder: FaceFinder,
  every: int,
  cuts: Cuts,
  exact: bool,
) -> Iterator[_Look]:
  """Searches frames, and shows all of them to `cuts`."""
  # Frames since the last look, not searched: all, or the last one alone.
  passed = collections.deque(maxlen=None if exact else 1)
  seen = 0  # faces, in the last look
  for index, frame in enumerate(frames):
    perhaps_cut = cuts.see(frame)
    if perhaps_cut and passed:
      before = _Look(index - 1, finder.find(passed.pop()))
      yield from _look_between(passed, before, seen, finder, exact)
      yield before
      seen = len(before.faces)
      passed.clear()
    if perhaps_cut or index % every == 0:
      look = _Look(index, finder.find(frame))
      yield from _look_between(passed, look, seen, finder, exact)
      yield look
      seen = len(look.faces)
      passed.clear()
    else:
      passed.append(frame)
    last = index
  if passed:
    look = _Look(last, finder.find(passed.pop()))
    yield from _look_between(passed, look, seen, finder, exact)
    yield look


def _look_between(
  passed: Sequence[np.ndarray],
  look: _Look,
  seen: int,
  finder: FaceFinder,
  exact: bool,
) -> Iterator[_Look]:
  """Searches the frames before a look if it sees more faces, or fewer."""
  if exact and len(look.faces) != seen:
    for index, frame in enumerate(passed, look.index - len(passed)):
      yield _Look(index, finder.find(frame))


def _link(looks: Iterable[_Look], patience: int) -> list[list[_Sighting]]:
  """Divides the sightings of a shot among paths, one for each face.

  patience: frames from one sighting of a face to the next, at most.
  """
  paths = []
  for number, (index, faces) in enumerate(looks):
    alive = [path for path in paths if index - path[-1].index <= patience]
    expected = [_expect(path, index) for path in alive]
    matches = _matches(expected, [face.box for face in faces])
    for place, face in enumerate(faces):
      sighting = _Sighting(number, index, face)
      if place in matches:
        alive[matches[place]].append(sighting)
      else:
        paths.append([sighting])
  return paths


def _expect(path: list[_Sighting], index: int) -> np.ndarray:
  """A face's last box (4,), moved to frame `index` as fast as it moved."""
  last, earlier = path[-1], path[-_PACE:][0]
  if last is earlier:
    return last.face.box
  moved = (last.face.box - earlier.face.box).reshape(2, 2).mean(axis=0)
  pace = moved / (last.index - earlier.index)
  return last.face.box + np.tile(pace * (index - last.index), 2)


def _matches(
  expected: list[np.ndarray], boxes: list[np.ndarray]
) -> dict[int, int]:
  """The index of the expected box for each box that continues a path.

  Of all ways to pair them, the one of the largest summed overlap.
  """
  if not expected or not boxes:
    return {}
  overlaps = _overlaps(np.array(expected)[:, None], np.array(boxes))
  overlaps[overlaps < _OVERLAP] = 0
  if overlaps.size == 1:  # as a rule, and SciPy takes a second to import
    pairs = [(0, 0)]
  else:
    chosen = optimize.linear_sum_assignment(overlaps, maximize=True)
    pairs = zip(*chosen, strict=True)
  return {box: known for known, box in pairs if overlaps[known, box] > 0}


def _overlaps(one: np.ndarray, other: np.ndarray) -> np.ndarray:
  """Intersection over union of boxes (..., 4)."""
  low = np.maximum(one[..., :2], other[..., :2])
  high = np.minimum(one[..., 2:], other[..., 2:])
  shared = np.maximum(high - low, 0).prod(axis=-1)
  return shared / (_area(one) + _area(other) - shared)


def _area(box: np.ndarray) -> np.ndarray:
  return (box[..., 2:] - box[..., :2]).prod(axis=-1)


def _track(path: list[_Sighting]) -> Track:
  """Fills in what lies between the sightings."""
  faces = [path[0].face]
  for one, other in itertools.pairwise(path):
    gap = other.index - one.index
    if other.look > one.look + 1:
      faces += [None] * (gap - 1)
    else:
      faces += [_between(one.face, other.face, k / gap) for k in range(1, gap)]
    faces.append(other.face)
  return Track(path[0].index, tuple(faces))


def _between(one: Face, other: Face, share: float) -> Face:
  pairs = zip(one, other, strict=True)
  return Face(*(a + share * (b - a) for a, b in pairs))


def _largest(tracks: Sequence[Track]) -> list[Track]:
  found = []
  for track in sorted(tracks, key=_covered_area, reverse=True):
    if not any(_meet(track, other) for other in found):
      found.append(track)
  return found


def _places(tracks: Sequence[Track]) -> list[tuple[Track, int]]:
  """Each track with its place from the left among those whom it meets."""
  placed = []
  for track in sorted(tracks, key=_middle):
    met = [place for other, place in placed if _meet(track, other)]
    placed.append((track, max(met, default=-1) + 1))
  return placed


def _meet(one: Track, other: Track) -> bool:
  """Whether two tracks share a frame."""
  ends = (track.start + len(track.faces) for track in (one, other))
  return max(one.start, other.start) < min(ends)


def _covered_area(track: Track) -> float:
  return float(_area(_boxes(track)).sum())


def _middle(track: Track) -> float:
  return float(np.median(_boxes(track)[:, [0, 2]].mean(axis=1)))


def _boxes(track: Track) -> np.ndarray:
  """(n, 4): of the frames in which the face was not lost."""
  return np.stack([face.box for face in track.faces if face is not None])
