from concurrent.futures import Executor, Future

import numpy as np
import pytest

from data_pipelines.faces.live_face import LiveFace
from tests.support.drawn_faces import DiscFinder, picture

HERE, NEAR, FAR = (
  picture((x, 50, 14, 30)) for x in (30, 33, 70)
)  # where the disc is
NOBODY = picture()


class Slow(Executor):
  """Looks when it is told to."""

  def __init__(self):
    self.work = []

  def submit(self, look, *given):
    future = Future()
    self.work.append(lambda: future.set_result(look(*given)))
    return future


def test_the_square_stays_until_the_face_is_elsewhere():
  face = LiveFace(DiscFinder(), every=1)
  face.see(HERE)
  first = face.square
  assert face.is_seen and first is not None
  face.see(NEAR)
  assert face.square == first
  face.see(FAR)
  assert face.square.left > first.left + 20


def test_who_goes_is_missed_and_his_place_kept():
  face = LiveFace(DiscFinder(), every=1)
  face.see(NOBODY)
  assert not face.is_seen and face.square is None
  face.see(HERE)
  face.see(NOBODY)
  assert not face.is_seen and face.square is not None


def test_one_frame_in_so_many_is_looked_at():
  class Counting(DiscFinder):
    looks = 0

    def find(self, picture):
      self.looks += 1
      return super().find(picture)

  finder = Counting()
  face = LiveFace(finder, every=4)
  for _ in range(9):
    face.see(HERE)
  assert finder.looks == 3


def test_only_the_first_look_is_waited_for_where_another_looks():
  slow = Slow()
  face = LiveFace(DiscFinder(), 1, slow)
  face.see(HERE)
  assert face.is_seen
  for _ in range(3):
    face.see(NOBODY)
  assert face.is_seen and len(slow.work) == 1
  slow.work.pop()()
  face.see(NOBODY)
  assert not face.is_seen


def test_a_finder_that_fails_is_told():
  class Broken:
    def find(self, picture):
      raise RuntimeError('broken')

  with pytest.raises(RuntimeError, match='broken'):
    LiveFace(Broken(), every=1).see(np.zeros((4, 4, 3), np.uint8))
