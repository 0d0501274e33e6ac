import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.losses.head_motion import head_motion_distance

KEYS = jax.random.split(jax.random.key(0), 4)
TRUE, FOUND = (
  tuple(0.1 * jax.random.normal(key, (2, 3, 3)) for key in keys)
  for keys in (KEYS[:2], KEYS[2:])
)
TRUST = jnp.array([[1.0, 1, 0], [1, 0.5, 0]])


def test_equal_motions_are_at_distance_0_and_others_are_not():
  assert head_motion_distance(TRUE, TRUE, TRUST) == 0
  assert head_motion_distance(TRUE, FOUND, TRUST) > 0


def test_distances_grow_with_the_difference():
  half = tuple((t + f) / 2 for t, f in zip(TRUE, FOUND, strict=True))
  np.testing.assert_allclose(
    head_motion_distance(TRUE, half, TRUST) * 2,
    head_motion_distance(TRUE, FOUND, TRUST),
    rtol=1e-5,
  )


def test_what_is_not_trusted_teaches_nothing():
  other = tuple(t.at[:, 2].add(5.0) for t in TRUE)
  np.testing.assert_allclose(
    head_motion_distance(TRUE, FOUND, TRUST),
    head_motion_distance(other, FOUND, TRUST),
  )


def test_the_network_learns_and_the_solver_does_not():
  slopes = jax.grad(head_motion_distance, argnums=(0, 1, 2))(TRUE, FOUND, TRUST)
  true, found, trust = (jax.tree.leaves(slope) for slope in slopes)
  assert all((slope == 0).all() for slope in (*true, *trust))
  assert all((slope[:, :2] != 0).all() for slope in found)
