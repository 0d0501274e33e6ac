"""What examples of each kind show: `SAMPLERS`, by the names in configs."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from data_pipelines.errors.mendable import DataError
from data_pipelines.reading import samplers
from data_pipelines.reading.clips import Clip, Source
from data_pipelines.reading.samplers import Sample
from data_pipelines.reading.speeches import Speeches
from data_pipelines.reading.spoken_faces import SpokenFaces


class Wanted(NamedTuple):
  """What examples are for, and what they bring along."""

  split: str
  landmarks: bool = False  # of pairs to learn from
  truth: bool = False  # of neighbours to learn from


class Sampler(NamedTuple):
  """What examples of one kind show, and how they are called."""

  random: Callable[[Sequence[Clip], Any], Callable[[int], Sample]]  # to train
  list_all: Callable[[Sequence[Clip], Any], list[Sample]]  # to test
  decode: Callable[[Any, Wanted, Sample], dict[str, np.ndarray]]
  asks: str = 'frames'  # what it asks a source for


def _random_pair(clips: Sequence[Clip], data: Any) -> samplers.RandomPair:
  return samplers.RandomPair(clips, data.seed)


def _list_pairs(clips: Sequence[Clip], data: Any) -> list[Sample]:
  return samplers.first_frame_drives_all(clips, data.eval_frames)


def _decode_pair(
  source: Source, wanted: Wanted, sample: Sample
) -> dict[str, np.ndarray]:
  first, second = source.frames(sample.clip, sample.frames)
  pair = {'source': first, 'driving': second, **_counted(wanted.split, sample)}
  if wanted.landmarks:
    pair['landmarks'] = source.landmarks(sample.clip, sample.frames)
  return pair


def _counted(split: str, sample: Sample) -> dict[str, np.ndarray]:
  """What an example counts for, and, of a test split, which one it is."""
  counted = {'weight': np.float32(sample.weight)}
  if split == 'test':
    counted['place'] = np.int32(sample.place)
  return counted


def _random_neighbours(
  clips: Sequence[Clip], data: Any
) -> samplers.RandomNeighbours:
  return samplers.RandomNeighbours(clips, data.seed, data.views, data.frame_gap)


def _list_neighbours(clips: Sequence[Clip], data: Any) -> list[Sample]:
  return samplers.spread_neighbours(
    clips, data.eval_frames, data.views, data.frame_gap
  )


def _decode_neighbours(
  source: Source, wanted: Wanted, sample: Sample
) -> dict[str, np.ndarray]:
  frames = source.frames(sample.clip, sample.frames)
  known = {}  # training seldom asks: the truth costs as much as the frames
  if wanted.split == 'test' or wanted.truth:
    known = source.truth(sample.clip, sample.frames)
  if wanted.truth and 'depth' not in known:
    raise DataError(
      f'data.truth: of clip {source.clips[sample.clip].name} nothing is known'
      ' but its pictures; rendered faces have true depth: data.source'
      ' synthetic, or tfds of a data set built with --name=synthetic'
    )
  return {'frames': frames, **_counted(wanted.split, sample), **known}


def _random_sequence(
  clips: Sequence[Clip], data: Any
) -> samplers.RandomSequence:
  return samplers.RandomSequence(clips, data.seed, data.sequence)


def _list_sequences(clips: Sequence[Clip], data: Any) -> list[Sample]:
  return samplers.spread_sequences(clips, data.eval_frames, data.sequence)


def _decode_sequence(
  source: Speeches, wanted: Wanted, sample: Sample
) -> dict[str, np.ndarray]:
  values = source.sequence(sample.clip, sample.frames)
  return {**values, **_counted(wanted.split, sample)}


def _decode_motion_pair(
  source: SpokenFaces, wanted: Wanted, sample: Sample
) -> dict[str, np.ndarray]:
  pair = _decode_pair(source, wanted, sample)
  return {**pair, 'motion': source.motion(sample.clip, sample.frames[1])}


SAMPLERS = {
  'pairs': Sampler(_random_pair, _list_pairs, _decode_pair),
  'neighbours': Sampler(
    _random_neighbours, _list_neighbours, _decode_neighbours
  ),
  'motion_pairs': Sampler(
    _random_pair, _list_pairs, _decode_motion_pair, 'motion'
  ),
  'sequences': Sampler(
    _random_sequence, _list_sequences, _decode_sequence, 'sequence'
  ),
}
