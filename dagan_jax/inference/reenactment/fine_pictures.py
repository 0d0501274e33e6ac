"""Pictures as sharp as the portrait, of a network that draws smaller ones."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.resize import enlarge, resize_bilinear
from dagan_jax.geometry.warp import enlarge_flow, warp
from dagan_jax.models.dagan.reenactor import Rendering


def move_finely(
  portrait: Float[Array, '1 S S c'],
  rendering: Rendering,
  *,
  align_corners: bool,
) -> Float[Array, 'n S S c']:
  """A portrait of more pixels, moved as the network moves its small one.

  Args:
    portrait: the square that the network saw, and anything that lies on it.
    rendering: what the network made of it, for n frames.
    align_corners: as in the network.
  """
  size = portrait.shape[1]
  small = rendering.deformed.shape[1:3]
  flow = resize_bilinear(
    rendering.motion.flow, *small, align_corners=align_corners
  )
  flow = enlarge_flow(flow, size, size, align_corners=align_corners)
  count = len(flow)
  # All frames look into one picture. Outside of it its edge goes on: black, as
  # in the network, would be seen as a line where that kept some of it.
  moved = warp(
    portrait,
    flow.reshape(1, count * size, size, 2),
    padding='border',
    align_corners=True,
  )
  return moved.reshape(count, size, size, -1)


def add_detail(
  rendering: Rendering, moved: Float[Array, 'n S S 3']
) -> Float[Array, 'n S S 3']:
  """The network's pictures, enlarged, with the detail of the moved portrait.

  Detail is what the large portrait shows beyond the small one, both moved. It
  is taken where the network kept the portrait and left out where it drew; in
  between less of it than was kept, because an edge that is drawn and kept at
  slightly different places would stand there twice.

  Args:
    rendering: of a network that blends.
    moved: the large portrait, as `move_finely` gives it.
  """
  size = moved.shape[1:3]
  detail = moved - enlarge(rendering.deformed, *size, 'cubic')
  kept = enlarge(rendering.blend.kept, *size, 'linear')
  share = jnp.square(kept) * (3 - 2 * kept)
  fine = enlarge(rendering.prediction, *size, 'cubic') + share * detail
  return jnp.clip(fine, 0, 1)
