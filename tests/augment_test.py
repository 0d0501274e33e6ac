import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.augment import augment_pair

SOURCE = jax.random.uniform(jax.random.key(0), (64, 8, 8, 3))
DRIVING = 1 - SOURCE
NOTHING = dict(
  time_flip=0.0,
  horizontal_flip=0.0,
  brightness=0.0,
  contrast=0.0,
  saturation=0.0,
  hue=0.0,
)


def augmented(**changes):
  return augment_pair(
    jax.random.key(1), SOURCE, DRIVING, **{**NOTHING, **changes}
  )


def test_nothing_asked_changes_nothing():
  source, driving = augmented()
  np.testing.assert_array_equal(source, SOURCE)
  np.testing.assert_array_equal(driving, DRIVING)


def test_a_time_flip_swaps_the_two_frames():
  source, driving = augmented(time_flip=1.0)
  np.testing.assert_array_equal(source, DRIVING)
  np.testing.assert_array_equal(driving, SOURCE)


def test_a_horizontal_flip_mirrors_both_frames():
  source, driving = augmented(horizontal_flip=1.0)
  np.testing.assert_array_equal(source, SOURCE[:, :, ::-1])
  np.testing.assert_array_equal(driving, DRIVING[:, :, ::-1])


def test_a_pair_swapped_in_time_is_never_mirrored_as_well():
  source, _ = augmented(time_flip=0.5, horizontal_flip=0.5)
  kinds = [SOURCE, DRIVING, SOURCE[:, :, ::-1], DRIVING[:, :, ::-1]]
  counts = [
    int(jnp.sum(jnp.all(source == kind, axis=(1, 2, 3)))) for kind in kinds
  ]
  assert sum(counts) == 64
  assert counts[3] == 0
  assert all(count > 5 for count in counts[:3])


@pytest.mark.parametrize(
  'what', ['brightness', 'contrast', 'saturation', 'hue']
)
def test_both_frames_of_a_pair_change_colour_alike(what):
  source, driving = augment_pair(
    jax.random.key(2), SOURCE, SOURCE, **{**NOTHING, what: 0.1}
  )
  np.testing.assert_allclose(source, driving, atol=1e-5)
  change = jnp.max(jnp.abs(source - SOURCE), axis=(1, 2, 3))
  assert jnp.mean(change > 1e-3) > 0.9  # every pair has its own draw
  assert jnp.std(change) > 0
  assert jnp.all((source >= 0) & (source <= 1))
