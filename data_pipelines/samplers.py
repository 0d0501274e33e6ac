"""Which two frames a training or test example shows.

A sampler knows names and numbers, never pixels: what it draws is a pure
function of its arguments, and only what it draws is decoded.
"""

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from data_pipelines.sources import Clip

ORDER, PAIRS = 0, 1  # streams of random numbers: of faces, and of their frames


class Pair(NamedTuple):
  """Two frames of one clip of one face."""

  clip: int  # index into a source's clips
  source: int  # frame index
  driving: int
  weight: float = 1.0  # 0: it only fills up a batch, count it for nothing


class RandomPair:
  """The endless sequence of training pairs: position to pair.

  As in the original: an item is a face, one of its clips is drawn at random,
  then two of its frames with replacement; the earlier one is the source. Every
  run of n positions, n the number of faces, shows each face once, however many
  clips there are of it.

  Grain's own shuffle would do, but takes 7 ms an index where there are only a
  few faces.
  """

  def __init__(self, clips: Sequence[Clip], seed: int):
    by_identity = {}
    for index, clip in enumerate(clips):
      by_identity.setdefault(clip.identity, []).append(index)
    self._clips = tuple(by_identity.values())
    self._frames = tuple(clip.frames for clip in clips)
    self._seed = seed

  def __call__(self, position: int) -> Pair:
    """Returns the pair at a position, 0, 1, ... without end."""
    epoch, place = divmod(position, len(self._clips))
    face = _permutation(self._seed, epoch, len(self._clips))[place]
    generator = _generator(self._seed, PAIRS, position)
    clips = self._clips[face]
    clip = clips[generator.integers(len(clips))]
    source, driving = sorted(generator.integers(self._frames[clip], size=2))
    return Pair(clip, int(source), int(driving))


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


def first_frame_drives_all(
  clips: Sequence[Clip], driving_frames: int
) -> list[Pair]:
  """Returns test pairs: each clip's first frame, driven by its later ones.

  Args:
    clips: the test clips, of two frames at least.
    driving_frames: how many driving frames a clip gives, spread evenly up to
      its last; 0 means all of them. A shorter clip gives what it has.
  """
  pairs = []
  for index, clip in enumerate(clips):
    last = clip.frames - 1
    number = min(driving_frames or last, last)
    spread = np.linspace(0, last, number + 1).round().astype(int)[1:]
    pairs += [Pair(index, 0, frame) for frame in spread.tolist()]
  return pairs


def filled_up(pairs: list[Pair], multiple: int) -> list[Pair]:
  """Repeats the last pair, at weight 0, up to a multiple of a batch's size."""
  missing = -len(pairs) % multiple
  return pairs + [pairs[-1]._replace(weight=0.0)] * missing
