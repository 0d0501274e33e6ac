"""A performance as numbers, and back."""

import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.morphable_face import head_rotation
from data_pipelines.synthetic import render
from data_pipelines.synthetic.anatomy import anatomy
from data_pipelines.synthetic.coefficients import (
  COUNT,
  from_coefficients,
  to_coefficients,
)
from data_pipelines.synthetic.performance import Performance
from data_pipelines.synthetic.speech import NUMBERS

RNG = np.random.default_rng(0)
SHOWN = Performance(
  np.float32(RNG.uniform(-30, 30, (5, 3))),
  np.float32(RNG.uniform(-0.02, 0.02, (5, 3))),
  np.float32(RNG.uniform(0, 0.5, (5, 52))),
  np.float32(RNG.uniform(-0.3, 0.3, (5, 2))),
)
NUMBERS_OF_IT = to_coefficients(SHOWN)


def test_shapes_are_those_of_gohd():
  expression, pose, gaze = NUMBERS_OF_IT
  assert expression.shape == (5, COUNT) and not expression[:, 52:].any()
  assert pose.shape == (5, 6) and gaze.shape == (5, 2)
  assert {x.dtype for x in NUMBERS_OF_IT} == {np.dtype(np.float32)}


def test_numbers_make_the_performance_that_they_are_of():
  back = from_coefficients(NUMBERS_OF_IT)
  for name in ('turns', 'shifts', 'gaze'):
    np.testing.assert_allclose(
      getattr(back, name), getattr(SHOWN, name), atol=1e-5
    )
  for one, other in zip(NUMBERS_OF_IT, to_coefficients(back), strict=True):
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_pose_moves_the_face_model_as_the_renderer_moves_the_head():
  head = anatomy().base[::97] / 1000  # metres
  middle = anatomy().base.mean(0) / 1000
  axes = np.array([10, -10, -10])  # to decimetres, y up, z to the camera
  for number in range(SHOWN.count):
    turn = render.rotation(*SHOWN.turns[number])
    moved = (head - render.PIVOT) @ turn.T + render.PIVOT
    moved = moved + SHOWN.shifts[number]
    pose = NUMBERS_OF_IT.pose[number]
    matrix = np.asarray(head_rotation(jnp.asarray(pose[:3])))
    found = (axes * (head - middle)) @ matrix.T + pose[3:]
    np.testing.assert_allclose(found, axes * (moved - middle), atol=1e-4)


def test_gaze_counts_to_the_left_and_up():
  np.testing.assert_allclose(NUMBERS_OF_IT.gaze, -SHOWN.gaze)


def test_lids_follow_the_gaze_in_the_numbers():
  looks_down = Performance(
    *(np.zeros((1, n), np.float32) for n in (3, 3, 52)),
    np.float32([[0.0, 0.3]]),
  )
  lids = to_coefficients(looks_down).expression[0]
  assert lids[NUMBERS['eyeLookDownLeft']] == pytest.approx(0.3 / 0.45, abs=0.01)
