"""How far a picture is from the true one in the features of a network."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.shapes import Images, Values

Taps = tuple[Float[Array, 'b _ _ _'], ...]
Heads = tuple[Float[Array, '_'], ...]
_SMALL = 1e-6  # keeps quotients of nothing by nothing at 1


def lpips(truth: Taps, prediction: Taps, heads: Heads) -> Values:
  """Learned perceptual image patch similarity [Zhang et al. 2018]; 0 is best.

  At each tap features are scaled to length 1 pixel by pixel; the squares of
  their differences are summed with the weights of `heads`, and averaged over
  the pixels.
  """
  total = 0.0
  for true, found, head in zip(truth, prediction, heads, strict=True):
    difference = _scale_to_one(true) - _scale_to_one(found)
    total += jnp.mean(jnp.sum(head * difference**2, axis=3), axis=(1, 2))
  return total


def dists(
  truth: Images,
  prediction: Images,
  true_taps: Taps,
  taps: Taps,
  heads: tuple[Float[Array, 'channels'], Float[Array, 'channels']],
) -> Values:
  """Deep image structure and texture similarity [Ding et al. 2020]; 0 is best.

  One less the weighted sum, over all channels of the picture and of the taps,
  of how alike their means are over the pixels, the texture, and how they vary
  together, the structure.

  Args:
    truth: true pictures.
    prediction: pictures.
    true_taps: features of the true pictures, by VGG-16 with L2 pooling.
    taps: likewise of the others.
    heads: how much the texture and the structure of each channel count.
  """
  texture, structure = [], []
  for true, found in zip((truth, *true_taps), (prediction, *taps), strict=True):
    true_mean, mean = (
      jnp.mean(x, axis=(1, 2), keepdims=True) for x in (true, found)
    )
    true_rest, rest = true - true_mean, found - mean
    variances, together = (
      jnp.mean(x, axis=(1, 2))
      for x in (true_rest**2 + rest**2, true_rest * rest)
    )
    squares, product = (
      x[:, 0, 0] for x in (true_mean**2 + mean**2, true_mean * mean)
    )
    texture.append((2 * product + _SMALL) / (squares + _SMALL))
    structure.append((2 * together + _SMALL) / (variances + _SMALL))
  alpha, beta = (head / (heads[0].sum() + heads[1].sum()) for head in heads)
  alike = jnp.concatenate(texture, 1) @ alpha
  return 1 - alike - jnp.concatenate(structure, 1) @ beta


def _scale_to_one(tap: Float[Array, 'b h w c']) -> Float[Array, 'b h w c']:
  lengths = jnp.sqrt(jnp.sum(tap**2, axis=3, keepdims=True))
  return tap / (lengths + 1e-10)
