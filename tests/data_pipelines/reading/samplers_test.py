import collections

import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.reading.clips import Clip
from data_pipelines.reading.samplers import (
  RandomNeighbours,
  RandomPair,
  Sample,
  fill_up,
  first_frame_drives_all,
  spread_clips,
  spread_neighbours,
)

CLIPS = (
  Clip('a1', 'a', 30),
  Clip('b1', 'b', 2),
  Clip('a2', 'a', 50),
  Clip('c1', 'c', 7),
)


KINDS = {
  'pairs': RandomPair,
  'two views': lambda clips, seed: RandomNeighbours(clips, seed, 2, 4),
  'three views': lambda clips, seed: RandomNeighbours(clips, seed, 3, 4),
}
each_kind = pytest.mark.parametrize('make', KINDS.values(), ids=KINDS)
each_views = pytest.mark.parametrize('views', [2, 3])


@each_kind
def test_a_sample_is_a_pure_function_of_seed_and_position(make):
  forwards = [make(CLIPS, 3)(k) for k in range(40)]
  sampler = make(CLIPS, 3)
  backwards = [sampler(k) for k in reversed(range(40))]
  assert forwards == backwards[::-1]
  assert forwards != [make(CLIPS, 4)(k) for k in range(40)]


@each_kind
def test_every_face_is_seen_once_an_epoch_in_a_new_order(make):
  clips = (*CLIPS[:1], Clip('b1', 'b', 3), *CLIPS[2:])
  faces = [clips[make(clips, 0)(k).clip].identity for k in range(90)]
  epochs = [tuple(faces[k : k + 3]) for k in range(0, 90, 3)]
  assert {frozenset(epoch) for epoch in epochs} == {frozenset('abc')}
  assert len(set(epochs)) == 6


def test_all_clips_of_a_face_and_all_their_frames_are_drawn():
  sampler = RandomPair(CLIPS, 0)
  seen = collections.defaultdict(set)
  for position in range(3000):
    clip, (source, driving), weight, _ = sampler(position)
    assert 0 <= source <= driving < CLIPS[clip].frames and weight == 1
    seen[clip] |= {source, driving}
  assert {k: len(v) for k, v in seen.items()} == {0: 30, 1: 2, 2: 50, 3: 7}


def test_two_frames_are_drawn_with_replacement():
  sampler = RandomPair(CLIPS[1:2], 0)
  pairs = collections.Counter(sampler(k).frames for k in range(4000))
  share = {pair: count / 4000 for pair, count in pairs.items()}
  expected = {(0, 0): 0.25, (0, 1): 0.5, (1, 1): 0.25}
  assert share == pytest.approx(expected, abs=0.04)


def test_the_first_frame_drives_all_later_ones():
  pairs = first_frame_drives_all(CLIPS, 3)
  assert [p.frames for p in pairs if p.clip == 0] == [(0, 10), (0, 19), (0, 29)]
  assert [p.frames for p in pairs if p.clip == 1] == [(0, 1)]
  assert all(pair.frames[0] == 0 and pair.frames[1] > 0 for pair in pairs)
  assert len(set(pairs)) == len(pairs)


def test_no_number_of_driving_frames_means_all():
  pairs = first_frame_drives_all(CLIPS, 0)
  assert len(pairs) == sum(clip.frames - 1 for clip in CLIPS)


def gap_inside(sample, views):
  """The gap of neighbours, which are as many as views, all in their clip."""
  assert len(sample.frames) == views and sample.weight == 1
  assert all(type(frame) is int for frame in sample.frames)
  assert sample.frames[0] >= 0
  assert sample.frames[-1] < CLIPS[sample.clip].frames
  (gap,) = set(np.diff(sample.frames))
  return gap


@each_views
def test_neighbours_are_all_there_are_of_gaps_the_clip_allows(views):
  sampler = RandomNeighbours(CLIPS, 0, views, 4)
  gaps, seen = collections.defaultdict(set), collections.defaultdict(set)
  for position in range(4000):
    sample = sampler(position)
    gaps[sample.clip].add(gap_inside(sample, views))
    seen[sample.clip] |= set(sample.frames)
  short = {2: {1: {1}, 3: {1, 2, 3, 4}}, 3: {3: {1, 2, 3}}}[views]
  assert gaps == {0: {1, 2, 3, 4}, 2: {1, 2, 3, 4}, **short}
  assert all(len(seen[clip]) == CLIPS[clip].frames for clip in gaps)


