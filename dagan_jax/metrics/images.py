"""How far a picture is from the true one, example by example."""

import dm_pix
import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.shapes import Images, Values


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
  Papers of this field often print a higher number, computed with a data range
  of 2, which must not be compared with ours.
  """
  return dm_pix.ssim(truth, prediction)


def least_error(errors: Float[Array, 'b v h w 1']) -> Values:
  """Mean over the pixels of the error of the view that explains each best."""
  return jnp.mean(jnp.min(errors, axis=1), axis=(1, 2, 3))
