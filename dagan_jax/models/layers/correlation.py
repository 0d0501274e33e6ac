"""Where each part of a picture is found again in another one."""

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.geometry.contrast import even_contrast

_REACH = (
  3  # pixels that parts are looked for to each side, as pictures are seen
)
_WINDOW = 5  # pixels that must agree, likewise
_SHARPNESS = 8.0  # how much more the likelier place counts


def correlate(
  target: Float[Array, 'n h w c'], source: Float[Array, 'n h w c'], size: int
) -> Float[Array, 'n {size} {size} 49']:
  """How likely each part of the target lies at 7 x 7 places of the source.

  Places that a network of plain convolutions would have to learn to compare
  [the correlation of Dosovitskiy et al. 2015, FlowNet]. Both are seen in grey
  of even contrast and twice as fine as the map, so the places are half of its
  cells apart. They are in the order of rows, and each cell's sum to 1.

  Args:
    target: pictures, in [0, 1].
    source: likewise.
    size: cells of the map in both directions.
  """
  seen = 2 * size

  def see(x):
    x = jnp.mean(x, axis=-1, keepdims=True)
    return even_contrast(jax.image.resize(x, (len(x), seen, seen, 1), 'linear'))

  target, source = see(target), see(source)
  margin = (_REACH, _REACH)
  source = jnp.pad(source, ((0, 0), margin, margin, (0, 0)), mode='edge')
  shifts = range(2 * _REACH + 1)
  moved = jnp.concatenate(
    [source[:, y : y + seen, x : x + seen] for y in shifts for x in shifts],
    axis=-1,
  )
  agreement = nn.avg_pool(
    target * moved, (_WINDOW, _WINDOW), strides=(2, 2), padding='SAME'
  )
  return nn.softmax(_SHARPNESS * agreement)