def test_gaps_and_then_starts_are_uniform():
  sampler = RandomNeighbours([Clip('a', 'a', 4)], 0, 2, 2)
  moments = collections.Counter(sampler(k).frames for k in range(4000))
  share = {moment: count / 4000 for moment, count in moments.items()}
  near = {(0, 1): 1 / 6, (1, 2): 1 / 6, (2, 3): 1 / 6}
  assert share == pytest.approx(
    {**near, (0, 2): 1 / 4, (1, 3): 1 / 4}, abs=0.04
  )


def test_three_views_leave_clips_of_two_frames_out(caplog):
  sampler = RandomNeighbours(CLIPS, 0, 3, 4)
  assert 1 not in {sampler(k).clip for k in range(100)}
  assert 1 not in {m.clip for m in spread_neighbours(CLIPS, 0, 3, 4)}
  told = f'1 of 4 clips left out: fewer than 3 frames ({CLIPS[1].name})'
  assert caplog.text.count(told) == 2


@pytest.mark.parametrize(
  'clips, views, gap, message',
  [
    (CLIPS, 4, 1, 'data.views is 4'),
    (CLIPS, 2, 0, 'data.frame_gap is 0'),
    (CLIPS[1:2], 3, 1, 'none of the 1 clips has as many'),
  ],
)
def test_impossible_neighbours_are_one_clear_line(clips, views, gap, message):
  with pytest.raises(DataError, match=rf'\A[^\n]*{message}[^\n]*\Z'):
    RandomNeighbours(clips, 0, views, gap)
  with pytest.raises(DataError, match=rf'\A[^\n]*{message}[^\n]*\Z'):
    spread_neighbours(clips, 0, views, gap)


@each_views
@pytest.mark.parametrize('number', [1, 3, 8])
def test_test_moments_are_spread_evenly_with_the_widest_gap(views, number):
  moments = spread_neighbours(CLIPS, number, views, 4)
  assert len(set(moments)) == len(moments)
  for index, clip in enumerate(CLIPS):
    of_clip = [moment for moment in moments if moment.clip == index]
    if clip.frames < views:
      assert not of_clip
      continue
    (gap,) = {gap_inside(moment, views) for moment in of_clip}
    assert gap == min(4, (clip.frames - 1) // (views - 1))
    room = clip.frames - gap * (views - 1)
    assert len(of_clip) == min(number, room)
    starts = [-1, *(moment.frames[0] for moment in of_clip), room]
    steps = np.diff(starts[1:-1])
    assert np.ptp(steps) <= 1 if len(steps) else True
    assert abs(starts[1] + 1 - (room - starts[-2])) <= 1


@each_views
def test_no_number_of_moments_means_all(views):
  moments = spread_neighbours(CLIPS[2:3], 0, views, 4)
  assert [moment.frames[0] for moment in moments] == list(range(54 - 4 * views))


@pytest.mark.parametrize('number', [1, 7, 8, 9])
def test_filling_up_adds_only_weightless_samples(number):
  samples = [Sample(k, (0, 1)) for k in range(number)]
  filled = fill_up(samples, 8)
  assert filled[:number] == samples and len(filled) % 8 == 0
  assert len(filled) < number + 8
  assert np.sum([sample.weight for sample in filled]) == number


@pytest.mark.parametrize('count', [1, 7, 40, 41, 300])
@pytest.mark.parametrize('most', [1, 3, 40])
def test_clips_are_spread_evenly_and_each_is_taken_once(count, most):
  chosen = spread_clips(count, most)
  assert len(chosen) == min(count, most) and min(chosen) >= 0
  assert max(chosen) < count and list(chosen) == sorted(set(chosen))
  gaps = np.diff([*chosen, chosen[0] + count])
  assert gaps.max() - gaps.min() <= 1


def test_no_limit_takes_all_clips():
  assert list(spread_clips(5, 0)) == [0, 1, 2, 3, 4]
