import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models.gohd import picture_discriminator
from dagan_jax.models.gohd.picture_discriminator import PictureDiscriminator

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize('size', [32, 256])
def test_each_picture_has_one_score(size):
  network = PictureDiscriminator(width=8)
  picture = jax.ShapeDtypeStruct((6, size, size, 3), jnp.float32)
  score, _ = jax.eval_shape(
    network.init_with_output, jax.random.key(0), picture
  )
  assert score.shape == (6, 1)


def test_it_is_as_large_as_the_published_one():
  picture = jax.ShapeDtypeStruct((1, 256, 256, 3), jnp.float32)
  shapes = jax.eval_shape(
    PictureDiscriminator().init, jax.random.key(0), picture
  )
  count = sum(x.size for x in jax.tree.leaves(shapes))
  assert round(count / 1e6, 1) == 24.0


@pytest.mark.parametrize('count', [1, 3, 4, 6])
def test_pictures_that_are_alike_have_no_variety_and_others_have(count):
  one = np.float32(RANDOM.standard_normal((1, 4, 4, 2)))
  alike = picture_discriminator._variety(jnp.repeat(one, count, axis=0))
  assert alike.shape == (count, 4, 4, 1)
  np.testing.assert_allclose(alike, 0, atol=1e-3)
  other = jnp.float32(RANDOM.standard_normal((count, 4, 4, 2)))
  if count > 1:
    assert picture_discriminator._variety(other).min() > 0.1
