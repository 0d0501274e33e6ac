import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.losses.convexity import round_head
from dagan_jax.metrics.head_motion import rotation_error
from dagan_jax.tasks.face_depth.explanation import Views, explain
from dagan_jax.tasks.face_depth.solving import solve
from tests.support.true_findings import perfect

SIZE, PIVOT = 64, 1.1


@pytest.fixture(scope='module')
def found():
  """A rendered head that turned, and what is found of it in several ways."""
  batch, finding = perfect(face=1, size=SIZE, apart=10)
  still = finding.camera._replace(
    axis_angle=jnp.zeros((1, 2, 3)),
    translation=jnp.zeros((1, 2, 3)),
    uncertainty=jnp.asarray(1.0 - batch['foreground']),
    pivot=PIVOT,
  )
  return batch, finding, still


@pytest.fixture(scope='module')
def solver():
  return jax.jit(solve)


def turns(batch, finding, disparity, solution):
  """Degrees by which both turns are wrong, and by which the head turned."""
  motions = explain(finding.frames, disparity, solution.camera, 0.8).motion
  places = batch['camera_from_head'][0]
  true = np.stack([places[1 - i] @ np.linalg.inv(places[i]) for i in range(2)])[
    :, :3, :3
  ]
  still = jnp.broadcast_to(jnp.eye(3), true.shape)
  return (
    rotation_error(jnp.asarray(true), turn)
    for turn in (motions[:, 0, :3, :3], still)
  )


def test_true_depth_shows_how_a_rendered_head_turned(found, solver):
  batch, finding, still = found
  (disparity,) = finding.disparities
  solution = solver(finding.frames, disparity, still)
  error, turned = turns(batch, finding, disparity, solution)
  assert (turned > 2).all()
  assert (error < 0.3 * turned).all()
  assert (solution.trust > 0.5).all()


def test_a_wall_that_depth_knows_does_not_hold_a_head_back(found, solver):
  batch, finding, still = found
  (disparity,) = finding.disparities
  certain = still._replace(uncertainty=jnp.zeros(still.uncertainty.shape))
  solution = solver(finding.frames, disparity, certain)
  error, turned = turns(batch, finding, disparity, solution)
  assert (error < 0.3 * turned).all()


def test_a_round_head_before_a_guessed_camera_shows_it_too(found, solver):
  batch, finding, still = found
  disparity = jnp.broadcast_to(
    round_head(SIZE, SIZE, 0.3 / 4), finding.disparities[0].shape
  )
  guessed = still._replace(
    focal=jnp.full((1, 2, 2), 4.0 * SIZE),
    centre=jnp.full((1, 2, 2), (SIZE - 1) / 2),
    uncertainty=jnp.full(still.uncertainty.shape, 0.5),
  )
  solution = solver(finding.frames, disparity, guessed)
  error, turned = turns(batch, finding, disparity, solution)
  assert (error < 0.7 * turned).all()


def test_frames_of_two_people_are_trusted_less(found, solver):
  _, finding, still = found
  (disparity,) = finding.disparities
  frames = finding.frames
  other = Views(frames.targets, frames.sources[..., ::-1, :, :])
  right, wrong = (solver(views, disparity, still) for views in (frames, other))
  assert (wrong.trust < 0.6 * right.trust).all()
  for leaf in jax.tree.leaves(wrong):
    assert jnp.isfinite(leaf).all()


def test_equal_frames_show_no_motion_and_are_trusted(found, solver):
  _, finding, still = found
  (disparity,) = finding.disparities
  targets = finding.frames.targets
  same = Views(targets, targets[:, :, None])
  solution = solver(same, disparity, still)
  for values in (solution.camera.axis_angle, solution.camera.translation):
    np.testing.assert_allclose(values, 0, atol=1e-5)
  np.testing.assert_allclose(solution.trust, 1, atol=1e-5)


def test_everything_but_motion_is_the_networks(found, solver):
  _, finding, still = found
  solved = solver(finding.frames, finding.disparities[0], still).camera
  for name in ('focal', 'centre', 'uncertainty', 'pivot'):
    np.testing.assert_allclose(
      getattr(solved, name), getattr(still, name), rtol=1e-6
    )
