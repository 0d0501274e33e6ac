"""How far a picture is from the true one, example by example."""

import dm_pix
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.shapes import Images, Values

# How much each scale of MS-SSIM counts, from the finest [Wang et al. 2003].
_SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
# The coarsest of them must hold a window of 11 pixels.
LEAST_MS_SSIM_SIDE = 161
_PAPER_WINDOW = 7
# So large a constant for the luminance leaves its factor at 1.
_WITHOUT_LUMINANCE = 1e8


def l1(truth: Images, prediction: Images) -> Values:
  """Mean absolute difference of pictures in [0, 1]; 0 is best."""
  return jnp.mean(jnp.abs(truth - prediction), axis=(1, 2, 3))


def psnr(truth: Images, prediction: Images) -> Values:
  """Peak signal-to-noise ratio in dB, peak 1; higher is better.

  Equal pictures score 100 dB, not infinity, so that a mean stays finite.
  """
  return jnp.minimum(dm_pix.psnr(truth, prediction), 100.0)


def ssim(truth: Images, prediction: Images) -> Values:
  """Structural similarity [Wang et al. 2004]; 1 is best.

  Its window is a Gaussian of 11 pixels with deviation 1.5, its data range 1.
  Papers of this field often print a higher number, that of `paper_ssim`, which
  must not be compared with it.
  """
  return dm_pix.ssim(truth, prediction)


def paper_ssim(truth: Images, prediction: Images) -> Values:
  """Structural similarity as papers of this field print it; 1 is best.

  What scikit-image's `compare_ssim` did with floats when nobody told it their
  range: uniform windows of 7 x 7 pixels, variances of a sample, and a data
  range of 2. The pictures' range is 1, so that differences seem to be smaller.
  """

  def mean(x):
    sums = jax.lax.reduce_window(
      x, 0.0, jax.lax.add, (1, _PAPER_WINDOW, _PAPER_WINDOW, 1), (1,) * 4,
      'valid',
    )  # fmt: skip
    return sums / _PAPER_WINDOW**2

  # A sample's variance is larger than dm_pix's by count / (count - 1); so
  # much smaller a constant beside it gives the same quotient.
  count = _PAPER_WINDOW**2
  k2 = 0.03 * ((count - 1) / count) ** 0.5
  return dm_pix.ssim(truth, prediction, max_val=2.0, k2=k2, filter_fn=mean)


def ms_ssim(truth: Images, prediction: Images) -> Values:
  """Structural similarity at five scales [Wang et al. 2003]; 1 is best.

  Windows and range are those of `ssim`; channels are compared one by one and
  averaged. Sides need `LEAST_MS_SSIM_SIDE` pixels.
  """
  pictures = [_by_channel(x) for x in (truth, prediction)]
  product = 1.0
  for number, weight in enumerate(_SCALES):
    last = number == len(_SCALES) - 1
    k1 = 0.01 if last else _WITHOUT_LUMINANCE
    # An odd power of a negative similarity would be no number.
    factor = jnp.maximum(dm_pix.ssim(*pictures, k1=k1), 0.0)
    product *= factor**weight
    if not last:
      pictures = [_halve(x) for x in pictures]
  return jnp.mean(product.reshape(-1, 3), axis=1)


def least_error(errors: Float[Array, 'b v h w 1']) -> Values:
  """Mean over the pixels of the error of the view that explains each best."""
  return jnp.mean(jnp.min(errors, axis=1), axis=(1, 2, 3))


def _by_channel(pictures: Images) -> Float[Array, 'n h w 1']:
  """Each channel as a picture, those of one picture side by side."""
  count, height, width, channels = pictures.shape
  flat = jnp.moveaxis(pictures, 3, 1)
  return flat.reshape(count * channels, height, width, 1)


def _halve(x: Float[Array, 'n h w 1']) -> Float[Array, 'n _ _ 1']:
  """Means of 2 x 2 pixels; an odd side repeats its last pixels."""
  height, width = x.shape[1:3]
  x = jnp.pad(
    x, ((0, 0), (0, height % 2), (0, width % 2), (0, 0)), mode='symmetric'
  )
  return x.reshape(len(x), x.shape[1] // 2, 2, x.shape[2] // 2, 2, 1).mean(
    axis=(2, 4)
  )
