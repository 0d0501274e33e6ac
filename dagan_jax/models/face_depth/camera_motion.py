"""How the head moves between two frames, before which camera, and how surely.

For the head's pixels, a head moving before a still camera looks like a camera
moving around a still head. Stage 1 learns from that.
"""

from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.geometry.resize import resize_bilinear
from dagan_jax.models.layers.blocks import UpBlock
from dagan_jax.models.layers.convolution import Conv
from dagan_jax.models.layers.correlation import correlate
from dagan_jax.models.layers.resnet import ResNet

CORRELATED = 16  # cells of the largest map that correlation joins

Backbone = Literal['conv7', 'resnet18', 'resnet50']

# Motions are scaled down, because learning does not recover from a large first
# guess. A head's relief is about a tenth of its distance: with these factors a
# turn and a shift move pixels equally far.
_TURN, _SHIFT = 0.1, 0.05


class Camera(NamedTuple):
  """What is found in p pairs of frames, (target, source).

  A head turns around the pivot, a point inside it straight ahead, and then
  shifts. Every rigid motion can be written in this way. If heads turned around
  the camera instead, a turn and a shift would have to cancel each other almost
  completely.
  """

  axis_angle: Float[Array, 'b p 3']  # radians, from the target to the source
  translation: Float[Array, 'b p 3']  # as shares of the distance
  focal: Float[Array, 'b p 2']  # pixels
  centre: Float[Array, 'b p 2']  # principal point, pixels
  uncertainty: Float[Array, 'b p h w 1'] | None  # in (0, 1), of the target
  pivot: Float[Array, ''] | float  # its depth, in mean distances


