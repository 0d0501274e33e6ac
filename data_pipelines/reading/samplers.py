"""Which frames a training or test example shows.

A sampler knows names and numbers, never pixels: what it draws is a pure
function of its arguments, and only what it draws is decoded.
"""

import functools
import logging
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.wording import list_few
from data_pipelines.reading.clips import Clip

ORDER, FRAMES = 0, 1  # streams of random numbers: of faces, and of their frames

log = logging.getLogger(__name__)


class Sample(NamedTuple):
  """Some frames of one clip of one face."""

  clip: int  # index into a source's clips
  frames: tuple[int, ...]  # indices; of a pair: source, driving
  weight: float = 1.0  # 0: it only fills up a batch, count it for nothing
  place: int = 0  # in the list of a test split


class RandomPair:
  """The endless sequence of training pairs: position to (source, driving).

  As in FOMM: faces come in random order, one clip of the face is drawn, then
  two of the clip's frames with replacement. The earlier one is the source.
  """

  def __init__(self, clips: Sequence[Clip], seed: int):
    self._frames = tuple(clip.frames for clip in clips)
    self._clip = _RandomClip(clips, range(len(clips)), seed)

  def __call__(self, position: int) -> Sample:
    """Returns the pair at a position, 0, 1, ... without end."""
    clip, generator = self._clip(position)
    pair = generator.integers(self._frames[clip], size=2)
    return Sample(clip, tuple(sorted(pair.tolist())))


class RandomNeighbours:
  """The endless sequence of training moments: position to near frames.

  Faces and clips are drawn as for RandomPair. Then the gap between frames is
  drawn from 1, ..., frame_gap, or less where the clip is short, and the first
  frame from all that leave room for the others. Frames ascend: (t, t + gap) for
  two views, (t - gap, t, t + gap) for three.
  """

  def __init__(
    self, clips: Sequence[Clip], seed: int, views: int, frame_gap: int
  ):
    """Raises DataError when no clip has as many frames as there are views."""
    long = _long_enough(clips, views, frame_gap)
    self._clip = _RandomClip(clips, long, seed)
    self._frames = tuple(clip.frames for clip in clips)
    self._views, self._frame_gap = views, frame_gap

  def __call__(self, position: int) -> Sample:
    """Returns the moment at a position, 0, 1, ... without end."""
    clip, generator = self._clip(position)
    frames, views = self._frames[clip], self._views
    widest = _widest_gap(frames, views, self._frame_gap)
    gap = int(generator.integers(1, widest + 1))
    start = int(generator.integers(frames - gap * (views - 1)))
    return Sample(clip, _neighbours(start, gap, views))


class _RandomClip:
  """A clip for each position, and the generator that draws its frames.

  With n faces, each run of n positions shows every face once, however many
  clips there are of it. Grain's own shuffle is slow when there are few faces.
  """

  def __init__(self, clips: Sequence[Clip], usable: Sequence[int], seed: int):
    by_identity = {}
    for index in usable:
      by_identity.setdefault(clips[index].identity, []).append(index)
    self._faces = tuple(by_identity.values())
    self._seed = seed

  def __call__(self, position: int) -> tuple[int, np.random.Generator]:
    epoch, place = divmod(position, len(self._faces))
    face = _permutation(self._seed, epoch, len(self._faces))[place]
    generator = _generator(self._seed, FRAMES, position)
    clips = self._faces[face]
    return clips[generator.integers(len(clips))], generator


@functools.lru_cache(maxsize=8)  # prefetching threads may straddle epochs
def _permutation(seed: int, epoch: int, length: int) -> np.ndarray:
  return _generator(seed, ORDER, epoch).permutation(length)


def _generator(seed: int, stream: int, counter: int) -> np.random.Generator:
  """A generator that depends on nothing but its arguments."""
  key = [seed % 2**64, stream]
  # Drawing counts up the first word: counters that differ in the last one give
  # sequences that never meet.
  philox = np.random.Philox(counter=[0, 0, 0, counter], key=key)
  return np.random.Generator(philox)


class RandomSequence:
  """The endless sequence of training windows: position to frames in a row.

  Faces and clips are drawn as for RandomPair, then where the window begins.
  """

  def __init__(self, clips: Sequence[Clip], seed: int, length: int):
    """Raises DataError when no clip has `length` frames."""
    self._clip = _RandomClip(clips, _hold(clips, length), seed)
    self._frames = tuple(clip.frames for clip in clips)
    self._length = length

  def __call__(self, position: int) -> Sample:
    """Returns the window at a position, 0, 1, ... without end."""
    clip, generator = self._clip(position)
    start = int(generator.integers(self._frames[clip] - self._length + 1))
    return Sample(clip, tuple(range(start, start + self._length)))


