"""Flips and colour changes, drawn once for all frames of an example."""

import dm_pix
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.shapes import Frames, Images


def augment_pair(
  key: jax.Array,
  source: Images,
  driving: Images,
  *,
  time_flip: float,
  horizontal_flip: float,
  **colours: float,
) -> tuple[Images, Images]:
  """The pair of pictures in [0, 1], swapped or mirrored, in other colours.

  As in the published training, a pair that was swapped in time is not mirrored
  as well, so that probabilities of a half give a mirrored pair in every fourth
  case.

  Args:
    key: a JAX random key.
    source: pictures in [0, 1].
    driving: other frames of the same clips.
    time_flip: probability that the two change places.
    horizontal_flip: probability that the others are mirrored.
    **colours: how `recolour` changes them.
  """

  def one(key, pair):
    swap_key, mirror_key, colour_key = jax.random.split(key, 3)
    swap = jax.random.bernoulli(swap_key, time_flip)
    mirror = jax.random.bernoulli(mirror_key, horizontal_flip) & ~swap
    pair = jnp.where(swap, pair[::-1], pair)
    pair = jnp.where(mirror, pair[:, :, ::-1], pair)
    return recolour(colour_key, pair, **colours)

  pairs = jnp.stack([source, driving], axis=1)
  pairs = jax.vmap(one)(jax.random.split(key, len(pairs)), pairs)
  return pairs[:, 0], pairs[:, 1]


def augment_clip(
  key: jax.Array,
  frames: Frames,
  *,
  horizontal_flip: float,
  **colours: float,
) -> tuple[Frames, Frames]:
  """Frames in [0, 1] of one clip each: mirrored, and the same in other colours.

  Networks shall know a face in any light, so they see the second; losses
  compare the first, whose colours are true.

  Args:
    key: a JAX random key.
    frames: pictures in [0, 1].
    horizontal_flip: probability that an example is mirrored.
    **colours: how `recolour` changes them.
  """

  def one(key, clip):
    mirror_key, colour_key = jax.random.split(key)
    mirror = jax.random.bernoulli(mirror_key, horizontal_flip)
    clip = jnp.where(mirror, clip[:, :, ::-1], clip)
    return clip, recolour(colour_key, clip, **colours)

  return jax.vmap(one)(jax.random.split(key, len(frames)), frames)


def recolour(
  key: jax.Array,
  frames: Float[Array, 't h w 3'],
  *,
  colour: float,
  brightness: float,
  contrast: float,
  saturation: float,
  hue: float,
) -> Float[Array, 't h w 3']:
  """Frames in [0, 1] of one example, all changed in the same way.

  Colours change by the published amounts, in dm_pix's definitions (contrast
  about each channel's mean, saturation in HSV), always in the order brightness,
  contrast, saturation, hue.

  Args:
    key: a JAX random key.
    frames: pictures in [0, 1].
    colour: probability that anything changes.
    brightness: pictures are multiplied by 1 -/+ at most this.
    contrast: likewise, differences from the mean colour.
    saturation: likewise, saturation.
    hue: colours turn by at most this share of the circle, either way.
  """
  keys = jax.random.split(key, 5)

  def factor(key, spread):
    return jax.random.uniform(key, minval=1 - spread, maxval=1 + spread)

  changed = frames
  if brightness:
    changed = jnp.clip(changed * factor(keys[1], brightness), 0, 1)
  if contrast:
    amount = factor(keys[2], contrast)
    changed = jnp.clip(dm_pix.adjust_contrast(changed, amount), 0, 1)
  if saturation:
    amount = factor(keys[3], saturation)
    changed = jnp.clip(dm_pix.adjust_saturation(changed, amount), 0, 1)
  if hue:
    turn = jax.random.uniform(keys[4], minval=-hue, maxval=hue)
    changed = jnp.clip(dm_pix.adjust_hue(changed, turn), 0, 1)
  return jnp.where(jax.random.bernoulli(keys[0], colour), changed, frames)
