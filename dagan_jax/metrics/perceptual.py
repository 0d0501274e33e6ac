"""How far a picture is from the true one in the features of a network."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.shapes import Values

Taps = tuple[Float[Array, 'b _ _ _'], ...]
Heads = tuple[Float[Array, '_'], ...]


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


def _scale_to_one(tap: Float[Array, 'b h w c']) -> Float[Array, 'b h w c']:
  lengths = jnp.sqrt(jnp.sum(tap**2, axis=3, keepdims=True))
  return tap / (lengths + 1e-10)
