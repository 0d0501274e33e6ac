"""Expressions that go with a voice: 64 coefficients of a face model a frame."""

from typing import Literal

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.gohd.audio_encoder import WIDTH, AudioEncoder
from dagan_jax.models.gohd.stretch_encoder import (
  BANDS,
  DILATIONS,
  DROPOUT,
  StretchEncoder,
)
from dagan_jax.models.layers.linear import Linear

EXPRESSION = 64  # coefficients
EYE_MOTION = 21  # of blinking 1, of the brows 20
_HIDDEN = 512


class ExpressionMapper(nn.Module):
  """Expressions frame by frame: stage 1 [Jia et al. 2025, eq. 5].

  Given no eye motion it is the network that the published command runs.

  Attributes:
    width: of the audio encoder.
    hears: a fifth of a second at each frame, as published ('moments'); or as
      well what its encoder finds in the frames around ('stretches'). Then the
      last axis in front of the spectra is time.
    dropout: of who hears stretches: share of features that training leaves out.
    bands, dilations: likewise: of its encoder, see `StretchEncoder`.
  """

  width: int = WIDTH
  hears: Literal['moments', 'stretches'] = 'moments'
  dropout: float = DROPOUT
  bands: tuple[int, int] = BANDS
  dilations: tuple[int, ...] = DILATIONS

  def setup(self):
    if self.hears == 'moments':
      self.audio_encoder = AudioEncoder(self.width)
    else:
      self.audio_encoder = StretchEncoder(
        self.width, self.dropout, self.bands, self.dilations
      )
    self.mapping = Linear(EXPRESSION)

  @property
  def reach(self) -> int:
    """How many frames before and after a frame change its expression."""
    return sum(self.dilations) if self.hears == 'stretches' else 0

  def __call__(
    self,
    mel: Float[Array, '*b 80 16'],
    initial: Float[Array, '*b 64'],
    eye_motion: Float[Array, '*b 21'] | None = None,
    *,
    train: bool,
  ) -> Float[Array, '*b 64']:
    """Expressions, not relative to the first one.

    Args:
      mel: windows of a mel spectrum, bands by time.
      initial: the expression of the source.
      eye_motion: of blinking 1, of the brows 20; None for a network that was
        trained without.
    """
    return self.map(self.hear(mel, train=train), initial, eye_motion)

  def hear(
    self, mel: Float[Array, '*b 80 16'], *, train: bool
  ) -> Float[Array, '*b f']:
    """Features of the voice."""
    alone = mel.ndim - 2 if self.hears == 'moments' else mel.ndim - 3
    rows = mel.reshape(-1, *mel.shape[alone:])
    features = self.audio_encoder(rows, train=train)
    return features.reshape(*mel.shape[:-2], features.shape[-1])

  def map(
    self,
    features: Float[Array, '*b f'],
    initial: Float[Array, '*b 64'],
    eye_motion: Float[Array, '*b 21'] | None = None,
  ) -> Float[Array, '*b 64']:
    """Expressions from features of the voice."""
    known = [features, initial]
    known += [] if eye_motion is None else [eye_motion]
    return self.mapping(jnp.concatenate(known, axis=-1))


# What both layers of the LSTM know of the frames before: cell and output.
Memory = tuple[tuple[Float[Array, 'b h'], Float[Array, 'b h']], ...]


class EyeMotion(nn.Module):
  """Blinks and brows that go with a voice: stage 2 [GoHD, eq. 6 to 8].

  Attributes:
    hidden: numbers that a frame hands to the next, and numbers of noise.
  """

  hidden: int = _HIDDEN

  @nn.compact
  def __call__(
    self,
    features: Float[Array, 'b t f'],
    expression: Float[Array, 'b 64'],
    initial: Float[Array, 'b 21'],
    latent: Float[Array, 'b t h'],
    memory: Memory | None = None,
  ) -> tuple[Float[Array, 'b t 21'], Memory]:
    """The eye motion of some frames after the first one, and what to go on by.

    Args:
      features: of the voice, of these frames.
      expression: of the first frame.
      initial: eye motion of the first frame.
      latent: noise of variance 1, new in each frame.
      memory: what was given for the frames before these; None: there are none
        but the first one.
    """
    start = nn.leaky_relu(Linear(128, name='encoder_0')(initial))
    start = Linear(self.hidden, name='encoder_2')(start)[:, None]
    still = jnp.concatenate([start, expression[:, None]], axis=-1)
    still = jnp.broadcast_to(still, (*features.shape[:2], still.shape[-1]))
    x = jnp.concatenate([features, still, latent], axis=-1)
    kept = []
    for i in range(2):
      lstm = nn.RNN(nn.OptimizedLSTMCell(self.hidden, name=f'lstm_{i}'))
      before = memory[i] if memory else None
      last, x = lstm(x, initial_carry=before, return_carry=True)
      kept.append(last)
    x = nn.leaky_relu(Linear(128, name='output_0')(start + x))
    return Linear(EYE_MOTION, name='output_2')(x), tuple(kept)


class TwoStageExpression(nn.Module):
  """Expressions by way of eye motion, as in the paper [GoHD, section 3.2].

  Attributes:
    width: of the audio encoder.
    hidden: see `EyeMotion`.
  """

  width: int = WIDTH
  hidden: int = _HIDDEN

  def setup(self):
    self.mapper = ExpressionMapper(self.width)
    self.eyes = EyeMotion(self.hidden)

  def __call__(
    self,
    mel: Float[Array, 'b t 80 16'],
    expression: Float[Array, 'b 64'],
    eye_motion: Float[Array, 'b 21'],
    latent: Float[Array, 'b t-1 h'],
    *,
    train: bool,
  ) -> tuple[Float[Array, 'b t 21'], Float[Array, 'b t 64']]:
    """Eye motion and expression of every frame.

    Args:
      mel: windows of a mel spectrum, bands by time.
      expression: of the first frame.
      eye_motion: of the first frame, which is given back as it is.
      latent: noise of variance 1 for the frames after it.
    """
    features = self.mapper.hear(mel, train=train)
    later, _ = self.eyes(features[:, 1:], expression, eye_motion, latent)
    eyes = jnp.concatenate([eye_motion[:, None], later], axis=1)
    return eyes, self._map(features, expression, eyes)

  def go_on(
    self,
    mel: Float[Array, 'b t 80 16'],
    expression: Float[Array, 'b 64'],
    eye_motion: Float[Array, 'b 21'],
    latent: Float[Array, 'b t h'],
    memory: Memory | None = None,
  ) -> tuple[Float[Array, 'b t 64'], Memory]:
    """Expressions of some frames after the first one, and what to go on by.

    In which portions a voice comes changes nothing.

    Args:
      mel: of these frames.
      expression: of the first frame.
      eye_motion: of the first frame.
      latent: noise of variance 1.
      memory: what was given for the frames before these, see `EyeMotion`.
    """
    features = self.mapper.hear(mel, train=False)
    eyes, memory = self.eyes(features, expression, eye_motion, latent, memory)
    return self._map(features, expression, eyes), memory

  def _map(self, features, expression, eyes):
    initial = jnp.broadcast_to(
      expression[:, None], (*eyes.shape[:2], EXPRESSION)
    )
    return self.mapper.map(features, initial, eyes)
