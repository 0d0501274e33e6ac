"""From two faces' keypoints to motion, and from one face to another."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.keypoints import Keypoints, inverse_2x2
from dagan_jax.geometry.resize import resize_bilinear
from dagan_jax.geometry.warp import identity_flow


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
) -> Float[Array, 'b m h w 2']:
  """The motion each keypoint proposes; motion 0 is the still background.

  Near keypoint k, a driving point z comes from s_k + Js_k Jd_k^-1 (z - d_k)
  [FOMM, eq. 4].
  """
  grid = identity_flow(*size)
  change = source.jacobian @ inverse_2x2(driving.jacobian)
  offset = grid - driving.value[:, :, None, None]
  moved = jnp.einsum('bkij,bkhwj->bkhwi', change, offset)
  moved = moved + source.value[:, :, None, None]
  still = jnp.broadcast_to(grid, (moved.shape[0], 1, *grid.shape))
  return jnp.concatenate([still, moved], axis=1)


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
