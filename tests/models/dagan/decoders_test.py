import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models.dagan.decoders import Decoder
from tests.support.variables import random_variables

WIDTHS = (4, 6, 8)
# The deepest first.
FEATURES = tuple(
  jax.random.normal(jax.random.key(size), (1, size, size, width))
  for size, width in zip((4, 8, 16), reversed(WIDTHS), strict=True)
)


def made(levels, **fields):
  """A decoder's variables and, as a function of features, its logits."""
  decoder = Decoder(WIDTHS, 1, **fields)
  variables = random_variables(decoder, FEATURES[:levels], train=False)

  @jax.jit
  def logits(*features):
    y = decoder.apply(variables, features, train=False)
    return jax.scipy.special.logit(y)

  return variables, logits


@pytest.fixture(scope='module')
def multi_level():
  _, logits = made(3)
  return logits


@pytest.mark.parametrize('levels', [1, 3])
def test_the_picture_is_as_large_as_the_finest_level(levels):
  _, logits = made(levels)
  assert jax.eval_shape(logits, *FEATURES[:levels]).shape == (1, 16, 16, 3)


def test_every_level_is_seen(multi_level):
  before = multi_level(*FEATURES)
  for level in range(3):
    changed = list(FEATURES)
    changed[level] = changed[level] + 1
    assert np.max(np.abs(multi_level(*changed) - before)) > 1e-3


def test_of_full_resolution_nothing_but_the_last_convolution_is_asked(
  multi_level,
):
  *deeper, finest = FEATURES
  twice, once, never = (multi_level(*deeper, n * finest) for n in (2, 1, 0))
  np.testing.assert_allclose(twice - once, once - never, atol=1e-4)


def test_levels_between_are_fused_and_may_be_refined():
  names = set(made(1)[0]['params'])
  assert names == {'residual_0', 'up_0', 'up_1', 'final'}
  fused = set(made(3)[0]['params'])
  assert fused == names | {'fuse_0'}
  refined = set(made(3, level_residual_blocks=2)[0]['params'])
  assert refined == fused | {'residual_0_0', 'residual_0_1'}


def test_one_level_alone_gives_the_picture_at_once():
  decoder = Decoder((4,), 1)
  shape = jax.eval_shape(
    functools.partial(decoder.init_with_output, train=False),
    jax.random.key(0),
    (jnp.ones((1, 8, 8, 4)),),
  )[0].shape
  assert shape == (1, 8, 8, 3)
