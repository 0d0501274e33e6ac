"""What GoHD measures in a picture of a face: coefficients, and the gaze."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.layers.linear import Linear
from dagan_jax.models.layers.resnet import ResNet
from dagan_jax.models.vgg import DEVIATION, MEAN

_BINS = 90  # of an angle
_BIN = 4.0  # degrees; the first begins at -180
_LAYERS = 50
# The collection in which they leave what their heads see, as 'seen', where it
# is asked for: `mutable=[FEATURES]`. Flax initialises none of this name.
FEATURES = 'intermediates'


class Coefficients(NamedTuple):
  """A face in the terms of the Basel face model of 2009."""

  identity: Float[Array, 'b 80']
  expression: Float[Array, 'b 64']  # of Guo et al.
  texture: Float[Array, 'b 80']
  angles: Float[Array, 'b 3']  # radians, around x, y and z
  light: Float[Array, 'b 27']  # spherical harmonics, 9 for each colour
  translation: Float[Array, 'b 3']  # units of the face model


class FaceCoefficients(nn.Module):
  """Deep3D's regressor [Deng et al. 2019], a ResNet-50.

  Attributes:
    width: of the ResNet.
  """

  width: int = 64

  @nn.compact
  def __call__(
    self, face: Float[Array, 'b h w 3'], *, train: bool
  ) -> Coefficients:
    """Coefficients of a face, 224 pixels, aligned by five points, in [0, 1]."""
    x = ResNet(_LAYERS, self.width, name='backbone')(face, train=train)[-1]
    x = jnp.mean(x, axis=(1, 2))
    self.sow(FEATURES, 'seen', x)
    counts = (80, 64, 80, 3, 27, 2, 1)
    heads = [Linear(n, name=f'head_{i}')(x) for i, n in enumerate(counts)]
    *others, across, away = heads
    return Coefficients(*others, jnp.concatenate([across, away], axis=-1))


class GazeEstimator(nn.Module):
  """L2CS-Net [Abdelrahman et al. 2022], a ResNet-50 that votes for angles.

  Attributes:
    width: of the ResNet.
  """

  width: int = 64

  @nn.compact
  def __call__(
    self, face: Float[Array, 'b h w 3'], *, train: bool
  ) -> Float[Array, 'b 2']:
    """The gaze of a face, 448 pixels, in [0, 1]: (across, up), radians."""
    x = (face - jnp.array(MEAN)) / jnp.array(DEVIATION)
    x = ResNet(_LAYERS, self.width, name='backbone')(x, train=train)[-1]
    x = jnp.mean(x, axis=(1, 2))
    self.sow(FEATURES, 'seen', x)
    votes = [Linear(_BINS, name=name)(x) for name in ('yaw', 'pitch')]
    return jnp.stack([expected_angle(each) for each in votes], axis=-1)


def expected_angle(votes: Float[Array, 'b 90']) -> Float[Array, 'b']:
  """The mean angle, in radians, of votes for bins of four degrees."""
  degrees = jax.nn.softmax(votes) @ jnp.arange(_BINS) * _BIN - 180
  return degrees * (np.pi / 180)
