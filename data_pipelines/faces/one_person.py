"""Follows one person through a video: where he is, in each shot, and where not.

Faces are followed as for data sets (see `follow`). Who returns after a cut, or
after he had left the picture, is known by his face.
"""

import itertools
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.boxes import Square, clip_square
from data_pipelines.faces.find import Face, FaceFinder
from data_pipelines.faces.follow import Track, Watched, choose, watch_faces

PEOPLE = ('largest', 'first')
_LOOKS = 8  # a second
_BRIDGE = Fraction(1, 4)  # of a second; who is hidden for longer is recognised
_LEAST = 3  # frames; a face that is seen for less is probably none
_SAME = 0.6  # dlib's own limit between pictures of one person
_PROBES = 3  # pictures by which a track's person is known
_MOST = 40  # tracks whose people are told apart, the largest ones
_ALIKE = 0.5  # shared part of two shots' squares that make one


class Followed(NamedTuple):
  """One person in a video of t frames."""

  squares: dict[int, Square]  # by the frame from which on each counts, from 0
  seen: Bool[np.ndarray, 't']  # whether the person is in the frame
  replaced: Bool[np.ndarray, 't']  # whether somebody else is there instead
  cuts: list[int]  # the frames with which new shots begin
  others: list[Square]  # of people who share frames with him


def follow_person(
  frames: Iterable[np.ndarray],
  finder: FaceFinder,
  person: str,
  rate: Fraction | float,
) -> Followed | None:
  """Follows the person whom a video shows, or one of several.

  Args:
    frames: uint8 (h, w, 3), which can be gone through again.
    finder: finds the faces.
    person: 'largest', who covers the most of the video, or 'first', whose face
      is the largest where the first ones are seen.
    rate: frames per second.

  Returns:
    None where there is no face at all.
  """
  watched = watch_faces(
    frames,
    finder,
    bridge=round(_BRIDGE * Fraction(rate)),
    every=max(1, round(rate / _LOOKS)),
    exact=True,
  )
  lasting = [t for t in watched.tracks if len(t.faces) >= _LEAST]
  tracks = lasting or watched.tracks
  if not tracks:
    return None
  people = _tell_apart(tracks, frames, finder)
  chosen = _choose_person(people, person)
  mine = choose(chosen, 'largest')
  ours = set(map(id, chosen))
  theirs = [track for track in tracks if id(track) not in ours]
  seen = _mark(mine, watched.count)
  return Followed(
    _frame_shots(mine, watched),
    seen,
    ~seen & _mark(theirs, watched.count),
    watched.cuts,
    [
      clip_square(t) for t in theirs if (_mark([t], watched.count) & seen).any()
    ],
  )


def spans(marked: Bool[np.ndarray, 't']) -> list[tuple[int, int]]:
  """First and last index of every run of marked frames."""
  edges = np.flatnonzero(np.diff(np.pad(marked.astype(np.int8), 1)))
  return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2)]


def _tell_apart(
  tracks: list[Track], frames: Iterable[np.ndarray], finder: FaceFinder
) -> list[list[Track]]:
  """The tracks of each person, or of all where faces cannot be told apart."""
  if len(tracks) == 1:
    return [tracks]
  largest = sorted(tracks, key=_area, reverse=True)[:_MOST]
  try:
    known = _identify(largest, frames, finder)
  except DataError:  # nothing is installed that tells faces apart
    return [largest]
  people: list[list[Track]] = []
  faces: list[np.ndarray] = []
  for track, identity in zip(largest, known, strict=True):
    distances = [np.linalg.norm(identity - other) for other in faces]
    nearest = int(np.argmin(distances)) if distances else None
    if nearest is not None and distances[nearest] < _SAME:
      people[nearest].append(track)
    else:
      people.append([track])
      faces.append(identity)
  return people


def _identify(
  tracks: list[Track], frames: Iterable[np.ndarray], finder: FaceFinder
) -> list[np.ndarray]:
  """The mean of a few embeddings of each track's face."""
  wanted: dict[int, list[tuple[int, int]]] = {}
  for number, track in enumerate(tracks):
    found = [k for k, face in enumerate(track.faces) if face is not None]
    places = np.linspace(0, len(found) - 1, _PROBES).round().astype(int)
    for place in {found[k] for k in places}:
      wanted.setdefault(track.start + place, []).append((number, place))
  known: list[list[np.ndarray]] = [[] for _ in tracks]
  for index, frame in enumerate(itertools.islice(frames, max(wanted) + 1)):
    for number, place in wanted.get(index, ()):
      face = tracks[number].faces[place]
      known[number].append(finder.identity(frame, face))
  return [np.mean(some, axis=0) for some in known]


def _choose_person(people: list[list[Track]], person: str) -> list[Track]:
  if person == 'largest':
    return max(people, key=lambda tracks: sum(map(_area, tracks)))
  if person != 'first':
    raise DataError(f'person is {person!r}; choose from {", ".join(PEOPLE)}')
  start = min(track.start for tracks in people for track in tracks)

  def first_size(tracks: list[Track]) -> float:
    return max(_size(t.faces[0]) if t.start == start else 0.0 for t in tracks)

  return max(people, key=first_size)


def _frame_shots(mine: list[Track], watched: Watched) -> dict[int, Square]:
  """A square for each shot; those of shots that hardly differ are one."""
  edges = [0, *watched.cuts, watched.count]
  framed: list[tuple[int, Track]] = []  # all faces of shots, as one track
  for begin, end in itertools.pairwise(edges):
    faces = [f for t in mine if begin <= t.start < end for f in t.faces]
    if not faces:
      continue  # nobody to be framed: as before
    if framed:
      start, before = framed[-1]
      both = Track(start, (*before.faces, *faces))
      if clip_square(before).overlap(clip_square(Track(0, faces))) > _ALIKE:
        framed[-1] = start, both
        continue
    framed.append((begin if framed else 0, Track(begin, tuple(faces))))
  return {start: clip_square(track) for start, track in framed}


def _mark(tracks: Sequence[Track], count: int) -> Bool[np.ndarray, 't']:
  """The frames in which a face of some tracks is."""
  marked = np.zeros(count, bool)
  for track in tracks:
    for index, face in enumerate(track.faces, track.start):
      marked[index] |= face is not None
  return marked


def _area(track: Track) -> float:
  return sum(_size(face) for face in track.faces if face is not None)


def _size(face: Face) -> float:
  return float(np.prod(face.box[2:] - face.box[:2]))
