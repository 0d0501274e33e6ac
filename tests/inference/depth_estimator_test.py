import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.camera import disparity_to_depth
from dagan_jax.inference import depth_estimator
from dagan_jax.inference.depth_estimator import DepthEstimator
from data_pipelines.media import pictures
from tests.support.face_depth import (
  FOCAL,
  SIZE,
  networks,
  video,
  write,
  write_stage_2,
)


@pytest.fixture(scope='module')
def estimator(tmp_path_factory):
  path = tmp_path_factory.mktemp('run') / 'w'
  return DepthEstimator.open(write(path, networks()))


@pytest.mark.parametrize('count', [1, 4, 9])
def test_every_frame_gives_one_estimate(estimator, count):
  frames = video(count, 50)
  found = list(estimator.estimates(frames, uncertainty=count > 1))
  assert len(found) == count
  for frame, estimate in zip(frames, found, strict=True):
    np.testing.assert_array_equal(estimate.image, pictures.square(frame, SIZE))
    assert estimate.disparity.shape == estimate.depth.shape == (SIZE, SIZE, 1)
    np.testing.assert_allclose(
      estimate.depth,
      disparity_to_depth(jnp.asarray(estimate.disparity)),
      rtol=1e-5,
    )
    assert (estimate.uncertainty is None) == (count == 1)


def test_videos_of_any_length_share_one_compilation(estimator):
  list(estimator.estimates(video(3), uncertainty=True))
  before = len(depth_estimator._see.files)
  for count in (2, 4, 11):
    list(estimator.estimates(video(count), uncertainty=True))
  assert len(depth_estimator._see.files) == before


def test_frames_are_seen_as_they_come(estimator):
  asked = itertools.count()
  frames = (video(1)[0] for _ in zip(asked, range(10_000), strict=False))
  next(estimator.estimates(frames))
  assert next(asked) <= 12


@pytest.mark.parametrize(
  'others',
  [
    [3, 4, 5, 6, 1, 2, 3],  # tiny.config_of_stage_1 has a frame_gap of 3
    [2, 2, 0],  # the farther end
  ],
)
def test_uncertainty_is_of_frames_as_far_apart_as_it_learnt(estimator, others):
  frames = video(len(others))
  found = list(estimator.estimates(frames, uncertainty=True))
  pairs = enumerate(others)
  for estimate, (here, there) in zip(found, pairs, strict=True):
    pair = frames[[here, there]]
    alone = next(estimator.estimates(pair, uncertainty=True))
    np.testing.assert_allclose(
      estimate.uncertainty, alone.uncertainty, atol=1e-5
    )
    same = next(estimator.estimates(pair[[0, 0]], uncertainty=True))
    assert np.abs(alone.uncertainty - same.uncertainty).max() > 1e-4


def test_the_camera_is_the_mean_of_what_neighbours_show(estimator):
  pair = video(6)[[0, 5]]
  together = estimator.camera(pair[[0, 0, 0, 1, 1, 1]])
  np.testing.assert_allclose(together, estimator.camera(pair), rtol=1e-5)
  assert together[0, 0] != FOCAL * SIZE
  assert together.shape == (3, 3)


def test_without_a_pair_the_camera_is_the_configs(estimator):
  half = (SIZE - 1) / 2
  expected = [[FOCAL * SIZE, 0, half], [0, FOCAL * SIZE, half], [0, 0, 1]]
  np.testing.assert_allclose(estimator.camera(video(1)), expected)


def test_a_reenactors_frozen_depth_network_serves_but_finds_no_uncertainty(
  tmp_path, estimator
):
  stage_2 = DepthEstimator.open(write_stage_2(tmp_path / 'w'))
  (found,), (expected,) = (e.estimates(video(1)) for e in (stage_2, estimator))
  np.testing.assert_allclose(found.depth, expected.depth, rtol=1e-4)
  assert stage_2.camera(video(2))[0, 0] == FOCAL * SIZE
  assert not stage_2.finds_uncertainty
  with pytest.raises(UsageError, match='uncertainty'):
    next(stage_2.estimates(video(2), uncertainty=True))


def test_a_depth_network_alone_serves(tmp_path):
  path = write(tmp_path / 'w', {'depth': networks()['depth']})
  alone = DepthEstimator.open(path)
  assert not alone.finds_uncertainty
  assert alone.camera(video(2))[0, 0] == FOCAL * SIZE


def test_a_network_that_was_given_the_camera_does_not_look_for_it(tmp_path):
  given = dict(networks())
  camera_motion = given['camera_motion']
  given['camera_motion'] = {
    **camera_motion,
    'params': {
      name: tree
      for name, tree in camera_motion['params'].items()
      if name not in ('focal', 'centre')
    },
  }
  path = write(tmp_path / 'w', given, **{'model.camera.intrinsics': 'given'})
  estimator = DepthEstimator.open(path)
  assert estimator.finds_uncertainty
  assert estimator.camera(video(2))[0, 0] == FOCAL * SIZE
