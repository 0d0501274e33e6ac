import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagan_jax.geometry.warp import enlarge_flow, identity_flow, warp

IMAGE = jax.random.uniform(jax.random.key(0), (2, 6, 8, 3))
IDENTITY = jnp.broadcast_to(identity_flow(6, 8), (2, 6, 8, 2))
PADDINGS = ['zeros', 'border', 'reflection']


@pytest.mark.parametrize('padding', PADDINGS)
def test_with_aligned_corners_the_identity_changes_nothing(padding):
  same = warp(IMAGE, IDENTITY, padding=padding, align_corners=True)
  np.testing.assert_allclose(same, IMAGE, atol=1e-5)


def test_without_aligned_corners_the_identity_fades_the_edges():
  # The published convention: grids reach from centre to centre, samples from
  # edge to edge, so that half of an edge pixel lies outside.
  white = warp(jnp.ones((1, 6, 8, 1)), IDENTITY[:1])[0, ..., 0]
  np.testing.assert_allclose(white[0, 0], 0.25, atol=1e-5)
  np.testing.assert_allclose(white[0, 3], 0.5, atol=1e-5)
  np.testing.assert_allclose(white[3, 3], 1.0, atol=1e-5)


@pytest.mark.parametrize('align_corners', [False, True])
def test_half_pixel_centres_are_found_exactly(align_corners):
  x = (
    np.arange(8) / 7 * 2 - 1 if align_corners else (np.arange(8) + 0.5) / 4 - 1
  )
  y = (
    np.arange(6) / 5 * 2 - 1 if align_corners else (np.arange(6) + 0.5) / 3 - 1
  )
  flow = np.stack(np.meshgrid(x, y), -1)[None].repeat(2, 0)
  found = warp(
    IMAGE, jnp.asarray(flow, jnp.float32), align_corners=align_corners
  )
  np.testing.assert_allclose(found, IMAGE, atol=1e-5)


def test_outside_is_black_with_zeros_and_the_edge_with_border():
  far = jnp.full((2, 1, 1, 2), 9.0)
  np.testing.assert_array_equal(warp(IMAGE, far, padding='zeros'), 0)
  np.testing.assert_allclose(
    warp(IMAGE, far, padding='border')[:, 0, 0], IMAGE[:, -1, -1]
  )


@given(st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))
@settings(max_examples=20, deadline=None)
def test_reflection_mirrors_at_the_image_edge(x, y):
  inside = jnp.array([x, y], jnp.float32).reshape(1, 1, 1, 2)
  mirrored = 2 - inside  # the edge is at 1
  np.testing.assert_allclose(
    warp(IMAGE[:1], inside, padding='reflection'),
    warp(IMAGE[:1], mirrored, padding='reflection'),
    atol=1e-4,
  )


@pytest.mark.parametrize('padding', PADDINGS)
@pytest.mark.parametrize('align_corners', [False, True])
def test_values_and_gradients_are_pytorchs(padding, align_corners):
  torch = pytest.importorskip('torch')
  flow = jax.random.uniform(
    jax.random.key(1), (2, 5, 7, 2), minval=-2.5, maxval=2.5
  )

  def ours(image, flow):
    out = warp(image, flow, padding=padding, align_corners=align_corners)
    return jnp.sum(jnp.sin(out)), out

  gradients, out = jax.grad(ours, (0, 1), has_aux=True)(IMAGE, flow)
  image = torch.tensor(np.array(IMAGE.transpose(0, 3, 1, 2))).requires_grad_()
  grid = torch.tensor(np.array(flow)).requires_grad_()
  theirs = torch.nn.functional.grid_sample(
    image, grid, padding_mode=padding, align_corners=align_corners
  )
  torch.sin(theirs).sum().backward()
  np.testing.assert_allclose(
    out.transpose(0, 3, 1, 2), theirs.detach(), atol=1e-5
  )
  np.testing.assert_allclose(
    gradients[0].transpose(0, 3, 1, 2), image.grad, atol=1e-4
  )
  np.testing.assert_allclose(gradients[1], grid.grad, atol=1e-4)


@pytest.mark.parametrize('place', [1e9, -3e38, np.inf])
def test_points_at_infinity_do_no_harm(place):
  flow = jnp.full((2, 1, 1, 2), place, jnp.float32)
  out, gradient = jax.value_and_grad(lambda i: jnp.sum(warp(i, flow)))(IMAGE)
  assert out == 0
  np.testing.assert_array_equal(gradient, 0)


@pytest.mark.parametrize('size', [(6, 8), (9, 20), (64, 48)])
def test_what_stands_still_does_so_at_any_size(size):
  large = enlarge_flow(IDENTITY, *size, align_corners=True)
  still = np.broadcast_to(identity_flow(*size), large.shape)
  np.testing.assert_allclose(large, still, atol=1e-6)


@pytest.mark.parametrize('align_corners', [False, True])
def test_at_its_own_size_an_enlarged_flow_finds_what_the_flow_finds(
  align_corners,
):
  flow = jax.random.uniform(jax.random.key(1), (2, 6, 8, 2), minval=-1)
  same = enlarge_flow(flow, 6, 8, align_corners=align_corners)
  np.testing.assert_allclose(
    warp(IMAGE, same, align_corners=True),
    warp(IMAGE, flow, align_corners=align_corners),
    atol=1e-4,
  )


def test_a_shift_by_one_pixel_is_a_shift_by_as_many_as_one_becomes():
  pixel = jnp.float32([2 / 7, 0])
  large = enlarge_flow(IDENTITY + pixel, 18, 24, align_corners=True)
  image = jax.random.uniform(jax.random.key(2), (2, 18, 24, 3))
  moved = warp(image, large, align_corners=True)
  np.testing.assert_allclose(moved[:, :, :-3], image[:, :, 3:], atol=1e-4)
