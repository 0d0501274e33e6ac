import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models.gohd import equalised
from dagan_jax.models.gohd.face_animator import FaceAnimator
from dagan_jax.weights.names.gohd import animator_variables
from tests.reference import rule
from tests.reference.gohd import recorded

TINY = FaceAnimator(width=16, directions=4, transformed_from=16)


def portrait(size):
  picture = rule.image('portrait')[:: 256 // size, :: 256 // size]
  return jnp.asarray(picture / 127.5 - 1)[None]


@pytest.mark.slow
def test_pictures_are_those_of_the_reference():
  recording = recorded.arrays('animator')
  tensors = recorded.tensors('animator')
  with jax.enable_x64(True):
    variables = {'params': animator_variables(tensors)['params']}
    variables = jax.tree.map(np.float64, variables)
    motion = np.float64(recording['semantics'].T[None])

    @jax.jit
    def run(variables, picture, motion):
      animator = FaceAnimator()
      known = animator.apply(variables, picture, method=animator.look)
      latent = animator.apply(
        variables, known.identity, motion, method=animator.walk
      )
      pictures = animator.apply(variables, known, latent, method=animator.draw)
      return known.identity, pictures

    identity, pictures = run(variables, portrait(256), motion)
  np.testing.assert_allclose(identity[0], recording['identity_code'], atol=1e-6)
  for picture in pictures:
    size = picture.shape[1]
    thinned = picture[0, ::4, ::4] if size == 256 else picture[0]
    thinned = picture[0, ::2, ::2] if size == 64 else thinned
    if size != 128:
      expected = recording[f'frame_{size}']
      np.testing.assert_allclose(thinned, expected, atol=1e-6)


@pytest.fixture(scope='module')
def tiny():
  """Variables of a tiny animator, a portrait of 32 pixels and a motion."""
  motion = jax.random.normal(jax.random.key(1), (1, 27, 8))
  picture = portrait(32).astype(jnp.float32)
  variables = jax.jit(TINY.init)(jax.random.key(0), picture, motion)
  return variables, picture, motion


@functools.partial(jax.jit, static_argnums=0)
def run(animator, variables, picture, motion):
  """Identity, latent and pictures."""
  known = animator.apply(variables, picture, method=animator.look)
  latent = animator.apply(
    variables, known.identity, motion, method=animator.walk
  )
  pictures = animator.apply(variables, known, latent, method=animator.draw)
  return known.identity, latent, pictures


def test_pictures_come_at_each_resolution(tiny):
  _, _, pictures = run(TINY, *tiny)
  assert [picture.shape[1:] for picture in pictures] == [
    (8, 8, 3),
    (16, 16, 3),
    (32, 32, 3),
  ]


def test_a_motion_walks_along_the_directions_alone(tiny):
  variables, *_ = tiny
  identity, latent, _ = run(TINY, *tiny)
  directions = variables['params']['codebook']
  way = np.linalg.lstsq(directions, (latent - identity)[0])
  assert abs(latent - identity).max() > 0.1
  np.testing.assert_allclose(way[1], 0, atol=1e-6)  # nothing is left over


def test_what_is_drawn_over_is_told_by_features_or_by_the_mask(tiny):
  variables, *given = tiny
  other = TINY.clone(mixes_features=False)
  _, _, mixed = run(TINY, variables, *given)
  _, _, masked = run(other, variables, *given)
  np.testing.assert_array_equal(mixed[0], masked[0])  # of too few pixels
  assert abs(mixed[-1] - masked[-1]).max() > 1e-3


@pytest.mark.parametrize('size', [1, 4, 5])
def test_enlarging_is_a_transposed_convolution(size):
  keys = jax.random.split(jax.random.key(0))
  x = jax.random.normal(keys[0], (2, size, size + 1, 3))
  kernel = jax.random.normal(keys[1], (3, 3, 3, 4))
  expected = jax.lax.conv_transpose(
    x,
    kernel[::-1, ::-1],
    (2, 2),
    'VALID',
    dimension_numbers=('NHWC', 'HWIO', 'NHWC'),
  )
  found = equalised.enlarge(x, kernel)
  np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_style_scales_as_though_it_scaled_the_weights():
  conv = equalised.ModulatedConv(5)
  keys = jax.random.split(jax.random.key(0), 3)
  x = jax.random.normal(keys[0], (2, 6, 6, 3))
  style = jax.random.normal(keys[1], (2, 4))
  found, variables = conv.init_with_output(keys[2], x, style)
  params = variables['params']
  scale = 1 + style @ params['modulation']['kernel'] / 2
  for i in range(2):
    kernel = params['kernel'] / 27**0.5 * scale[i, :, None]
    kernel = kernel / jnp.sqrt(jnp.sum(kernel**2, axis=(0, 1, 2)) + 1e-8)
    expected = jax.lax.conv_general_dilated(
      x[i : i + 1],
      kernel,
      (1, 1),
      'SAME',
      dimension_numbers=('NHWC', 'HWIO', 'NHWC'),
    )
    np.testing.assert_allclose(found[i], expected[0], atol=1e-5)


def test_a_blur_keeps_what_is_even():
  even = jnp.ones((1, 9, 9, 1))
  np.testing.assert_allclose(equalised.blur(even, (0, 0)), 1.0)
  larger = equalised.enlarge_smoothly(even)
  assert larger.shape == (1, 18, 18, 1)
  np.testing.assert_allclose(larger[:, 2:-2, 2:-2], 1.0)
