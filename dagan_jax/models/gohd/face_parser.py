"""Which part of a face each pixel is of: a judge of what is drawn."""

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.geometry.resize import resize_bilinear, resize_nearest
from dagan_jax.models.gohd.face_measures import FEATURES
from dagan_jax.models.layers.blocks import BatchNorm
from dagan_jax.models.layers.convolution import Conv
from dagan_jax.models.layers.resnet import ResNet
from dagan_jax.models.vgg import DEVIATION, MEAN

PARTS = 19  # skin, brows, eyes, lips, hair and so on, and what is no face
_LAYERS = 18


class FaceParser(nn.Module):
  """BiSeNet [Yu et al. 2018] on a ResNet-18.

  Attributes:
    width: of the ResNet.
  """

  width: int = 64

  @nn.compact
  def __call__(
    self, face: Float[Array, 'b h w 3'], *, train: bool
  ) -> Float[Array, 'b h w 19']:
    """Scores of the parts, for each pixel of a face in [0, 1].

    Published weights learnt from 512 pixels.
    """
    x = (face - jnp.array(MEAN)) / jnp.array(DEVIATION)
    features = ResNet(_LAYERS, self.width, name='backbone')(x, train=train)
    at_8, at_16, at_32 = features[2:]
    narrow, wide = 2 * self.width, 4 * self.width
    whole = jnp.mean(at_32, axis=(1, 2), keepdims=True)
    found = _Layer(narrow, 1, name='whole')(whole, train=train)
    for scale, coarse, fine in ((32, at_32, at_16), (16, at_16, at_8)):
      found += _Refine(narrow, name=f'refine_{scale}')(coarse, train=train)
      found = resize_nearest(found, *fine.shape[1:3])
      found = _Layer(narrow, 3, name=f'head_{scale}')(found, train=train)
    x = jnp.concatenate([at_8, found], axis=-1)
    x = _Layer(wide, 1, name='fuse')(x, train=train)
    weight = jnp.mean(x, axis=(1, 2), keepdims=True)
    weight = nn.relu(_conv(self.width, 'fuse_less')(weight))
    x += x * jax.nn.sigmoid(_conv(wide, 'fuse_more')(weight))
    x = _Layer(wide, 3, name='last')(x, train=train)
    scores = resize_bilinear(
      _conv(PARTS, 'score')(x), *face.shape[1:3], align_corners=True
    )
    self.sow(FEATURES, 'seen', scores)
    return scores


class _Layer(nn.Module):
  """A convolution, a batch norm and a ReLU."""

  features: int
  size: int

  @nn.compact
  def __call__(self, x, *, train):
    x = Conv(self.features, self.size, use_bias=False, name='conv')(x)
    return nn.relu(BatchNorm(name='norm')(x, train=train))


class _Refine(nn.Module):
  """Weighs features by what the whole map shows."""

  features: int

  @nn.compact
  def __call__(self, x, *, train):
    x = _Layer(self.features, 3, name='layer')(x, train=train)
    weight = jnp.mean(x, axis=(1, 2), keepdims=True)
    weight = _conv(self.features, 'attention')(weight)
    weight = BatchNorm(name='attention_norm')(weight, train=train)
    return x * jax.nn.sigmoid(weight)


def _conv(features: int, name: str) -> Conv:
  return Conv(features, 1, use_bias=False, name=name)
