import jax.numpy as jnp
import numpy as np
import pytest

from configs import synthetic
from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.camera import inverse_rigid, rigid
from dagan_jax.tasks.face_depth.explanation import views
from dagan_jax.tasks.face_depth.truth import (
  Truth,
  describe_true_motions,
  find_true_motions,
  find_truly_uncertain,
  read_truth,
)
from tests.support.true_findings import perfect

WEIGHTS = synthetic.get_config('taught').loss
RIGHT, MIRRORED = jnp.array([False]), jnp.array([True])


@pytest.fixture(scope='module')
def found():
  return perfect(face=1, size=32, apart=6)


def test_true_motions_are_told_as_networks_tell_them(found):
  batch, finding = found
  truth = read_truth(batch, WEIGHTS, RIGHT)
  turns, shifts = describe_true_motions(truth, finding.camera.pivot)
  np.testing.assert_allclose(turns, finding.camera.axis_angle, atol=1e-5)
  np.testing.assert_allclose(shifts, finding.camera.translation, atol=1e-5)


@pytest.mark.parametrize('count', [2, 3])
def test_motions_are_in_the_order_of_the_pairs(count):
  poses = rigid(
    jnp.linspace(0, 1, 3 * count).reshape(1, count, 3),
    jnp.ones((1, count, 3)),
  )
  numbers = jnp.arange(float(count)).reshape(1, count, 1, 1, 1)
  targets, sources = views(numbers * jnp.ones((3,))).pairs()
  for motion, target, source in zip(
    find_true_motions(poses)[0],
    targets[0, :, 0, 0, 0].astype(int),
    sources[0, :, 0, 0, 0].astype(int),
    strict=True,
  ):
    np.testing.assert_allclose(
      motion @ poses[0, target], poses[0, source], atol=1e-5
    )


def test_a_mirrored_head_turns_the_other_way(found):
  batch, _ = found
  turn, shift = describe_true_motions(read_truth(batch, WEIGHTS, RIGHT), 1.1)
  other = describe_true_motions(read_truth(batch, WEIGHTS, MIRRORED), 1.1)
  np.testing.assert_allclose(other[0], turn * np.array([1, -1, -1]), atol=1e-6)
  np.testing.assert_allclose(other[1], shift * np.array([-1, 1, 1]), atol=1e-6)


def test_only_examples_that_were_mirrored_are(found):
  batch, _ = found
  two = {name: np.repeat(array, 2, axis=0) for name, array in batch.items()}
  truth = read_truth(two, WEIGHTS, jnp.array([False, True]))
  for name in ('depth', 'nonrigid', 'own_motion'):
    right, mirrored = getattr(truth, name)
    np.testing.assert_array_equal(right, batch[name][0])
    np.testing.assert_array_equal(mirrored, batch[name][0, :, :, ::-1])


def test_what_moves_on_its_own_and_the_wall_are_uncertain(found):
  batch, _ = found
  uncertain = find_truly_uncertain(read_truth(batch, WEIGHTS, RIGHT))
  moves = batch['own_motion'] > 0.5
  assert np.mean((uncertain == 1) == (moves | ~batch['foreground'])) > 0.99
  assert moves.any()


def test_what_could_move_but_does_not_is_less_uncertain(found):
  batch, _ = found
  uncertain = find_truly_uncertain(read_truth(batch, WEIGHTS, RIGHT))
  still = batch['foreground'] & (batch['own_motion'] <= 0.5)
  could = uncertain[still & batch['nonrigid']]
  bone = uncertain[still & ~batch['nonrigid']]
  assert 0 < np.median(could) < 0.5 and np.median(bone) == 0


def test_of_two_moments_that_are_the_same_only_the_wall_is_uncertain():
  batch, _ = perfect(face=1, size=16, apart=0)
  uncertain = find_truly_uncertain(read_truth(batch, WEIGHTS, RIGHT))
  assert np.mean((uncertain == 1) == ~batch['foreground']) > 0.99


def test_nothing_is_read_that_no_loss_asks_for(found):
  batch, _ = found
  weights = synthetic.get_config('depth').loss
  assert read_truth(batch, weights, RIGHT) == Truth()
  weights.true_depth = 1.0
  truth = read_truth(batch, weights, RIGHT)
  assert truth.depth is not None and truth.camera_from_head is None


@pytest.mark.parametrize(
  ('loss', 'name'),
  [('motion', 'camera_from_head'), ('uncertainty', 'own_motion')],
)
def test_an_older_data_set_that_tells_less_is_to_be_built_anew(
  found, loss, name
):
  batch = {'frames': found[0]['frames'], 'depth': found[0]['depth']}
  weights = synthetic.get_config('depth').loss
  weights[f'true_{loss}'] = 1.0
  with pytest.raises(UsageError, match='anew') as told:
    read_truth(batch, weights, RIGHT)
  assert f'loss.true_{loss} needs {name}' in str(told.value)
  assert '\n' not in str(told.value)


def test_a_head_that_stays_has_not_moved():
  poses = jnp.broadcast_to(jnp.eye(4), (1, 2, 4, 4))
  truth = Truth(jnp.ones((1, 2, 8, 8, 1)), camera_from_head=poses)
  for values in describe_true_motions(truth, 1.1):
    np.testing.assert_allclose(values, 0, atol=1e-6)
  back = inverse_rigid(find_true_motions(poses))
  np.testing.assert_allclose(back[0], poses[0], atol=1e-6)
