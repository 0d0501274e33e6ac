import threading
import time

import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.newest_frames import NewestFrames, at_its_rate


def frame(number):
  return np.full((2, 2, 3), number, np.uint8)


def test_who_is_slow_gets_the_newest_and_the_rest_is_counted():
  taken, went_on = threading.Event(), threading.Event()

  def camera():
    yield frame(0)
    taken.wait(5)
    yield from map(frame, range(1, 6))
    went_on.set()
    taken.clear()
    taken.wait(5)

  with NewestFrames(camera(), 'a camera') as frames:
    given = iter(frames)
    assert next(given)[0, 0, 0] == 0
    taken.set()
    assert went_on.wait(5)
    assert next(given)[0, 0, 0] == 5
    assert frames.dropped == 4
    taken.set()
    assert next(given, None) is None


def test_who_is_quick_gets_every_frame_once():
  asked = threading.Semaphore(0)

  def camera():
    for number in range(5):
      asked.acquire(timeout=5)
      yield frame(number)

  with NewestFrames(camera(), 'a camera') as frames:
    given = iter(frames)
    seen = []
    for _ in range(5):
      asked.release()
      seen.append(next(given)[0, 0, 0])
  assert seen == [0, 1, 2, 3, 4] and frames.dropped == 0


def test_what_goes_wrong_is_told_after_the_last_frame():
  def camera():
    yield frame(3)
    raise DataError('camera 7: went away')

  with NewestFrames(camera(), 'camera 7') as frames:
    given = iter(frames)
    assert next(given)[0, 0, 0] == 3
    with pytest.raises(DataError, match='camera 7: went away'):
      next(given)


def test_a_camera_that_hangs_is_given_up_while_the_window_lives():
  looked, hangs = [], threading.Event()

  def camera():
    hangs.wait(5)
    yield frame(0)

  frames = NewestFrames(
    camera(), 'camera 1', while_waiting=lambda: looked.append(1), patience=0.2
  )
  with frames, pytest.raises(DataError, match=r'camera 1: no frame for 0\.2'):
    next(iter(frames))
  hangs.set()
  assert looked


def test_the_rate_follows_what_is_given():
  def camera():
    for number in range(12):
      time.sleep(0.01)
      yield frame(number)

  with NewestFrames(camera(), 'a camera', rate=1) as frames:
    for _ in frames:
      pass
  assert 1 < frames.rate <= 100


def test_a_video_comes_no_sooner_than_a_player_shows_it():
  began = time.perf_counter()
  assert len(list(at_its_rate(map(frame, range(5)), 100))) == 5
  assert time.perf_counter() - began >= 0.04
