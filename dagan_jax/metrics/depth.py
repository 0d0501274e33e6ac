"""How far a depth map is from the true one, example by example.

Depths are positive, along the optical axis, all in the same unit. Only the
pixels of a mask count. One camera cannot tell the scale of what it sees, so a
prediction is aligned with the truth first: by `scale_to_truth`, or, if its
inverse is known only up to a scale and a shift, by `scale_and_shift_to_truth`.
"""

import functools

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from dagan_jax.geometry.camera import back_project
from dagan_jax.geometry.shapes import Values

Depths = Float[Array, 'b h w 1']
Mask = Bool[Array, 'b h w 1']
Intrinsics = Float[Array, 'b 3 3']  # pixels; the first one's centre is (0, 0)

_PIXELS = (1, 2, 3)
_NEAREST = 1e-6  # stands for every smaller depth, also for negative ones


def abs_rel(truth: Depths, prediction: Depths, mask: Mask) -> Values:
  """Mean of |t - p| / t over the mask [Eigen et al. 2014]; 0 if it is empty."""
  truth, prediction = _inside(truth, mask), _inside(prediction, mask)
  return _mean(jnp.abs(truth - prediction) / truth, mask)


def rmse(truth: Depths, prediction: Depths, mask: Mask) -> Values:
  """Root mean square of t - p over the mask, in the unit of the truth."""
  truth, prediction = _inside(truth, mask), _inside(prediction, mask)
  return jnp.sqrt(_mean((truth - prediction) ** 2, mask))


def log_rmse(truth: Depths, prediction: Depths, mask: Mask) -> Values:
  """Root mean square of log t - log p over the mask."""
  truth, prediction = _inside(truth, mask), _inside(prediction, mask)
  return jnp.sqrt(_mean((jnp.log(truth) - jnp.log(prediction)) ** 2, mask))


def share_within(
  truth: Depths, prediction: Depths, mask: Mask, *, bound: float
) -> Values:
  """Share of the mask's pixels with max(t / p, p / t) < bound; 1 is best.

  0 if the mask is empty.
  """
  truth, prediction = _inside(truth, mask), _inside(prediction, mask)
  ratio = jnp.maximum(truth / prediction, prediction / truth)
  return _mean((ratio < bound).astype(jnp.float32), mask)


# The usual errors [Eigen et al. 2014], by the names that papers give them.
DEPTH_ERRORS = {
  'abs_rel': abs_rel,
  'rmse': rmse,
  'log_rmse': log_rmse,
  'delta1': functools.partial(share_within, bound=1.25),
  'delta2': functools.partial(share_within, bound=1.25**2),
  'delta3': functools.partial(share_within, bound=1.25**3),
}


def scale_to_truth(truth: Depths, prediction: Depths, mask: Mask) -> Depths:
  """The prediction times a factor that gives it the truth's median.

  As Zhou et al. [2017] do. Both medians are over the mask; an empty mask
  changes nothing.
  """
  ratio = _median(truth, mask) / _median(prediction, mask)
  return prediction * ratio[:, None, None, None]


def scale_and_shift_to_truth(
  truth: Depths, prediction: Depths, mask: Mask
) -> Depths:
  """The prediction with the best scale and shift of its inverse depth.

  Scale and shift are those of least squares over the mask [Ranftl et al. 2020],
  but the scale is never negative, which would turn a hollow face into a right
  one: a hollow face becomes flat, at the mean inverse depth, and so does a
  constant prediction. No inverse depth is below a tenth of the smallest true
  one, so that no depth is negative or huge. An empty mask changes nothing.
  """
  target = 1 / _inside(truth, mask)
  inverse = 1 / jnp.maximum(prediction, _NEAREST)
  # Divided by its mean, so that the least variance below fits any unit.
  mean = _mean(inverse, mask)
  inverse = inverse / _spread(jnp.where(mean > 0, mean, 1.0))
  inverse = inverse - _spread(_mean(inverse, mask))
  mean = _mean(target, mask)
  covariance = _mean(inverse * (target - _spread(mean)), mask)
  variance = jnp.maximum(_mean(inverse**2, mask), 1e-12)
  scale = jnp.maximum(covariance / variance, 0.0)
  aligned = _spread(scale) * inverse + _spread(mean)
  smallest = jnp.min(target, axis=_PIXELS, where=mask, initial=jnp.inf)
  aligned = jnp.maximum(aligned, _spread(smallest / 10))
  return jnp.where(_any(mask), 1 / aligned, prediction)


