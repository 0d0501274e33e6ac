import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models.camera_motion import Camera
from dagan_jax.models.camera_search import find_camera, move_sources

SIZE, FOCAL = 33, 64.0
X, Y = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
FLAT = jnp.full((1, 4, 4, 1), 0.1)


def spot(x, y):
  """A soft white spot: 'b p h w 3'."""
  light = np.exp(-((X - x) ** 2 + (Y - y) ** 2) / 18)
  return jnp.asarray(np.repeat(light[None, None, ..., None], 3, -1))


def place(picture):
  light = picture[0, 0, ..., 0] / picture[0, 0, ..., 0].sum()
  return jnp.stack([(light * X).sum(), (light * Y).sum()])


def shifted(pixels, uncertainty=None):
  """The camera of a shift by so many pixels, without a turn."""
  return Camera(
    axis_angle=jnp.zeros((1, 1, 3)),
    translation=jnp.append(jnp.asarray(pixels) / FOCAL, 0.0)[None, None],
    focal=jnp.full((1, 1, 2), FOCAL),
    centre=jnp.full((1, 1, 2), (SIZE - 1) / 2),
    uncertainty=uncertainty,
  )


def half_of_the_way(target, source):
  """A network that always finds half of the motion, and where spots differ."""
  return shifted((place(source) - place(target)) / 2, jnp.abs(source - target))


def test_sources_move_to_where_the_targets_were():
  moved, motion = move_sources(spot(18, 12), FLAT, shifted((4.0, -3.0)))
  np.testing.assert_allclose(moved, spot(14, 15), atol=1e-2)
  np.testing.assert_allclose(motion[0, 0, :3, :3], np.eye(3), atol=1e-6)


@pytest.mark.parametrize('looks', [1, 2, 3])
def test_each_look_finds_what_those_before_have_left(looks):
  camera = find_camera(half_of_the_way, spot(14, 15), spot(18, 12), FLAT, looks)
  found = FOCAL * camera.translation[0, 0, :2]
  share = 1 - 0.5**looks
  np.testing.assert_allclose(found, [4 * share, -3 * share], atol=0.02)


def test_uncertainty_is_of_what_the_found_motion_leaves():
  once, twice = (
    find_camera(half_of_the_way, spot(14, 15), spot(18, 12), FLAT, looks)
    for looks in (1, 2)
  )
  assert twice.uncertainty.sum() < 0.6 * once.uncertainty.sum()


def test_a_look_takes_depth_as_given():
  def found(disparity):
    camera = find_camera(
      half_of_the_way, spot(14, 15), spot(18, 12), disparity, looks=2
    )
    return camera.translation.sum()

  tilted = FLAT * jnp.linspace(0.5, 1.5, 4)[:, None]
  np.testing.assert_array_equal(jax.grad(found)(tilted), 0)
