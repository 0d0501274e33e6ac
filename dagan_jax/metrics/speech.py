"""How faces speak, and whether lids and brows live: against the truth.

Openings are those of lips in millimetres, 'b t', 0 of the face at rest.
"""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from dagan_jax.geometry.sequences import temporal_ssim
from dagan_jax.geometry.shapes import Values

FRAME_RATE = 25  # frames a second
SHUT = 0.5  # millimetres: lips that are no farther apart than so touch
_LEAST = 0.001  # millimetres: lips that move less are still
_SPAN = 5.0  # pixels that lids and brows reach

Openings = Float[Array, 'b t']
Frames = Bool[Array, 'b t']
Points = Float[Array, 'b t n 3']


def lip_correlation(truth: Openings, found: Openings) -> Values:
  """Pearson's correlation of lip openings over time; NaN: a mouth is still."""
  truth, found = (
    x - jnp.mean(x, axis=1, keepdims=True) for x in (truth, found)
  )
  product = jnp.sum(truth * found, axis=1)
  squares = jnp.stack([jnp.sum(x**2, axis=1) for x in (truth, found)])
  still = jnp.min(squares, axis=0) < truth.shape[1] * _LEAST**2
  lengths = jnp.sqrt(jnp.where(still, 1, squares[0] * squares[1]))
  return jnp.where(still, jnp.nan, product / lengths)


def opening_error(truth: Openings, found: Openings) -> Values:
  """How far off the opening of lips is on average, millimetres."""
  return jnp.mean(jnp.abs(truth - found), axis=1)


def bilabial_closure(bilabial: Frames, found: Openings) -> Values:
  """The share of frames of p, b and m with lips that touch; NaN: none are.

  Args:
    bilabial: the frames in which lips must be shut.
    found: what they do.
  """
  return _mean_where(bilabial, jnp.float32(found <= SHUT))


def silent_movement(speaking: Frames, found: Openings) -> Values:
  """How fast lips move while nobody speaks, millimetres a second.

  NaN where speech never pauses for two frames.
  """
  silent = ~speaking[:, 1:] & ~speaking[:, :-1]
  return _mean_where(silent, FRAME_RATE * jnp.abs(jnp.diff(found, axis=1)))


def mouth_distance(truth: Points, found: Points) -> Values:
  """Mean distance of the mouth's landmarks, millimetres; the field's MLD."""
  return jnp.mean(jnp.linalg.norm(truth - found, axis=-1), axis=(1, 2))


def eye_ssim(
  truth: Float[Array, 'b t n'], found: Float[Array, 'b t n']
) -> Values:
  """SSIM over time of landmarks of eyes and brows, pixels: GoHD's SSIM_e."""
  return jnp.mean(temporal_ssim(truth, found, _SPAN), axis=-1)


def eye_variance(found: Float[Array, 'b t n']) -> Values:
  """Variance over time of these landmarks, squared pixels: GoHD's Var_e."""
  return jnp.mean(jnp.var(found, axis=1), axis=-1)


def _mean_where(mask: Frames, values: Openings) -> Values:
  count = jnp.sum(mask, axis=1)
  total = jnp.sum(jnp.where(mask, values, 0), axis=1)
  return jnp.where(count > 0, total / jnp.maximum(count, 1), jnp.nan)