def normals(depth: Depths, intrinsics: Intrinsics) -> Float[Array, 'b h w 3']:
  """Unit normals of the surface that a depth map shows, toward the camera.

  x points right, y down, z ahead. Normals come from central differences of the
  points in space, at the border of the picture from one-sided ones; the picture
  has at least 2 x 2 pixels. Where the differences vanish the normal is 0.
  """
  points = back_project(depth, intrinsics)
  down, right = jnp.gradient(points, axis=(1, 2))
  normal = jnp.cross(down, right)
  length = jnp.linalg.norm(normal, axis=-1, keepdims=True)
  return normal / jnp.where(length > 0, length, 1.0)


def normal_error(
  truth: Depths, prediction: Depths, mask: Mask, intrinsics: Intrinsics
) -> Values:
  """Mean angle between the surfaces' normals in degrees, in [0, 180].

  A pixel counts if its four neighbours are in the mask too: an edge has no
  normal. If no pixel counts the error is 0; a normal of length 0 is off by 90.

  Scaling the depth changes no normal. Shifting the inverse depth does: it makes
  the relief deeper or flatter. So align a prediction that is known only up to a
  shift, and compare only predictions that were aligned in the same way.
  """
  ours, theirs = normals(prediction, intrinsics), normals(truth, intrinsics)
  sine = jnp.linalg.norm(jnp.cross(ours, theirs), axis=-1, keepdims=True)
  cosine = jnp.sum(ours * theirs, axis=-1, keepdims=True)
  angle = jnp.degrees(jnp.arctan2(sine, cosine))
  vanished = (sine == 0) & (cosine == 0)
  return _mean(jnp.where(vanished, 90.0, angle), _interior(mask))


def plane(mask: Mask) -> Depths:
  """A prediction that needs no network: depth 1 everywhere."""
  return jnp.ones(mask.shape, jnp.float32)


def ellipsoid(mask: Mask, intrinsics: Intrinsics) -> Depths:
  """The front of an ellipsoid that fits the mask, its centre at distance 1.

  A prediction that needs no network either, and a hard one to beat: it is given
  the true mask and the true focal length. Its outline is the ellipse with the
  mask's first and second moments (a uniform ellipse has covariance axes^2 / 4),
  as if seen from far away. Its half-axis toward the camera is the geometric
  mean of the two others. The depth is 1 outside the outline, and everywhere for
  an empty mask; it is never below 0.1.
  """
  height, width = mask.shape[1:3]
  y, x = jnp.mgrid[:height, :width].astype(jnp.float32)[..., None]
  x, y = (jnp.broadcast_to(a, mask.shape) for a in (x, y))
  x, y = (a - _spread(_mean(a, mask)) for a in (x, y))
  # A pixel is a square, which has the variance 1 / 12 along each axis.
  xx, yy = (_spread(_mean(a**2, mask)) + 1 / 12 for a in (x, y))
  xy = _spread(_mean(x * y, mask))
  determinant = xx * yy - xy**2
  radius = (yy * x**2 - 2 * xy * x * y + xx * y**2) / (4 * determinant)
  focal = (intrinsics[:, 0, 0] + intrinsics[:, 1, 1]) / 2
  half_axis = 2 * determinant**0.25 / _spread(focal)
  front = 1 - half_axis * jnp.sqrt(jnp.maximum(1 - radius, 0.0))
  return jnp.where(_any(mask), jnp.maximum(front, 0.1), 1.0)


def _inside(depth: Depths, mask: Mask) -> Depths:
  """Positive depth; 1 outside the mask, where files keep 0, inf or nan."""
  return jnp.where(mask, jnp.maximum(depth, _NEAREST), 1.0)


def _mean(values: Depths, mask: Mask) -> Values:
  """Mean over the mask; 0 if it is empty."""
  count = jnp.sum(mask, axis=_PIXELS)
  total = jnp.sum(jnp.where(mask, values, 0.0), axis=_PIXELS)
  return total / jnp.maximum(count, 1)


def _median(depth: Depths, mask: Mask) -> Values:
  """Median over the mask; 1 if it is empty."""
  depth = jnp.where(mask, jnp.maximum(depth, _NEAREST), jnp.nan)
  median = jnp.nanmedian(depth, axis=_PIXELS)
  return jnp.where(jnp.any(mask, axis=_PIXELS), median, 1.0)


def _interior(mask: Mask) -> Mask:
  """The mask's pixels whose four neighbours are in the mask as well."""
  padded = jnp.pad(mask, ((0, 0), (1, 1), (1, 1), (0, 0)))
  rows = padded[:, :-2, 1:-1] & padded[:, 2:, 1:-1]
  columns = padded[:, 1:-1, :-2] & padded[:, 1:-1, 2:]
  return mask & rows & columns


def _any(mask: Mask) -> Bool[Array, 'b 1 1 1']:
  return jnp.any(mask, axis=_PIXELS, keepdims=True)


def _spread(values: Values) -> Float[Array, 'b 1 1 1']:
  return values[:, None, None, None]
