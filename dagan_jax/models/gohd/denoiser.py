"""Finds the noise in head poses or gazes that go with a voice."""

from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn
from jaxtyping import Array, Float, Int

from dagan_jax.models.gohd.conformer import Conformer
from dagan_jax.models.gohd.diffusion import STEPS, kept_shares
from dagan_jax.models.layers.linear import Linear

_FREQUENCIES = 64  # with which a step's number is told

kaiming = nn.initializers.variance_scaling(2.0, 'fan_in', 'normal')


class Denoiser(nn.Module):
  """The network of GoHD's pose and gaze diffusion [Jia et al. 2025, eq. 2].

  Residual blocks in the manner of DiffWave [Kong et al. 2021], whose dilated
  convolutions are conformers. Poses have 6 channels: three angles in radians, a
  translation; as differences to the first frame. Gazes have 2.

  Attributes:
    channels: of what is denoised.
    width: of the residual blocks; a multiple of the conformers' 8 heads.
    blocks: how many.
    embedding: width of the step's embedding.
    dropout: share of the conformers' features that training leaves out.
    unit: what 1 stands for in a sequence to be denoised, in radians and units
      of the camera. The published networks have 1; but heads turn by a tenth of
      a radian, which noise of variance 1 hides in nearly all steps. With a
      smaller unit, more of the steps have something to teach.
    steps: of the diffusion. After the published 150 a fiftieth of the variance
      is left of every number, which for what changes slowly is much, as it
      stands in many frames: who starts from noise alone never finds it. With a
      small unit, more steps are needed: after 240 hardly anything is left.
    learns_without: whether a learnt vector stands for a first frame that is
      not told, so that one network gives both terms of the guidance.
    predicts: what the layers make: the noise, as published; or its velocity,
      from which the noise follows [Salimans and Ho 2022, appendix D]. Where
      nearly all is noise, a small error of the noise is a huge one of the
      sequence: after 240 steps a hundred times as large. An error of the
      velocity is never made larger.
  """

  channels: int = 6
  width: int = 256
  blocks: int = 20
  embedding: int = 512
  dropout: float = 0.0
  unit: float = 1.0
  steps: int = STEPS
  learns_without: bool = False
  predicts: Literal['noise', 'velocity'] = 'noise'

  @nn.compact
  def __call__(
    self,
    noisy: Float[Array, 'b t c'],
    sound: Float[Array, 'b t m'],
    initial: Float[Array, 'b #t c'] | None,
    step: Int[Array, 'b'],
    *,
    train: bool = False,
  ) -> Float[Array, 'b t c']:
    """The noise.

    Args:
      noisy: the sequence with noise in it, in units of `unit`.
      sound: four rows of a mel spectrum for each frame.
      initial: pose or gaze of the first frame, for all frames or for each. None
        for a network that was trained without; of one that `learns_without`,
        None or NaN where it is not told.
      step: of the diffusion, from 0 on.
      train: whether features are left out, by the random key 'dropout'.
    """
    if self.learns_without:
      # Farther than heads turn and gazes go, so that it means no such thing.
      unknown = self.param('unknown', nn.initializers.ones, (self.channels,))
      initial = unknown if initial is None else initial
      initial = jnp.where(jnp.isnan(initial), unknown, initial)
    condition = sound
    if initial is not None:
      tiled = jnp.broadcast_to(initial, noisy.shape)
      condition = jnp.concatenate([sound, tiled], axis=-1)
    x = embed_step(step)
    for i in (1, 2):
      x = nn.silu(Linear(self.embedding, name=f'step_{i}')(x))
    embedded = x[:, None]

    conv = Linear(self.width, kernel_init=kaiming, name='input')
    x = nn.relu(conv(noisy))
    skips = 0.0
    for i in range(self.blocks):
      block = DenoiserBlock(self.width, i % 3, self.dropout, name=f'block_{i}')
      x, skip = block(x, embedded, condition, train=train)
      skips = skips + skip
    x = skips / np.sqrt(self.blocks)
    x = nn.relu(Linear(self.width, kernel_init=kaiming, name='skip')(x))
    start = nn.initializers.zeros
    found = Linear(self.channels, kernel_init=start, name='output')(x)
    if self.predicts == 'noise':
      return found
    kept = jnp.asarray(np.float32(kept_shares(self.steps)))[step][:, None, None]
    return jnp.sqrt(1 - kept) * noisy + jnp.sqrt(kept) * found


class DenoiserBlock(nn.Module):
  """One residual block; gives what goes on, and what goes to the end."""

  width: int
  dilation: int
  dropout: float

  @nn.compact
  def __call__(
    self,
    x: Float[Array, 'b t w'],
    step: Float[Array, 'b 1 e'],
    condition: Float[Array, 'b t m'],
    *,
    train: bool,
  ) -> tuple[Float[Array, 'b t w'], Float[Array, 'b t w']]:
    y = x + Linear(self.width, name='step')(step)
    y = y + Linear(self.width, name='condition')(condition)
    conformer = Conformer(
      2 * self.width, self.width, self.dilation, self.dropout, name='conformer'
    )
    gate, found = jnp.split(conformer(y, train=train), 2, axis=-1)
    y = jax.nn.sigmoid(gate) * jnp.tanh(found)
    y = Linear(2 * self.width, kernel_init=kaiming, name='output')(y)
    residual, skip = jnp.split(y, 2, axis=-1)
    return (x + residual) / np.sqrt(2), skip


def embed_step(step: Int[Array, 'b']) -> Float[Array, 'b 128']:
  """Sines and cosines of a step's number, of 64 frequencies from 1 to 10^4.

  The published networks learnt with angles rounded to float32, the highest of
  them by as much as 0.06 radians; so we round likewise. Powers are found in
  float64, for those of float32 differ between processors.
  """
  exponent = np.arange(_FREQUENCIES, dtype=np.float32) * np.float32(4)
  exponent /= np.float32(_FREQUENCIES - 1)
  frequency = (10.0 ** exponent.astype(np.float64)).astype(np.float32)
  angle = step[:, None].astype(jnp.float32) * frequency
  return jnp.concatenate([jnp.sin(angle), jnp.cos(angle)], axis=-1)
