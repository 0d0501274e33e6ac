"""Flips and colour changes, drawn once for both frames of a pair."""

import dm_pix
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Images = Float[Array, 'b h w 3']


def augment_pair(
  key: jax.Array,
  source: Images,
  driving: Images,
  *,
  time_flip: float,
  horizontal_flip: float,
  brightness: float,
  contrast: float,
  saturation: float,
  hue: float,
) -> tuple[Images, Images]:
  """The pair of pictures in [0, 1], swapped or mirrored, in other colours.

  As in the published training, a pair that was swapped in time is not mirrored
  as well, so that probabilities of a half give a mirrored pair in every fourth
  case. Colours change by the published amounts, in dm_pix's definitions
  (contrast about each channel's mean, saturation in HSV), always in the order
  brightness, contrast, saturation, hue.

  Args:
    key: a JAX random key.
    source: pictures in [0, 1].
    driving: other frames of the same clips.
    time_flip: probability that the two change places.
    horizontal_flip: probability that the others are mirrored.
    brightness: pictures are multiplied by 1 -/+ at most this.
    contrast: likewise, differences from the mean colour.
    saturation: likewise, saturation.
    hue: colours turn by at most this share of the circle, either way.
  """

  def one(key, pair):
    keys = jax.random.split(key, 6)
    swap = jax.random.bernoulli(keys[0], time_flip)
    mirror = jax.random.bernoulli(keys[1], horizontal_flip) & ~swap
    pair = jnp.where(swap, pair[::-1], pair)
    pair = jnp.where(mirror, pair[:, :, ::-1], pair)

    def factor(key, spread):
      return jax.random.uniform(key, minval=1 - spread, maxval=1 + spread)

    if brightness:
      pair = jnp.clip(pair * factor(keys[2], brightness), 0, 1)
    if contrast:
      amount = factor(keys[3], contrast)
      pair = jnp.clip(dm_pix.adjust_contrast(pair, amount), 0, 1)
    if saturation:
      amount = factor(keys[4], saturation)
      pair = jnp.clip(dm_pix.adjust_saturation(pair, amount), 0, 1)
    if hue:
      turn = jax.random.uniform(keys[5], minval=-hue, maxval=hue)
      pair = jnp.clip(dm_pix.adjust_hue(pair, turn), 0, 1)
    return pair

  pairs = jnp.stack([source, driving], axis=1)
  keys = jax.random.split(key, pairs.shape[0])
  pairs = jax.vmap(one)(keys, pairs)
  return pairs[:, 0], pairs[:, 1]