class CameraMotion(nn.Module):
  """Motion, camera and uncertainty from pairs of frames.

  Backbones: 'conv7', convolutions of stride 2 (seven of them take 256 pixels
  to the 1024 x 2 x 2 map of [DaGAN++, fig. 5], as in [Gordon et al. 2019]);
  'resnet18' and 'resnet50' with the heads of DaGAN's public code. Published
  weights start the principal point outside of the picture; ours starts at its
  centre, and is linear.

  Attributes:
    backbone: which network sees the pairs.
    width: features at its top: 16 for conv7, 64 for ResNets, as published.
    blocks: of conv7: halvings of the resolution.
    intrinsics: 'clip': all pairs of a clip share the mean of their cameras, for
      a camera does not change while it films; 'pair': each has its own;
      'given': the first guess is not learnt, for relief and focal length can
      hardly be told apart in small pictures.
    focal: the first guess, in widths of the picture. A video of 1920 columns
      that shows 40 degrees has 2640 pixels: four widths of a face 660 pixels
      wide. The usual first guess, the wide angle of street scenes, makes faces
      too deep.
    uncertainty: whether that map is made.
    pivot: how far away the point is that heads turn around, in their mean
      distances. It lies in the neck, behind what is seen of the face.
    correlation: of conv7: the first map of at most 16 x 16 cells also holds
      where each part of the target is found in the source.
    size: pixels: larger pictures are made so small before it looks at them; 0:
      it sees them as they are. Turns are found in pictures in which a nose is
      not to be seen.
  """

  backbone: Backbone = 'conv7'
  width: int = 16
  blocks: int = 7
  intrinsics: Literal['clip', 'pair', 'given'] = 'clip'
  focal: float = 4.0
  uncertainty: bool = True
  pivot: float = 1.0
  correlation: bool = False
  size: int = 0

  @nn.compact
  def __call__(
    self,
    target: Float[Array, 'b p h w 3'],
    source: Float[Array, 'b p h w 3'],
    *,
    train: bool,
  ) -> Camera:
    batch, pairs, height, width, _ = target.shape
    target, source = (
      self._see(x.reshape(batch * pairs, height, width, 3))
      for x in (target, source)
    )
    features = self._features(target, source, train=train)
    motion, focal, centre = self._heads(features)
    motion = motion.reshape(batch, pairs, 6)
    axis_angle, translation = _TURN * motion[..., :3], _SHIFT * motion[..., 3:]
    size = jnp.array([width, height], jnp.float32)
    focal = focal.reshape(batch, pairs, 2) * size
    # Pixels are counted from the centre of the first one.
    centre = centre.reshape(batch, pairs, 2) * size + (size - 1) / 2
    if self.intrinsics == 'clip':
      focal, centre = (
        jnp.broadcast_to(x.mean(1, keepdims=True), x.shape)
        for x in (focal, centre)
      )
    uncertainty = None
    if self.uncertainty:
      uncertainty = _Uncertainty(self.width, name='uncertainty')(
        features, target.shape[1], train=train
      )
      uncertainty = resize_bilinear(uncertainty, height, width)
      uncertainty = uncertainty.reshape(batch, pairs, height, width, 1)
    return Camera(
      axis_angle, translation, focal, centre, uncertainty, self.pivot
    )

  def _see(self, pictures):
    """Pictures of the size that it looks at."""
    if not 0 < self.size < pictures.shape[1]:
      return pictures
    shape = len(pictures), self.size, self.size, 3
    return jax.image.resize(pictures, shape, 'linear')

  def _features(self, target, source, *, train):
    """The deepest map of the backbone."""
    x = (jnp.concatenate([target, source], axis=-1) - 0.45) / 0.225
    if self.backbone != 'conv7':
      layers = int(self.backbone.removeprefix('resnet'))
      resnet = ResNet(layers, self.width, name='encoder')
      return resnet(x, train=train)[-1]
    for i in range(self.blocks):
      # Without normalisation PyTorch's default would let the signal fade.
      x = Conv(
        self.width * 2**i,
        stride=2,
        kernel_init=nn.initializers.he_normal(),
        name=f'conv_{i}',
      )(x)
      x = nn.relu(x)
      cells = x.shape[1]
      if self.correlation and cells <= CORRELATED < 2 * cells:
        x = jnp.concatenate([x, correlate(target, source, cells)], axis=-1)
    return x

  def _heads(self, features):
    """Motion, focal length and principal point, all of them plain numbers."""
    features = features.astype(jnp.float32)
    size, squeezed = 1, jnp.mean(features, axis=(1, 2), keepdims=True)
    if self.backbone != 'conv7':
      size, squeezed = 3, features
      for i, kernel in enumerate((1, 3, 3)):
        conv = Conv(4 * self.width, kernel, name=f'squeeze_{i}')
        squeezed = nn.relu(conv(squeezed))
    motion = jnp.mean(
      Conv(6, 1, exact=True, name='motion')(squeezed), axis=(1, 2)
    )
    if self.intrinsics == 'given':
      focal = jnp.full((len(motion), 2), self.focal)
      return motion, focal, jnp.zeros_like(focal)
    focal = nn.softplus(
      Conv(
        2,
        size,
        exact=True,
        bias_init=nn.initializers.constant(jnp.log(jnp.expm1(self.focal))),
        name='focal',
      )(squeezed)
    )
    centre = Conv(
      2,
      size,
      use_bias=False,
      exact=True,
      kernel_init=nn.initializers.zeros,
      name='centre',
    )(squeezed)
    return motion, *(jnp.mean(x, axis=(1, 2)) for x in (focal, centre))


class _Uncertainty(nn.Module):
  """Up to full resolution, halving the features each time."""

  width: int  # features at full resolution

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b _ _ _'], size: int, *, train: bool
  ) -> Float[Array, 'b h w 1']:
    i = 0
    while x.shape[1] < size:
      features = max(x.shape[-1] // 2, self.width)
      x = UpBlock(features, name=f'up_{i}')(x, train=train)
      i += 1
    return nn.sigmoid(Conv(1, exact=True, name='out')(x))
