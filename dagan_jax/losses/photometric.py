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

Mended in both: the gradient reaches the camera, each pair (or clip) has its
own, and the sampling grid meets the pixels. Mended in daganpp: equation 7
applies log U to still pixels too, where nothing holds it and it falls for ever,
so M masks both; and U has a floor, or pixels without error lower the loss
without end. Where M is 0 a loss of its own, `unmasked_uncertainty`, draws U
alone to 1. Equation 5 has 1 - SSIM, not halved or clipped; with that done, as
everybody does, its alpha means the same in both forms.
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


def moving(moved: Errors, still: Errors) -> Bool[Array, 'b v h w 1']:
  """The auto-mask: pixels that moving the source explains better than not to.

  What keeps its place in the picture tells nothing about depth.
  """
  return jax.lax.stop_gradient(moved) < still


def least_error(moved: Errors, still: Errors) -> Float[Array, '']:
  """The form of dagan: the mean of each pixel's best explanation.

  Args:
    moved: errors of the source views as the depth moves them.
    still: errors of the source views as they are.
  """
  best = jnp.min(moved, axis=1)
  unmoved = jnp.min(still, axis=1)
  # Where both are as good, as in equal frames, no gradient shall flow.
  return jnp.mean(jnp.where(best < unmoved, best, unmoved))


def uncertain_error(
  moved: Errors, still: Errors, uncertainty: Errors, least: float
) -> Float[Array, '']:
  """The form of daganpp: errors count as far as they can be relied on.

  The negative log-likelihood of a Laplace distribution whose width is the
  uncertainty, which is best where it equals the error.

  Args:
    moved: errors of the source views as the depth moves them.
    still: errors of the source views as they are.
    uncertainty: in (0, 1).
    least: what an uncertainty of 0 counts as.
  """
  mask = moving(moved, still)
  return _mean(_surprise(moved, uncertainty, least), mask)


def unmasked_uncertainty(
  moved: Errors, still: Errors, uncertainty: Errors, least: float
) -> Float[Array, '']:
  """Pixels that `uncertain_error` leaves out are as uncertain as can be.

  Where standing still explains a pixel at least as well, the head's motion does
  not: shoulders and background move on their own, or not at all. They are
  seldom in the mask, so without this their uncertainty would never be learnt.
  Minus the logarithm of the width, which is 0 for an uncertainty of 1; nothing
  of it reaches depth and motion.
  """
  width = _width(uncertainty, least)
  return _mean(-jnp.log(width), ~moving(moved, still))


def smoothness(
  disparity: Float[Array, 'b h w 1'], image: Float[Array, 'b h w 3']
) -> Float[Array, '']:
  """Slopes of the disparity where the picture has none [Godard et al. 2017].

  Disparity is divided by its mean: else it would get smooth by getting small.
  """
  mean = jnp.mean(disparity, axis=(1, 2), keepdims=True)
  disparity = disparity / (mean + 1e-7)
  return sum(
    jnp.mean(
      jnp.abs(jnp.diff(disparity, axis=axis))
      * jnp.exp(-jnp.mean(jnp.abs(jnp.diff(image, axis=axis)), -1, keepdims=1))
    )
    for axis in (1, 2)
  )


def _surprise(error, uncertainty, least):
  """Minus the logarithm of how likely an error was, but for a constant."""
  width = _width(uncertainty, least)
  return error / width + jnp.log(width)


def _width(uncertainty, least):
  """Of the distribution of errors: from `least` to 1."""
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
