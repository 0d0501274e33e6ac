import os

import pytest

from data_pipelines.builders.work.jobs import (
  FaceJob,
  Job,
)
from tests.support.drawn_faces import recipe

JOB = Job('a', 'a.mp4', 'me')


@pytest.fixture
def raw(tmp_path):
  (tmp_path / 'a.mp4').write_bytes(b'video')
  os.utime(tmp_path / 'a.mp4', (1, 1))
  return tmp_path


@pytest.mark.parametrize(
  'job',
  [
    JOB._replace(start=1.0),
    JOB._replace(end=1.0),
    JOB._replace(box=(0, 0, 9, 9)),
    JOB._replace(name='b'),
    JOB._replace(identity=None),
  ],
)
def test_another_part_of_a_video_is_another_job(job, raw):
  assert job.key(recipe(raw)) != JOB.key(recipe(raw))


@pytest.mark.parametrize(
  'fields',
  [
    {'size': 32},
    {'fps': 30},
    {'encoding': 'png'},
    {'quality': 90},
    {'people': 'all'},
    {'bridge': 1},
    {'least': 3},
    {'detector': 'a.mp4'},
    {'detector': 'mediapipe'},
  ],
)
def test_what_decides_about_the_frames_decides_about_the_key(
  fields, raw, monkeypatch
):
  monkeypatch.chdir(raw)
  assert JOB.key(recipe(raw, **fields)) != JOB.key(recipe(raw))
  face = FaceJob(3, 10, 'train')
  assert face.key(recipe(raw, **fields)) != face.key(recipe(raw))


def test_two_detectors_without_files_of_their_own_differ(raw):
  keys = {JOB.key(recipe(raw, detector=x)) for x in ('mediapipe', 'dlib', '')}
  assert len(keys) == 3


def test_another_version_of_a_video_is_another_job(raw):
  before = JOB.key(recipe(raw))
  os.utime(raw / 'a.mp4', (2, 2))
  assert JOB.key(recipe(raw)) != before
  os.utime(raw / 'a.mp4', (1, 1))
  assert JOB.key(recipe(raw)) == before


def test_what_is_decided_later_and_where_videos_lie_count_for_nothing(raw):
  other = raw / 'elsewhere'
  other.mkdir()
  (other / 'a.mp4').write_bytes(b'video')
  os.utime(other / 'a.mp4', (1, 1))
  key = JOB._replace(split='test', identity='you').key(recipe(other))
  assert key == JOB.key(recipe(raw))
