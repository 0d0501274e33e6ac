import collections

import numpy as np
import pytest

from data_pipelines.samplers import (
  Pair,
  RandomPair,
  filled_up,
  first_frame_drives_all,
)
from data_pipelines.sources import Clip

CLIPS = (
  Clip('a1', 'a', 30),
  Clip('b1', 'b', 2),
  Clip('a2', 'a', 50),
  Clip('c1', 'c', 7),
)


def test_a_pair_is_a_pure_function_of_seed_and_position():
  forwards = [RandomPair(CLIPS, 3)(k) for k in range(40)]
  sampler = RandomPair(CLIPS, 3)
  backwards = [sampler(k) for k in reversed(range(40))]
  assert forwards == backwards[::-1]
  assert forwards != [RandomPair(CLIPS, 4)(k) for k in range(40)]


def test_every_face_is_seen_once_an_epoch_in_a_new_order():
  faces = [CLIPS[RandomPair(CLIPS, 0)(k).clip].identity for k in range(90)]
  epochs = [tuple(faces[k : k + 3]) for k in range(0, 90, 3)]
  assert {frozenset(epoch) for epoch in epochs} == {frozenset('abc')}
  assert len(set(epochs)) == 6


def test_all_clips_of_a_face_and_all_their_frames_are_drawn():
  sampler = RandomPair(CLIPS, 0)
  seen = collections.defaultdict(set)
  for position in range(3000):
    clip, source, driving, weight = sampler(position)
    assert 0 <= source <= driving < CLIPS[clip].frames and weight == 1
    seen[clip] |= {source, driving}
  assert {k: len(v) for k, v in seen.items()} == {0: 30, 1: 2, 2: 50, 3: 7}


def test_two_frames_are_drawn_with_replacement():
  sampler = RandomPair(CLIPS[1:2], 0)
  pairs = collections.Counter(sampler(k)[1:3] for k in range(4000))
  share = {pair: count / 4000 for pair, count in pairs.items()}
  expected = {(0, 0): 0.25, (0, 1): 0.5, (1, 1): 0.25}
  assert share == pytest.approx(expected, abs=0.04)


def test_the_first_frame_drives_all_later_ones():
  pairs = first_frame_drives_all(CLIPS, 3)
  assert all(pair.source == 0 and pair.driving > 0 for pair in pairs)
  assert [p.driving for p in pairs if p.clip == 0] == [10, 19, 29]
  assert [p.driving for p in pairs if p.clip == 1] == [1]
  assert len(set(pairs)) == len(pairs)


def test_no_number_of_driving_frames_means_all():
  pairs = first_frame_drives_all(CLIPS, 0)
  assert len(pairs) == sum(clip.frames - 1 for clip in CLIPS)


@pytest.mark.parametrize('number', [1, 7, 8, 9])
def test_filling_up_adds_only_weightless_pairs(number):
  pairs = [Pair(k, 0, 1) for k in range(number)]
  filled = filled_up(pairs, 8)
  assert filled[:number] == pairs and len(filled) % 8 == 0
  assert len(filled) < number + 8
  assert np.sum([pair.weight for pair in filled]) == number
