"""From two faces' keypoints to motion, and from one face to another."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from dagan_jax.geometry.keypoints import Keypoints, inverse_2x2, offsets
from dagan_jax.geometry.resize import resize_bilinear
from dagan_jax.geometry.warp import identity_flow, warp

# How far around a point `pass_through` bends a flow, to the sides and up and
# down: deviations of 5 and 2.5 pixels of 128. Lips and lids are wide, and part
# by little. What a flow misses by more than `_FAR`, 6 pixels of 128, is rather
# a point that was misfound.
_NEAR = 0.08, 0.04
_FAR = 0.1
# What is open by no more is shut, for points are not found better: 0.6 pixels
# of 128; down is then where the picture's is. And how soft the line is where a
# pair meets, a fifth of a pixel of 64.
_SHUT, _SEAM = 0.01, 0.0005
_FOLDED = 0.1  # of a pixel: what sees less of the source is not judged by it


class Motion(NamedTuple):
  """How the source moves to become the driving frame."""

  flow: Float[Array, 'b h w 2']  # where each pixel looks in the source
  occlusion: Float[Array, 'b h w 1']  # 0: hidden in the source, to be invented
  masks: Float[Array, 'b h w m']  # which keypoint moves a pixel; 0: none
  # Occlusion as found at other resolutions, if it was.
  more_occlusions: tuple[Float[Array, 'b _ _ 1'], ...] = ()

  def occlusion_at(
    self, height: int, width: int, *, align_corners: bool = False
  ) -> Float[Array, 'b h w 1']:
    """The map of that size; if there is none, `occlusion` resized."""
    for occlusion in (self.occlusion, *self.more_occlusions):
      if occlusion.shape[1:3] == (height, width):
        return occlusion
    return resize_bilinear(
      self.occlusion, height, width, align_corners=align_corners
    )


def sparse_flows(
  source: Keypoints, driving: Keypoints, size: tuple[int, int]
) -> Float[Array, 'b h w m 2']:
  """The motion each keypoint proposes; motion 0 is the still background.

  Near keypoint k, a driving point z comes from s_k + Js_k Jd_k^-1 (z - d_k)
  [FOMM, eq. 4].
  """
  grid = identity_flow(*size)[:, :, None]
  change = source.jacobian @ inverse_2x2(driving.jacobian)
  offset = grid - driving.value[:, None, None]
  # Written out, for XLA would make many small matrix products of it.
  moved = sum(
    change[:, None, None, ..., i] * offset[..., i : i + 1] for i in range(2)
  )
  moved = moved + source.value[:, None, None]
  still = jnp.broadcast_to(grid, (*moved.shape[:3], 1, 2))
  return jnp.concatenate([still, moved], axis=3)


def pass_through(
  flow: Float[Array, 'b h w 2'],
  source: Float[Array, 'b k 2'],
  driving: Float[Array, 'b k 2'],
  pairs: Sequence[tuple[int, int]] = (),
) -> Float[Array, 'b h w 2']:
  """Bends a flow so that it looks at `source` where `driving` is.

  A mean of the keypoints' motions is as smooth as their masks, and lips are
  nearer to one another than that: they do not part. A point by itself is met
  exactly; where points crowd, each pixel takes the mean of what they miss. The
  more a point is missed beyond what lips move, the less it counts.

  Lids that shut meet at one place, and a mean of what the two miss is nothing:
  they would stay open. So, as far as a pair closes, each side of the line where
  they meet follows its own point, and the flow leaps over what lay between.

  Args:
    flow: for every pixel of the driving frame, where to look in the source.
    source: points there.
    driving: the same points in the driving frame.
    pairs: numbers of points that may close: the upper edge, and the lower.
  """
  found = look_up(flow, driving)
  right, down = offsets(driving, *flow.shape[1:3])
  wide, high = (
    jnp.exp(-((away / reach) ** 2) / 2)
    for away, reach in zip((right, down), _NEAR, strict=True)
  )
  near = wide * high
  if pairs:
    near = near * _own_sides(source, driving, pairs, *flow.shape[1:3])
  near = near / jnp.maximum(1.0, jnp.sum(near, axis=1, keepdims=True))
  missed = source - found
  far = jnp.max(jnp.abs(missed), axis=-1, keepdims=True) / _FAR
  missed = missed * jnp.clip(2.0 - far, 0.0, 1.0)
  return flow + jnp.einsum('bkhw,bkc->bhwc', near, missed)


def _own_sides(
  source: Float[Array, 'b k 2'],
  driving: Float[Array, 'b k 2'],
  pairs: Sequence[tuple[int, int]],
  height: int,
  width: int,
) -> Float[Array, 'b k h w']:
  """Takes from each point of a pair that closes what is the other's side."""
  upper, lower = np.array(pairs).T
  opening, left = (x[:, lower] - x[:, upper] for x in (source, driving))
  down = opening + left + np.float32((0, _SHUT))
  down = down / jnp.linalg.norm(down, axis=-1, keepdims=True)
  before, now = (jnp.sum(x * down, axis=-1) for x in (opening, left))
  closed = jnp.clip((before - now) / jnp.maximum(before, _SHUT), 0, 1)
  closed = closed[:, :, None, None]
  middle = (driving[:, upper] + driving[:, lower]) / 2
  towards = down[:, :, None, None]
  x, y = offsets(middle, height, width)
  below = jax.nn.sigmoid((x * towards[..., 0] + y * towards[..., 1]) / _SEAM)
  shares = [jnp.ones_like(below[:, 0])] * driving.shape[1]
  for pair, edges in enumerate(pairs):
    for edge, other in zip(edges, (below, 1 - below), strict=True):
      shares[edge] = (1 - closed * other)[:, pair]
  return jnp.stack(shares, axis=1)


