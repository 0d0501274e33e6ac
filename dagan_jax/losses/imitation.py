"""What one motion network lacks of doing what another does."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.motion import Motion
from dagan_jax.geometry.warp import warp

_FAR = 0.2  # of a side is 10 %: who is off by more is as wrong as can be
_LEAST = 1e-6  # share of a mask that is still told from nothing


def imitation(
  thumbnail: Float[Array, 'b h w 3'],
  taught: Motion,
  found: Motion,
  *,
  align_corners: bool,
) -> dict[str, Float[Array, '']]:
  """Four distances between two motions, 0 where they are equal.

  Args:
    thumbnail: the source, in the pixels of the flows.
    taught: what the teacher finds, at a thumbnail's resolution.
    found: what who learns finds there.
    align_corners: what -1 and 1 mean in a flow, as for `warp`.

  Returns:
    imitated_flow: mean |difference| of where pixels look, in [-1, 1].
    imitated_picture: that of the thumbnails moved so, in [0, 1].
    imitated_masks: the Kullback-Leibler divergence of the masks, in nats.
    imitated_occlusion: mean |difference| of what is seen, in [0, 1], over all
      resolutions.
  """
  off = jnp.abs(taught.flow - found.flow)
  moved, like = (
    warp(thumbnail, motion.flow, align_corners=align_corners)
    for motion in (taught, found)
  )
  ratio = jnp.log(taught.masks + _LEAST) - jnp.log(found.masks + _LEAST)
  seen = [
    jnp.mean(jnp.abs(mine - theirs))
    for mine, theirs in zip(_seen(found), _seen(taught), strict=True)
  ]
  return {
    'imitated_flow': jnp.mean(jnp.minimum(off, _FAR)),
    'imitated_picture': jnp.mean(jnp.abs(moved - like)),
    'imitated_masks': jnp.mean(jnp.sum(taught.masks * ratio, axis=-1)),
    'imitated_occlusion': sum(seen) / len(seen),
  }


def _seen(motion: Motion) -> tuple[Array, ...]:
  return motion.occlusion, *motion.more_occlusions
