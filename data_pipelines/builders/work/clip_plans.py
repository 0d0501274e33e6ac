"""Plans the clips of a video: which frames, whose face, what square."""

import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from data_pipelines.builders.work.jobs import (
  Job,
  Recipe,
)
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces import (
  boxes,
  follow,
)
from data_pipelines.faces.boxes import Square
from data_pipelines.faces.find import (
  Face,
  FaceFinder,
)
from data_pipelines.faces.follow import Track
from data_pipelines.media import video_reader

LEAST_VIDEO = 40  # pixels: in less no face is found
LEAST_SHARE = 0.5  # of the frames in a given box must show a face


class Plan(NamedTuple):
  """A clip to be cropped."""

  start: int  # its first frame
  faces: tuple[Face | None, ...]  # of each frame, in pixels of the video
  square: Square


class _Counted:
  """Passes frames on and counts them."""

  def __init__(self, frames: Iterable[np.ndarray]):
    self._frames = frames
    self.count = 0

  def __iter__(self) -> Iterator[np.ndarray]:
    for frame in self._frames:
      self.count += 1
      yield frame


def plan_clips(
  job: Job,
  recipe: Recipe,
  video: video_reader.Video,
  notes: list[str],
  finder: FaceFinder,
) -> list[Plan]:
  """Returns the clips to be made of a video, or of a job's part of it.

  Args:
    job: the part, and its box if one is given.
    recipe: whom to take, and for how long.
    video: opened at the recipe's rate.
    notes: gets one for what of the video is left out, as where it breaks off.
    finder: finds the faces.

  Raises:
    DataError: there is none; it says why.
  """
  width, height = video.probe.width, video.probe.height
  if min(width, height) < LEAST_VIDEO:
    raise DataError(
      f'{width} x {height} pixels are too few to find a face; {LEAST_VIDEO}'
      ' are needed'
    )
  frames = _Counted(video)
  if job.box:
    square = box_square(job, width, height)
    found, why = _plan_box(square, recipe, frames, finder)
  else:
    found, why = _plan_people(recipe, frames, finder)
  notes.extend(f'{job.name}: {note}' for note in video.notes)
  if video.broken:
    where = str(video.broken).removeprefix(f'{video.path}: ')
    notes.append(f'{job.name}: used up to where it {where}')
  if frames.count < recipe.least:
    raise DataError(
      f'{frames.count} frames at {float(recipe.fps):g} a second; a clip needs'
      f' {recipe.least}'
    )
  if not found:
    raise DataError(why)
  return found


def box_square(job: Job, width: int, height: int) -> Square:
  """The square around a job's box, in a video of that many pixels.

  The lists of VoxCeleb have boxes that are not square: it reaches around them,
  for pictures are never squashed.
  """
  listed = job.box_size or (width, height)
  down = height / listed[1]
  across = width / listed[0] if listed[0] else down
  left, top, right, bottom = job.box
  side = max((right - left) * across, (bottom - top) * down)
  return Square(
    (left + right) / 2 * across - side / 2,
    (top + bottom) / 2 * down - side / 2,
    side,
  )


def divide(track: Track, longest: int, least: int) -> list[Track]:
  """Divides a track into parts of about the same length, `longest` at most.

  Each begins and ends with a face that was seen; those are left out that then
  have fewer than `least` frames.
  """
  count = -(-len(track.faces) // longest)
  bounds = [len(track.faces) * k // count for k in range(count + 1)]
  parts = []
  for begin, end in itertools.pairwise(bounds):
    seen = [k for k in range(begin, end) if track.faces[k] is not None]
    if seen and seen[-1] + 1 - seen[0] >= least:
      part = track.faces[seen[0] : seen[-1] + 1]
      parts.append(Track(track.start + seen[0], part))
  return parts


def _plan_people(
  recipe: Recipe, frames: _Counted, finder: FaceFinder
) -> tuple[list[Plan], str]:
  """The clips of the people who are wanted, or why there is none."""
  tracks = follow.follow_faces(
    frames, finder, bridge=recipe.bridge, least=recipe.least
  )
  parts = [
    part
    for track in follow.choose(tracks, recipe.people)
    for part in divide(track, recipe.longest, recipe.least)
  ]
  why = (
    f'no person {recipe.people!r}: never so many at once'
    if tracks
    else f'no face that could be followed for {recipe.least} frames'
  )
  squares = map(boxes.clip_square, parts)
  return [Plan(*part, s) for part, s in zip(parts, squares, strict=True)], why


def _plan_box(
  square: Square, recipe: Recipe, frames: _Counted, finder: FaceFinder
) -> tuple[list[Plan], str]:
  """The clip in a square, or why there is none.

  Faces are looked for in the crop: there they have a size that can be found.
  """
  crops = (boxes.crop(frame, square, recipe.size) for frame in frames)
  largest: dict[int, Face] = {}
  for track in follow.follow_faces(crops, finder, bridge=0, least=1):
    for index, face in enumerate(track.faces, track.start):
      if height(face) > height(largest.get(index)):
        largest[index] = face
  why = (
    f'a face in only {len(largest)} of the {frames.count} frames of the given'
    ' box; is it another version of the video?'
  )
  if len(largest) < LEAST_SHARE * frames.count:
    return [], why
  faces = [
    _to_video(largest.get(k), square, recipe.size) for k in range(frames.count)
  ]
  return [Plan(0, tuple(faces), square)], why


def _to_video(face: Face | None, square: Square, size: int) -> Face | None:
  """A face of a crop, in pixels of the video."""
  if face is None:
    return None
  corner, scale = np.array(square[:2]), square.side / size
  box = np.tile(corner, 2) + scale * face.box
  points = corner + scale * face.landmarks
  return Face(box.astype(np.float32), points.astype(np.float32))


def height(face: Face | None) -> float:
  return 0.0 if face is None else float(face.box[3] - face.box[1])
