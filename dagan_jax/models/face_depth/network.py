"""The face depth network: disparity from one picture."""

from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.layers.convolution import Conv
from dagan_jax.models.layers.resnet import ResNet


class FaceDepth(nn.Module):
  """Disparity in (0, 1) at full, half, quarter and eighth resolution.

  Larger is nearer. A U-net on a ResNet [Monodepth2; DaGAN, section 3.1].
  """

  layers: int = 18
  width: int = 64  # features at the top of the ResNet; 64 as published

  @nn.compact
  def __call__(
    self, image: Float[Array, 'b h w 3'], *, train: bool
  ) -> tuple[Float[Array, 'b _ _ 1'], ...]:
    # One mean and deviation for all channels, unlike ImageNet's.
    x = (image - 0.45) / 0.225
    features = ResNet(self.layers, self.width, name='encoder')(x, train=train)
    return DepthDecoder(self.width // 4, name='decoder')(features)


class DepthDecoder(nn.Module):
  """Comes back up through the encoder's features; no normalisation."""

  width: int = 16  # features at full resolution

  @nn.compact
  def __call__(
    self, features: tuple[Float[Array, 'b _ _ _'], ...]
  ) -> tuple[Float[Array, 'b _ _ 1'], ...]:
    x = features[-1]
    disparities = []
    for n in range(5):
      width = self.width * 2 ** (4 - n)
      x = nn.elu(_conv(width, f'conv_{2 * n}')(x))
      skip = features[3 - n] if n < 4 else None
      up = _conv(width, f'conv_{2 * n + 1}', upsampled=True)
      x = nn.elu(up(x, skip))
      if n > 0:
        head = _conv(1, f'head_{4 - n}', exact=True)
        disparities.append(nn.sigmoid(head(x)))
    return tuple(reversed(disparities))


def _conv(features: int, name: str, **fields: bool) -> Conv:
  return Conv(features, edges='reflected', name=name, **fields)
