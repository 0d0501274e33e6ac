"""Flips and colour changes, drawn once for all frames of an example."""

import dm_pix
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from dagan_jax.geometry.shapes import Frames, Images

# Which of iBUG's 68 landmarks each becomes where left and right change places:
# jaw, brows, nose, eyes, outer and inner lips.
MIRRORED = np.array(
  [
    *range(16, -1, -1),
    *range(26, 16, -1),
    *(*range(27, 31), *range(35, 30, -1)),
    *(*range(45, 41, -1), 47, 46, *range(39, 35, -1), 41, 40),
    *(*range(54, 47, -1), *range(59, 54, -1)),
    *(*range(64, 59, -1), *range(67, 64, -1)),
  ]
)


def augment_pair(
  key: jax.Array,
  source: Images,
  driving: Images,
  *,
  time_flip: float,
  landmarks: Float[Array, 'b 2 68 2'] | None = None,
  horizontal_flip: float,
  **colours: float,
) -> tuple[Images, Images, Float[Array, 'b 2 68 2'] | None]:
  """The pair of pictures in [0, 1], swapped or mirrored, in other colours.

  As in the published training, a pair that was swapped in time is not mirrored
  as well, so that probabilities of a half give a mirrored pair in every fourth
  case.

  Args:
    key: a JAX random key.
    source: pictures in [0, 1].
    driving: other frames of the same clips.
    time_flip: probability that the two change places.
    landmarks: of both, shares of the picture's sides; they follow.
    horizontal_flip: probability that the others are mirrored.
    **colours: how `recolour` changes them.
  """

  def one(key, pair, points):
    swap_key, mirror_key, colour_key = jax.random.split(key, 3)
    swap = jax.random.bernoulli(swap_key, time_flip)
    mirror = jax.random.bernoulli(mirror_key, horizontal_flip) & ~swap
    pair = jnp.where(swap, pair[::-1], pair)
    pair = jnp.where(mirror, pair[:, :, ::-1], pair)
    if points is not None:
      points = jnp.where(swap, points[::-1], points)
      points = jnp.where(mirror, mirror_landmarks(points), points)
    return recolour(colour_key, pair, **colours), points

  pairs = jnp.stack([source, driving], axis=1)
  keys = jax.random.split(key, len(pairs))
  pairs, landmarks = jax.vmap(one)(keys, pairs, landmarks)
  return pairs[:, 0], pairs[:, 1], landmarks


def mirror_landmarks(
  landmarks: Float[Array, '*b 68 2'],
) -> Float[Array, '*b 68 2']:
  """The landmarks of the mirrored pictures, shares of their sides."""
  landmarks = landmarks[..., MIRRORED, :]
  return landmarks.at[..., 0].set(1 - landmarks[..., 0])


def augment_clip(
  key: jax.Array,
  frames: Frames,
  *,
  horizontal_flip: float,
  **colours: float,
) -> tuple[Frames, Frames, Bool[Array, 'b']]:
  """Frames in [0, 1] of one clip each: mirrored, and the same in other colours.

  Networks shall know a face in any light, so they see the second; losses
  compare the first, whose colours are true. The third says which examples were
  mirrored.

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
    return clip, recolour(colour_key, clip, **colours), mirror

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
