import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dagan_jax.losses.photometric import (
  dissimilarity,
  find_moving_pixels,
  least_error,
  photometric_error,
  smoothness,
  uncertain_error,
  unmasked_uncertainty,
)
from tests.reference import recorded

KEYS = jax.random.split(jax.random.key(0), 4)
A, B = (jax.random.uniform(key, (2, 12, 10, 3)) for key in KEYS[:2])
MOVED, STILL = (jax.random.uniform(key, (2, 2, 6, 5, 1)) for key in KEYS[2:])


def descended(loss, shape, steps):
  """The logits, 0 at first, that so many steps of Adam come to."""
  optimizer = optax.adam(0.1)

  def step(_, carried):
    logits, state = carried
    updates, state = optimizer.update(jax.grad(loss)(logits), state)
    return logits + updates, state

  logits = jnp.zeros(shape)
  carried = logits, optimizer.init(logits)
  return jax.lax.fori_loop(0, steps, step, carried)[0]


def test_equal_pictures_do_not_differ():
  np.testing.assert_allclose(dissimilarity(A, A), 0, atol=1e-5)
  np.testing.assert_allclose(photometric_error(A, A, 0.85), 0, atol=1e-5)


def test_difference_is_symmetric_and_in_0_to_1():
  np.testing.assert_allclose(
    dissimilarity(A, B), dissimilarity(B, A), atol=1e-6
  )
  assert (dissimilarity(A, B) >= 0).all() and (dissimilarity(A, B) <= 1).all()


def test_losses_are_the_original_ones():
  r = recorded.arrays('depth_training')
  target, following = (
    recorded.unit(r[name][None]) for name in ('target', 'next')
  )
  still = photometric_error(target, following, 0.85)
  np.testing.assert_allclose(
    still[:, ::2, ::2], r['identity_photometric'], atol=1e-4
  )
  np.testing.assert_allclose(
    smoothness(r['disparity'], target), r['smoothness'], rtol=1e-3
  )
  np.testing.assert_array_equal(
    find_moving_pixels(
      r['photometric'][:, None], r['identity_photometric'][:, None]
    )[:, 0],
    r['automask'],
  )


def test_the_best_view_counts_and_still_pixels_teach_nothing():
  best, unmoved = MOVED.min(1), STILL.min(1)
  np.testing.assert_allclose(
    least_error(MOVED, STILL), jnp.minimum(best, unmoved).mean(), rtol=1e-6
  )
  slope = jax.grad(least_error)(MOVED, STILL)
  np.testing.assert_array_equal((slope != 0).any(axis=1), (best < unmoved))


def test_an_uncertainty_like_the_error_is_best():
  everywhere = jnp.full_like(MOVED, 9.0)  # all pixels count as moving
  at = lambda u: uncertain_error(
    jnp.full_like(MOVED, 0.3), everywhere, jnp.full_like(MOVED, u), 0.0
  )
  losses = [at(u) for u in (0.1, 0.25, 0.3, 0.36, 0.9)]
  assert np.argmin(losses) == 2


def test_still_pixels_pull_at_neither_depth_nor_uncertainty():
  uncertainty = jnp.full_like(MOVED, 0.5)
  slopes = jax.grad(uncertain_error, (0, 2))(MOVED, STILL, uncertainty, 0.02)
  for slope in slopes:
    np.testing.assert_array_equal(slope != 0, find_moving_pixels(MOVED, STILL))


def test_equation_7_as_it_stands_diverges_on_still_pixels_and_ours_does_not():
  still = jnp.full((1, 1, 4, 4, 1), 0.2)
  moved = still.at[..., :2, :].set(0.1)  # the upper half moves

  def literal(logits):
    uncertainty = jax.nn.sigmoid(logits)
    mask = find_moving_pixels(moved, still)
    # log sigmoid(z) = -softplus(-z) stays exact however far z falls
    return jnp.mean(mask * moved / uncertainty - jax.nn.softplus(-logits))

  def ours(logits):
    return uncertain_error(moved, still, jax.nn.sigmoid(logits), 0.02)

  early, late = (descended(literal, moved.shape, steps) for steps in (200, 400))
  falling = (late - early)[..., 2:, :]
  np.testing.assert_allclose(falling, -20, rtol=0.1)  # the whole learning rate
  assert literal(late) < literal(early) - 5
  held = descended(ours, moved.shape, 1000)
  np.testing.assert_array_equal(held[..., 2:, :], 0)
  width = 0.02 + 0.98 * jax.nn.sigmoid(held[..., :2, :])
  np.testing.assert_allclose(width, 0.1, rtol=1e-2)  # the error itself
  np.testing.assert_allclose(ours(held), 1 + np.log(0.1), rtol=1e-2)


def test_what_the_mask_leaves_out_teaches_the_uncertainty_alone():
  still = jnp.full((1, 1, 4, 4, 1), 0.2)
  moved = still.at[..., :2, :].set(0.1).at[..., 2:, :].set(0.3)
  args = moved, still, jnp.full_like(still, 0.5)
  to_moved, to_uncertainty = jax.grad(unmasked_uncertainty, (0, 2))(*args, 0.02)
  np.testing.assert_array_equal(to_moved, 0)
  np.testing.assert_array_equal(to_uncertainty[..., :2, :], 0)
  assert (to_uncertainty[..., 2:, :] < 0).all()  # it grows
  assert unmasked_uncertainty(moved, still, jnp.ones_like(still), 0.02) == 0


def test_what_seldom_moves_with_the_head_is_less_certain_at_the_same_error():
  shares = np.array([[9, 6, 3, 1]]) / 10  # of ten views, in the mask
  views = np.arange(10)[:, None, None] / 10
  still = jnp.asarray(np.where(views < shares, 0.2, 0.05))[None, ..., None]
  moved = jnp.full_like(still, 0.1)

  def loss(logits):
    uncertainty = jnp.broadcast_to(jax.nn.sigmoid(logits), moved.shape)
    args = moved, still, uncertainty, 0.02
    return uncertain_error(*args) + unmasked_uncertainty(*args)

  found = jax.nn.sigmoid(descended(loss, (1, 1, 1, 4, 1), 500)).ravel()
  assert 0.1 < 0.02 + 0.98 * found[0] < 0.12  # nearly the error itself
  assert (jnp.diff(found) > 0).all() and found[-1] > 0.95


def test_nothing_moves_means_no_loss():
  value, slopes = jax.value_and_grad(uncertain_error, (0, 2))(
    STILL, STILL, jnp.full_like(STILL, 0.5), 0.02
  )
  assert value == 0
  assert not any(slope.any() for slope in slopes)


@pytest.mark.parametrize('order', [1, 2])
def test_smoothness_asks_nothing_where_the_picture_has_an_edge(order):
  disparity = jnp.ones((1, 6, 8, 1)).at[:, :, 4:].set(0.5)
  flat = jnp.full((1, 6, 8, 3), 0.5)
  edge = flat.at[:, :, 4:].set(1.0)
  rough = smoothness(disparity, flat, order)
  assert smoothness(disparity, edge, order) < 0.7 * rough
  np.testing.assert_allclose(
    smoothness(0.1 * disparity, flat, order), rough, rtol=1e-5
  )


def test_changes_of_slope_leave_a_slope_alone():
  disparity = jnp.linspace(1, 2, 8)[None, :, None, None] * jnp.ones(
    (1, 8, 6, 1)
  )
  flat = jnp.full((1, 8, 6, 3), 0.5)
  assert smoothness(disparity, flat) > 0.01
  assert smoothness(disparity, flat, order=2) < 1e-6
