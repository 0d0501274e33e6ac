import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.resize import (
  downsample_antialiased,
  enlarge,
  resize_bilinear,
  resize_nearest,
  upsample_nearest,
)
from dagan_jax.geometry.warp import identity_flow
from tests.reference import recorded


@pytest.mark.parametrize('scale', [0.5, 0.25, 0.125])
def test_the_pyramid_is_the_original(scale):
  small = downsample_antialiased(recorded.source(), scale)
  assert small.shape == (1, 256 * scale, 256 * scale, 3)
  thin = round(8 * scale)
  np.testing.assert_allclose(
    small[:, ::thin, ::thin],
    recorded.arrays('pyramid')[f'scale_{scale}'],
    atol=1e-5,
  )


def test_scale_one_changes_nothing():
  image = recorded.source(64)
  assert downsample_antialiased(image, 1.0) is image


def test_downsampling_removes_what_it_could_not_show():
  stripes = jnp.tile(jnp.array([0.0, 1.0]), 32)[None, None, :, None]
  stripes = jnp.broadcast_to(stripes, (1, 64, 64, 1))
  middle = downsample_antialiased(stripes, 0.25)[:, 4:-4, 4:-4]
  np.testing.assert_allclose(middle, 0.5, atol=0.01)


def test_upsampling_then_skipping_gives_the_image_back():
  image = jax.random.uniform(jax.random.key(0), (2, 3, 5, 2))
  large = upsample_nearest(image)
  assert large.shape == (2, 6, 10, 2)
  np.testing.assert_array_equal(large[:, 1::2, ::2], image)


def test_bilinear_resizing_keeps_a_ramp_straight():
  ramp = jnp.arange(8.0).reshape(1, 1, 8, 1)
  ramp = jnp.broadcast_to(ramp, (1, 8, 8, 1))
  steps = jnp.diff(resize_bilinear(ramp, 32, 32)[0, 16, 4:-4, 0])
  np.testing.assert_allclose(steps, 0.25, atol=1e-5)


@pytest.mark.parametrize('method', ['linear', 'cubic'])
@pytest.mark.parametrize('size', [(5, 7), (10, 14), (13, 31), (64, 8), (3, 4)])
@pytest.mark.parametrize('jit', [lambda f: f, jax.jit])
def test_enlarging_is_interpolation_as_jax_does_it(size, method, jit):
  image = jax.random.uniform(jax.random.key(0), (2, 5, 7, 3))
  expected = jax.image.resize(image, (2, *size, 3), method, antialias=False)
  made = jit(lambda x: enlarge(x, *size, method))(image)
  np.testing.assert_allclose(made, expected, atol=1e-6)


@pytest.mark.parametrize('size', [(4, 6), (8, 12), (2, 3), (3, 5), (9, 4)])
def test_nearest_resizing_picks_what_pytorch_picks(size):
  torch = pytest.importorskip('torch')
  image = jax.random.uniform(jax.random.key(0), (2, 4, 6, 3))
  theirs = torch.nn.functional.interpolate(
    torch.tensor(np.array(image.transpose(0, 3, 1, 2))), size, mode='nearest'
  )
  np.testing.assert_array_equal(
    resize_nearest(image, *size), theirs.numpy().transpose(0, 2, 3, 1)
  )


def test_doubling_is_resizing_to_the_nearest():
  image = jax.random.uniform(jax.random.key(0), (2, 3, 5, 2))
  np.testing.assert_array_equal(
    resize_nearest(image, 6, 10), upsample_nearest(image)
  )


@pytest.mark.parametrize('size', [5, 9, 33])
def test_with_aligned_corners_a_grid_over_the_picture_stays_one(size):
  grid = identity_flow(9, 17)[None]
  resized = resize_bilinear(grid, size, size, align_corners=True)
  np.testing.assert_allclose(resized[0], identity_flow(size, size), atol=1e-6)
