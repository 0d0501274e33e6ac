import itertools

import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.cameras import Camera

TEST_PICTURE = 'testsrc=size=64x48:rate=10'


def test_a_camera_gives_frames_at_its_rate():
  camera = Camera(TEST_PICTURE, driver='lavfi')
  frames = [*itertools.islice(camera, 3)]
  assert camera.rate == 10
  assert [frame.shape for frame in frames] == [(48, 64, 3)] * 3


def test_one_that_comes_back_goes_on():
  camera = Camera(f'{TEST_PICTURE}:duration=0.2', driver='lavfi', patience=0.01)
  assert len([*itertools.islice(camera, 5)]) == 5


def test_one_that_stays_away_is_told_with_how_far_it_came(monkeypatch):
  camera = Camera(f'{TEST_PICTURE}:duration=0.2', driver='lavfi', patience=0.01)
  monkeypatch.setattr(camera, '_place', 'no such picture')
  frames = iter(camera)
  assert len([*itertools.islice(frames, 2)]) == 2
  with pytest.raises(DataError, match='went away after 2 frames'):
    next(frames)


def test_a_camera_that_is_not_there_is_one_line():
  with pytest.raises(DataError, match=r'^camera 97: cannot be opened'):
    Camera('97', driver='v4l2')


def test_a_system_without_cameras_is_told(monkeypatch):
  monkeypatch.setattr('sys.platform', 'plan9')
  with pytest.raises(DataError, match='no cameras are known on plan9'):
    Camera('0')
