"""A voice's motion goes where a video's goes."""

import jax
import numpy as np
import pytest

from dagan_jax.inference.voice.bridge import watch_performance
from data_pipelines.synthetic.performance import Performance
from data_pipelines.synthetic.speech import NUMBERS
from tests.support import tiny

COUNT = 5


@pytest.fixture(scope='module')
def performance():
  """A jaw that opens, of a head that turns a little."""
  rng = np.random.default_rng(0)
  turns, shifts = rng.uniform(-3, 3, (2, COUNT, 3)).astype(np.float32)
  expression = np.zeros((COUNT, 52), np.float32)
  expression[:, NUMBERS['jawOpen']] = np.linspace(0, 1, COUNT)
  still = np.zeros((COUNT, 2), np.float32)
  return Performance(turns, 0.001 * shifts, expression, still)


@pytest.fixture(scope='module')
def motion(animator, performance):
  return watch_performance(animator, performance)


def test_every_frame_that_is_acted_drives_one(motion, animator):
  assert (motion.count, motion.rate) == (COUNT, 25)
  portrait = animator.prepare(tiny.video(1)[0], crop='none')
  frames = list(animator.frames(portrait, motion, grid='driving,result'))
  assert len(frames) == COUNT


def test_motion_starts_from_the_driver_at_rest(motion, animator):
  portrait = animator.prepare(tiny.video(1)[0], crop='none')
  start = motion.find_start('best', portrait.keypoints)
  jax.tree.map(np.testing.assert_array_equal, start.keypoints, motion.rest)
  first = motion.find_start('first', portrait.keypoints)
  assert first.number == 0
  assert np.abs(first.keypoints.value - motion.rest.value).max() > 0


def test_a_saved_motion_keeps_the_rest_that_it_starts_from(
  motion, animator, tmp_path
):
  motion.save(tmp_path / 'm.npz')
  loaded = animator.load_motion(tmp_path / 'm.npz').smooth(2.0)
  jax.tree.map(np.testing.assert_array_equal, loaded.rest, motion.rest)
