"""Who judges eye motion and expressions that were made [GoHD, section 3.2].

The paper names the kinds and gives no sizes; these are ours.
"""

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.gohd.conformer import ConformerBlock
from dagan_jax.models.layers.linear import Linear, TimeConv

_EPSILON = 1e-5


class SequencePatches(nn.Module):
  """A score for each stretch of a sequence: PatchGAN over time.

  Attributes:
    width: features of the first of three layers, each of which halves time.
  """

  width: int = 64

  @nn.compact
  def __call__(self, x: Float[Array, 'b t c']) -> Float[Array, 'b p 1']:
    for i in range(3):
      features = self.width * 2**i
      x = TimeConv(features, 4, padding=1, stride=2, name=f'conv_{i}')(x)
      if i:
        x = _standardise(x)
      x = nn.leaky_relu(x, 0.2)
    return TimeConv(1, 3, padding=1, name='score')(x)


class EyeDiscriminator(nn.Module):
  """One score for eyes and brows in time with a voice: attention, then a mean.

  Attributes:
    width: of the attention.
    blocks: how many.
  """

  width: int = 256
  blocks: int = 3

  @nn.compact
  def __call__(
    self, features: Float[Array, 'b t f'], eyes: Float[Array, 'b t n']
  ) -> Float[Array, 'b 1']:
    """The score.

    Args:
      features: of the voice.
      eyes: landmarks of eyes and brows, all numbers of a frame in a row.
    """
    seen = jnp.concatenate([features, eyes], axis=-1)
    x = Linear(self.width, name='input')(seen)
    for i in range(self.blocks):
      x = ConformerBlock(0, 0.0, name=f'block_{i}')(x, train=False)
    return Linear(1, name='score')(jnp.mean(x, axis=1))


def _standardise(x: Float[Array, 'b t c']) -> Float[Array, 'b t c']:
  """Mean 0 and variance 1 over time, as instance norms do."""
  x = x - jnp.mean(x, axis=1, keepdims=True)
  variance = jnp.mean(x**2, axis=1, keepdims=True)
  return x * jax.lax.rsqrt(variance + _EPSILON)


class ExpressionDiscriminators(nn.Module):
  """The three who judge what stage 2 makes: scores by their names.

  Attributes:
    width: features of the first layers of those who see patches.
    attention: width of the one who hears.
  """

  width: int = 64
  attention: int = 256

  @nn.compact
  def __call__(
    self,
    features: Float[Array, 'b t f'],
    landmarks: Float[Array, 'b t n'],
    eye_motion: Float[Array, 'b t 21'],
    expression: Float[Array, 'b t e'],
  ) -> dict[str, Float[Array, 'b *p 1']]:
    """Scores of 'eyes', 'eye_motion' and 'expression'.

    Args:
      features: of the voice.
      landmarks: of eyes and brows.
      eye_motion: of blinking 1, of the brows 20.
      expression: coefficients.
    """
    eyes = EyeDiscriminator(self.attention, name='eyes')
    return {
      'eyes': eyes(features, landmarks),
      'eye_motion': SequencePatches(self.width, name='eye_motion')(eye_motion),
      'expression': SequencePatches(self.width, name='expression')(expression),
    }
