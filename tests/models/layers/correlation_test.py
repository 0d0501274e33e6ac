import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models.layers.correlation import correlate

SIZE, CELLS = 64, 16
PLACES = [(y, x) for y in range(-3, 4) for x in range(-3, 4)]  # in half cells
MIDDLE = slice(4, -4)  # what moves in at the border was never seen


def texture():
  """A picture that is different everywhere."""
  coarse = jax.random.uniform(jax.random.key(0), (1, 16, 16, 3))
  return jax.image.resize(coarse, (1, SIZE, SIZE, 3), 'linear')


@pytest.mark.parametrize('place', [(0, 0), (2, 0), (0, -2), (-1, 3)])
def test_a_picture_is_found_where_it_went(place):
  target = texture()
  moved = jnp.roll(target, [2 * step for step in place], axis=(1, 2))
  found = np.argmax(correlate(target, moved, CELLS), axis=-1)[0]
  assert (found[MIDDLE, MIDDLE] == PLACES.index(place)).mean() > 0.75


def test_light_and_contrast_do_not_count():
  target = texture()
  moved = jnp.roll(target, 4, axis=1)
  same, darker = (
    correlate(target, x, CELLS) for x in (moved, 0.1 + 0.8 * moved)
  )
  np.testing.assert_allclose(same, darker, atol=0.05)


def test_places_share_what_is_likely_and_plain_pictures_know_none():
  likely = correlate(texture(), jnp.zeros((1, SIZE, SIZE, 3)), CELLS)
  assert likely.shape == (1, CELLS, CELLS, len(PLACES))
  np.testing.assert_allclose(likely, 1 / len(PLACES), rtol=1e-5)
