import pytest

from data_pipelines.builders.work.job_files import (
  MadeClip,
  Outcome,
)
from data_pipelines.builders.work.jobs import Job
from data_pipelines.builders.writing import collection
from data_pipelines.errors.mendable import DataError


def outcome(*names, embedding=None):
  clips = [
    MadeClip(name, 'a.mp4', 0.0, 30, (0, 0, 9), (9, 9), 5.0, embedding)
    for name in names
  ]
  return Outcome(None, clips, [], [])


def placed(splits):
  return {
    name: [(clip.made.name, clip.identity) for clip in clips]
    for name, clips in splits.items()
  }


def test_people_not_clips_are_held_out():
  jobs = [Job(f'{who}{k}', '', who) for who in 'abcdefghij' for k in range(3)]
  outcomes = [outcome(f'{job.name}_0', f'{job.name}_1') for job in jobs]
  splits = placed(collection.split(jobs, outcomes, 0.3))
  assert len(splits['test']) == 18 and len(splits['train']) == 42
  people = [{who for _, who in splits[name]} for name in ('train', 'test')]
  assert not people[0] & people[1]
  order = [made.name for each in outcomes for made in each.clips]
  assert splits['train'] == sorted(
    splits['train'], key=lambda c: order.index(c[0])
  )


def test_given_splits_are_kept():
  jobs = [Job('a', '', 'x', 'test'), Job('b', '', 'y', 'train')]
  splits = placed(collection.split(jobs, [outcome('a'), outcome('b')], 0.5))
  assert splits == {'train': [('b', 'y')], 'test': [('a', 'x')]}


def test_who_has_no_name_is_known_by_the_face():
  jobs = [Job(name, '') for name in 'abc']
  outcomes = [
    outcome('a', embedding=[0.0] * 128),
    outcome('b', embedding=[1.0] * 128),
    outcome('c', embedding=[0.01] * 128),
  ]
  splits = placed(collection.split(jobs, outcomes, 0))
  assert splits == {'train': [('a', 'a'), ('b', 'b'), ('c', 'a')]}


def test_nothing_comes_of_rejected_videos():
  assert collection.split([Job('a', '', 'x')], [outcome()], 0.1) == {}


def test_a_person_in_both_given_splits_is_one_clear_line():
  jobs = [Job('a', '', 'x', 'test'), Job('b', '', 'x', 'train')]
  with pytest.raises(DataError, match=r'\A[^\n]*such as x; move[^\n]*\Z'):
    collection.split(jobs, [outcome('a'), outcome('b')], 0.1)
