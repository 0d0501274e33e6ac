import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.alignment import align
from dagan_jax.geometry.camera import intrinsics, rigid, synthesise_view
from dagan_jax.geometry.warp import identity_flow

SIZE = 64
FOCAL, CENTRE = jnp.array([250.0, 262.0]), jnp.array([30.0, 33.0])
PIVOTS = jnp.tile(jnp.array([0, 0, 1.1]), (4, 1))
TURNS = [[0.04, -0.06, 0.02], [0, 0.1, 0], [-0.06, 0, 0], [0, 0, 0.1]]
SHIFTS = [[0.01, -0.01, 0.02], [0.01, 0, 0], [0, 0, -0.03], [0, 0.02, 0.01]]
MOTIONS = rigid(jnp.array(TURNS), jnp.array(SHIFTS), PIVOTS)
STILL = jnp.tile(jnp.eye(4), (4, 1, 1))
MIRROR = jnp.diag(jnp.array([-1.0, 1, 1, 1]))


def pictures(size: int = SIZE) -> jax.Array:
  """Smooth spots, others in each of four pictures."""
  noise = jax.random.uniform(jax.random.key(0), (4, 14, 14, 1))
  return jax.image.resize(noise, (4, size, size, 1), 'cubic').clip(0, 1)


def dome(size: int = SIZE) -> jax.Array:
  """The depth of a round surface, a third as deep as the picture is wide."""
  place = identity_flow(size, size) / 1.5
  bulge = jnp.sqrt(1 - jnp.sum(place**2, axis=-1, keepdims=True))
  return jnp.tile(1.1 - 0.1 * bulge, (4, 1, 1, 1))


def cameras(focal=FOCAL, centre=CENTRE) -> jax.Array:
  return jnp.tile(intrinsics(focal, centre), (4, 1, 1))


compiled = jax.jit(align)


def find(target, source, camera=None, weight=1.0):
  """Aligns four pairs at once."""
  camera = cameras() if camera is None else camera
  depth = dome(target.shape[1])
  weights = jnp.full(target.shape, weight)
  return compiled(target, source, depth, weights, camera, PIVOTS)


@pytest.fixture(scope='module')
def moved() -> tuple[jax.Array, jax.Array]:
  """Pictures before and after each of MOTIONS."""
  source = pictures()
  return synthesise_view(source, dome(), cameras(), MOTIONS), source


def assert_same_motion(found, expected, degrees: float = 1.0):
  """A turn of a degree moves the dome's pixels by a third of one."""
  np.testing.assert_allclose(found, expected, atol=np.radians(degrees))


def test_a_known_motion_of_a_known_surface_is_found(moved):
  found = find(*moved)
  assert_same_motion(found.motion, MOTIONS)
  assert (found.residual < 0.25 * found.still).all()


def test_light_and_contrast_hardly_change_what_is_found(moved):
  target, source = moved
  found = find(target, 0.2 + 0.5 * source)
  assert_same_motion(found.motion, MOTIONS)


def test_equal_pictures_show_no_motion():
  found = find(pictures(), pictures())
  np.testing.assert_allclose(found.motion, STILL, atol=1e-6)
  np.testing.assert_allclose(found.residual, 0, atol=1e-6)


def test_mirrored_pictures_show_the_mirrored_motion(moved):
  target, source = (picture[:, :, ::-1] for picture in moved)
  centre = CENTRE.at[0].set(SIZE - 1 - CENTRE[0])
  found = find(target, source, cameras(centre=centre))
  assert_same_motion(found.motion, MIRROR @ MOTIONS @ MIRROR)
  mirrored = MIRROR @ find(*moved).motion @ MIRROR
  assert_same_motion(found.motion, mirrored, degrees=0.1)


@pytest.mark.parametrize('grey', [0.0, 0.5])
def test_empty_pictures_show_no_motion(grey):
  picture = jnp.full((4, SIZE, SIZE, 1), grey)
  np.testing.assert_array_equal(find(picture, picture).motion, STILL)


def test_no_motion_is_seen_where_nothing_is_looked_at(moved):
  np.testing.assert_array_equal(find(*moved, weight=0.0).motion, STILL)


def test_pictures_of_different_things_stay_unlike(moved):
  _, source = moved
  found = find(source, jnp.roll(source, 1, axis=0))
  assert jnp.isfinite(found.motion).all()
  assert (found.residual > 0.5).all()


def test_each_pair_is_looked_at_by_itself(moved):
  target, source = (jnp.repeat(picture[:1], 4, axis=0) for picture in moved)
  np.testing.assert_allclose(
    find(target, source).motion[3], find(*moved).motion[0], atol=1e-5
  )


def test_larger_pictures_show_the_same_motion():
  size = 2 * SIZE
  camera = cameras(2 * FOCAL, 2 * CENTRE + 0.5)
  source = pictures(size)
  target = synthesise_view(source, dome(size), camera, MOTIONS)
  assert_same_motion(find(target, source, camera).motion, MOTIONS)


def test_no_gradient_flows_through_it(moved):
  @jax.jit
  @jax.grad
  def slope(depth):
    ones = jnp.ones_like(depth)
    found = align(*moved, depth, ones, cameras(), PIVOTS)
    return jnp.sum(found.motion) + jnp.sum(found.residual)

  assert (slope(dome()) == 0).all()
