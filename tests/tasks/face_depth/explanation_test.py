import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.losses.convexity import head_outline
from dagan_jax.tasks.face_depth.explanation import pivots, views
from tests.support.true_findings import perfect


def test_of_two_frames_each_explains_the_other():
  frames = jnp.arange(2.0).reshape(1, 2, 1, 1, 1) * jnp.ones((3, 2, 4, 4, 3))
  targets, sources = views(frames).pairs()
  np.testing.assert_array_equal(targets[0, :, 0, 0, 0], [0, 1])
  np.testing.assert_array_equal(sources[0, :, 0, 0, 0], [1, 0])


def test_of_three_frames_both_others_explain_the_middle_one():
  frames = jnp.arange(3.0).reshape(1, 3, 1, 1, 1) * jnp.ones((2, 3, 4, 4, 3))
  targets, sources = views(frames).pairs()
  np.testing.assert_array_equal(targets[0, :, 0, 0, 0], [1, 1])
  np.testing.assert_array_equal(sources[0, :, 0, 0, 0], [0, 2])


def test_heads_turn_around_a_point_that_no_wall_moves():
  # A head that does not fill the place where heads are expected.
  near = jnp.where(head_outline(32, 32) > 0.2, 0.9, 1.3)[None]
  far = jnp.where(near < 1, 0.9, 3.0)
  for depth in (near, far):
    np.testing.assert_allclose(
      pivots(1.1, depth), [[0, 0, 1.1 * 0.9]], rtol=1e-5
    )


@pytest.mark.parametrize('face', [1, 4])
def test_true_depth_and_motion_explain_a_rendered_head(face):
  """The networks' outputs mean what the renderer means by them."""
  batch, finding = perfect(face, size=128, apart=10)
  (found,) = finding.explanations
  places = batch['camera_from_head'][0]
  motion = places[1] @ np.linalg.inv(places[0])
  np.testing.assert_allclose(found.motion[0, 0], motion, atol=1e-5)
  rigid = (batch['foreground'] & ~batch['nonrigid'])[0, 0, ..., 0]
  moved, still = (x[0, 0, ..., 0][rigid] for x in (found.moved, found.still))
  # What the turn has uncovered, and light, which does not turn with the head,
  # remain.
  assert jnp.median(moved) < 0.35 * jnp.median(still)
  assert found.mask('dagan')[0, 0, ..., 0][rigid].mean() > 0.8
