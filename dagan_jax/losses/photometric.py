"""How well one view explains another: the losses of stage 1.

Two published forms, `config.loss.photometric_form`:

                  dagan                           daganpp
  source          CVPR 2022, and its code         TPAMI 2023, eqs. 5 to 8
  error r         0.85 (1 - SSIM) / 2             0.8 (1 - SSIM) / 2
                  + 0.15 |difference|             + 0.2 |difference|
  source views    the one that fits best,         each by itself, with the
                  pixel by pixel                  uncertainty U of that pair
  still pixels    the unmoved source is one       mask M: where the moved
                  more candidate                  source fits better
  loss            mean of the smallest error      sum M (r / U + log U) / sum M

We differ from the publications as follows.

- Both forms: the gradient reaches the camera, each pair (or clip) of frames has
  its own camera, and the sampling grid meets the centres of pixels.
- daganpp: equation 7 adds log U at still pixels too, where no error balances it
  and it falls without end. Here M masks both terms, and a loss of its own,
  `unmasked_uncertainty`, draws U to 1 where M is 0.
- daganpp: U has a lower bound. Without one, pixels with no error would lower
  the loss without end.
- daganpp: equation 5 has 1 - SSIM, neither halved nor clipped. Here it is both,
  as is usual, so that its alpha means the same in both forms.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

SSIM_SHARE = {'dagan': 0.85, 'daganpp': 0.8}  # alpha of each form
_C1, _C2 = 0.01**2, 0.03**2  # steady SSIM where pictures are black or flat

Errors = Float[Array, 'b v h w 1']  # of every pixel in each of v source views


def dissimilarity(
  a: Float[Array, '*b h w c'], b: Float[Array, '*b h w c']
) -> Float[Array, '*b h w c']:
  """(1 - SSIM) / 2 over windows of 3 x 3, in [0, 1]; edges are reflected."""
  mean_a, mean_b = _window_mean(a), _window_mean(b)
  var_a = _window_mean(a * a) - mean_a**2
  var_b = _window_mean(b * b) - mean_b**2
  covariance = _window_mean(a * b) - mean_a * mean_b
  likeness = (2 * mean_a * mean_b + _C1) * (2 * covariance + _C2)
  most = (mean_a**2 + mean_b**2 + _C1) * (var_a + var_b + _C2)
  return jnp.clip((1 - likeness / most) / 2, 0, 1)


def photometric_error(
  target: Float[Array, '*b h w 3'],
  view: Float[Array, '*b h w 3'],
  ssim_share: float,
) -> Float[Array, '*b h w 1']:
  """How much two pictures differ around each pixel; 0 where they agree."""
  structure = jnp.mean(dissimilarity(target, view), axis=-1, keepdims=True)
  colour = jnp.mean(jnp.abs(target - view), axis=-1, keepdims=True)
  return ssim_share * structure + (1 - ssim_share) * colour


def find_moving_pixels(
  moved: Errors, still: Errors
) -> Bool[Array, 'b v h w 1']:
  """Masks the pixels that the moved source explains better than the still one.

  Pixels that keep their place in the picture tell nothing about depth.
  """
  return jax.lax.stop_gradient(moved) < still


def least_error(moved: Errors, still: Errors) -> Float[Array, '']:
  """Averages the smallest error of each pixel: the form of dagan.

  Args:
    moved: errors of the source views as the depth moves them.
    still: errors of the source views as they are.
  """
  best = jnp.min(moved, axis=1)
  unmoved = jnp.min(still, axis=1)
  # Where both errors are equal, as in equal frames, no gradient flows.
  return jnp.mean(jnp.where(best < unmoved, best, unmoved))


def uncertain_error(
  moved: Errors, still: Errors, uncertainty: Errors, least: float
) -> Float[Array, '']:
  """Weighs errors by how certain they are: the form of daganpp.

  It is the negative log-likelihood of a Laplace distribution with the
  uncertainty as its width, which is lowest where the width equals the error.

  Args:
    moved: errors of the source views as the depth moves them.
    still: errors of the source views as they are.
    uncertainty: in (0, 1).
    least: the width for an uncertainty of 0.
  """
  mask = find_moving_pixels(moved, still)
  return _mean(_surprise(moved, uncertainty, least), mask)


def unmasked_uncertainty(
  moved: Errors, still: Errors, uncertainty: Errors, least: float
) -> Float[Array, '']:
  """Draws the uncertainty of pixels that `uncertain_error` leaves out to 1.

  The head's motion does not explain these pixels better than no motion does:
  they are mostly shoulders and background, which move on their own or not at
  all. Without this loss their uncertainty would hardly ever be learnt. It is
  minus the logarithm of the width, 0 for an uncertainty of 1, and has no
  gradient for depth and motion.
  """
  width = _width(uncertainty, least)
  return _mean(-jnp.log(width), ~find_moving_pixels(moved, still))


def smoothness(
  disparity: Float[Array, 'b h w 1'],
  image: Float[Array, 'b h w 3'],
  order: int = 1,
) -> Float[Array, '']:
  """Punishes slopes of disparity where the picture has none.

  Disparity is divided by its mean, or it could become smooth by becoming small
  [Godard et al. 2017].

  Args:
    disparity: any number of pictures.
    image: these.
    order: 1: slopes, as published; 2: changes of slope, which leaves a head as
      round as it is and takes the noise from it.
  """
  mean = jnp.mean(disparity, axis=(1, 2), keepdims=True)
  disparity = disparity / (mean + 1e-7)
  return sum(
    jnp.mean(
      jnp.abs(jnp.diff(disparity, order, axis=axis))
      * jnp.exp(-_contrast(image, order, axis))
    )
    for axis in (1, 2)
  )


def _contrast(image, order, axis):
  """How much the picture changes over the pixels that a difference spans."""
  change = jnp.mean(jnp.abs(jnp.diff(image, axis=axis)), -1, keepdims=True)
  for _ in range(order - 1):
    size = change.shape[axis]
    first, last = (
      jax.lax.slice_in_dim(change, i, size - 1 + i, axis=axis) for i in (0, 1)
    )
    change = jnp.maximum(first, last)
  return change


def _surprise(error, uncertainty, least):
  """The negative log-likelihood of an error, up to a constant."""
  width = _width(uncertainty, least)
  return error / width + jnp.log(width)


def _width(uncertainty, least):
  """The width of the distribution of errors: from `least` to 1."""
  return least + (1 - least) * uncertainty


def _mean(values, mask):
  """Over the mask; 0 where it is empty."""
  return jnp.sum(jnp.where(mask, values, 0)) / (jnp.sum(mask) + 1e-6)


def _window_mean(x):
  """Means over 3 x 3 pixels."""
  edges = [(0, 0)] * (x.ndim - 3) + [(1, 1), (1, 1), (0, 0)]
  x = jnp.pad(x, edges, mode='reflect')
  rows = x[..., :-2, :, :] + x[..., 1:-1, :, :] + x[..., 2:, :, :]
  return (rows[..., :-2, :] + rows[..., 1:-1, :] + rows[..., 2:, :]) / 9