def look_up(
  flow: Float[Array, 'b h w 2'], points: Float[Array, 'b k 2']
) -> Float[Array, 'b k 2']:
  """Where a flow looks from points between its pixels, or beyond the last."""
  places = points[:, :, None]
  found = warp(flow, places, padding='border', align_corners=True)
  return found[:, :, 0]


def stretching(
  loose: Float[Array, 'b h w 2'], bent: Float[Array, 'b h w 2']
) -> Float[Array, 'b h w 1']:
  """How much of what `loose` saw around a pixel `bent` still sees there.

  1: as much or more, or hardly any before: beside a head that turns a flow is
  folded of itself. Towards 0: the flow was stretched, so that pixels around
  look at one place. Between lips that part this uncovers what was hidden.
  """
  before = _area(loose)
  seen = _area(bent) / jnp.maximum(before, _FOLDED)
  return jnp.where(before > _FOLDED, jnp.clip(seen, 0.0, 1.0), 1.0)[..., None]


def _area(flow: Float[Array, 'b h w 2']) -> Float[Array, 'b h w']:
  """Of the source, what a pixel looks at: 1 where nothing moves."""
  height, width = flow.shape[1:3]
  down, right = jnp.gradient(flow, axis=(1, 2))
  area = right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0]
  return area * (height - 1) * (width - 1) / 4


def transfer_motion(
  source: Keypoints,
  driving: Keypoints,
  initial: Keypoints,
  scale: Float[Array, ''] | float = 1.0,
  strength: Float[Array, ''] | float = 1.0,
) -> Keypoints:
  """Moves the source's keypoints as the driving ones moved since `initial`.

  Movement, not place, is copied, so the source keeps its own face shape
  [FOMM, section 3.3].

  Args:
    source: keypoints of the portrait.
    driving: of the current driving frame.
    initial: of the driving frame whose pose is nearest to the portrait's.
    scale: size of the source face over that of the driving face; 1 copies
      the movement as large as it is.
    strength: how much of the movement is copied: 0 nothing, 1 all, 2 twice.
  """
  turned = driving.jacobian @ inverse_2x2(initial.jacobian)
  moved = Keypoints(
    value=source.value + scale * (driving.value - initial.value),
    jacobian=turned @ source.jacobian,
  )
  return interpolate(source, moved, strength)


def interpolate(
  source: Keypoints, driving: Keypoints, strength: Float[Array, ''] | float
) -> Keypoints:
  """Moves keypoints from the source's (strength 0) to the driving ones (1)."""
  return jax.tree.map(lambda s, d: s + strength * (d - s), source, driving)