def first_frame_drives_all(
  clips: Sequence[Clip], driving_frames: int
) -> list[Sample]:
  """Returns test pairs: each clip's first frame, driven by its later ones.

  Args:
    clips: the test clips, of two frames at least.
    driving_frames: how many driving frames a clip gives, spread evenly up to
      its last; 0 means all of them. A shorter clip gives what it has.
  """
  pairs = []
  for index, clip in enumerate(clips):
    last = clip.frames - 1
    count = min(driving_frames or last, last)
    spread = np.linspace(0, last, count + 1).round().astype(int)[1:]
    pairs += [Sample(index, (0, frame)) for frame in spread.tolist()]
  return pairs


def spread_neighbours(
  clips: Sequence[Clip], count: int, views: int, frame_gap: int
) -> list[Sample]:
  """Returns test moments: near frames, from all over each clip.

  Args:
    clips: the test clips; those of fewer frames than views are left out.
    count: how many moments a clip gives, spread evenly; 0 means all of them.
      A shorter clip gives what it has.
    views: frames of a moment, 2 or 3.
    frame_gap: from one frame to the next, or the widest that the clip allows.

  Raises:
    DataError: no clip has as many frames as there are views.
  """
  moments = []
  for index in _long_enough(clips, views, frame_gap):
    frames = clips[index].frames
    gap = _widest_gap(frames, views, frame_gap)
    starts = frames - gap * (views - 1)
    taken = min(count or starts, starts)
    # The middles of as many equal parts.
    spread = [(2 * k + 1) * starts // (2 * taken) for k in range(taken)]
    moments += [Sample(index, _neighbours(k, gap, views)) for k in spread]
  return moments


def spread_sequences(
  clips: Sequence[Clip], count: int, length: int
) -> list[Sample]:
  """Returns test windows: frames in a row, spread evenly over each clip.

  Args:
    clips: the test clips; those of fewer frames than `length` are left out.
    count: how many windows a clip gives at most, and no more than fit into it
      side by side; 0 means so many.
    length: frames of a window.

  Raises:
    DataError: no clip has `length` frames.
  """
  windows = []
  for index in _hold(clips, length):
    room = clips[index].frames - length
    fit = clips[index].frames // length
    taken = min(count or fit, fit)
    starts = np.linspace(0, room, taken).astype(int) if taken > 1 else [0]
    windows += [
      Sample(index, tuple(range(start, start + length)))
      for start in map(int, starts)
    ]
  return windows


def spread_clips(count: int, most: int) -> Sequence[int]:
  """Indices of at most `most` of `count` clips, spread evenly; 0: of all."""
  if not most or count <= most:
    return range(count)
  return [(2 * k + 1) * count // (2 * most) for k in range(most)]


def fill_up(samples: list[Sample], multiple: int) -> list[Sample]:
  """Repeats the last sample, at weight 0, up to a multiple of samples."""
  missing = -len(samples) % multiple
  return samples + [samples[-1]._replace(weight=0.0)] * missing


def _long_enough(
  clips: Sequence[Clip], views: int, frame_gap: int
) -> list[int]:
  """Indices of the clips that have a frame for each view."""
  if views not in (2, 3):
    raise DataError(f'data.views is {views}: it must be 2 or 3')
  if frame_gap < 1:
    raise DataError(f'data.frame_gap is {frame_gap}: it must be at least 1')
  return _choose_long(clips, 'views', views)


def _hold(clips: Sequence[Clip], length: int) -> list[int]:
  """Indices of the clips that have so many frames in a row."""
  if length < 2:
    raise DataError(f'data.sequence is {length}: it must be at least 2')
  return _choose_long(clips, 'sequence', length)


def _choose_long(clips: Sequence[Clip], field: str, least: int) -> list[int]:
  """Indices of the clips of so many frames, as a field of `data` asks for."""
  long = [index for index, clip in enumerate(clips) if clip.frames >= least]
  if not long:
    raise DataError(
      f'data.{field} is {least}: none of the {len(clips)} clips has as many'
      ' frames; longer clips are needed'
    )
  if len(long) < len(clips):
    log.warning(
      '%d of %d clips left out: fewer than %d frames (%s)',
      len(clips) - len(long),
      len(clips),
      least,
      list_few(clip.name for clip in clips if clip.frames < least),
    )
  return long


def _widest_gap(frames: int, views: int, frame_gap: int) -> int:
  return min(frame_gap, (frames - 1) // (views - 1))


def _neighbours(start: int, gap: int, views: int) -> tuple[int, ...]:
  return tuple(range(start, start + gap * views, gap))
