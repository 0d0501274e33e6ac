"""What known landmarks teach: where eyelids and lips are, and how they move.

Keypoints that only have to explain pictures find heads, jaws and shoulders, and
pass over lids and lips, whose few pixels hardly count. So points of lids and
lips are learnt from landmarks [compare LivePortrait, arXiv:2407.03168, equation
2: the landmark-guided loss], and the flow is told where to look at landmarks,
of which more than half are of lids and lips.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from dagan_jax.geometry.guides import Landmarks
from dagan_jax.geometry.keypoints import gaussian_maps
from dagan_jax.geometry.motion import look_up

_AWAY = 9.0  # in no picture
_OF_THE_FACE = 17  # the first landmark that is not of the jaw's outline


def guidance(
  guides: Float[Array, 'b g 2'], points: Float[Array, 'b g 2']
) -> Float[Array, '']:
  """How far the points are that were found: mean |difference|.

  Faces whose landmarks are not known count as if all were well.

  Args:
    guides: of `guide_points`.
    points: as found.
  """
  known = jnp.isfinite(guides)
  guides = jax.lax.stop_gradient(jnp.where(known, guides, 0))
  off = jnp.abs(points - guides)
  return jnp.mean(jnp.where(known, off, 0))


def flow_guidance(
  flow: Float[Array, 'b h w 2'], source: Landmarks, driving: Landmarks
) -> Float[Array, '']:
  """How far beside the source's landmarks the flow looks for the driving ones.

  The mean |difference| of a coordinate, of brows, nose, eyes and mouth: the
  jaw's outline may be behind the head. Faces whose landmarks are not known
  count as if all were well.

  Args:
    flow: for every pixel of the driving picture, where to look in the source,
      with aligned corners.
    source: its landmarks.
    driving: likewise.
  """
  pair = jnp.stack([source, driving])[:, :, _OF_THE_FACE:]
  known = jnp.isfinite(pair).all(axis=(0, -1), keepdims=True)[0]
  sides = np.float32(flow.shape[2:0:-1])
  places = (2 * jnp.where(known, pair, 0.5) - 1) * sides / (sides - 1)
  looked = look_up(flow, places[1])
  return jnp.mean(jnp.where(known, jnp.abs(looked - places[0]), 0))


def eyes_and_mouth(
  guides: Float[Array, 'b g 2'], height: int, width: int
) -> Float[Array, 'b h w 1']:
  """Marks eyes and mouth: 1 at the guides, falling off within a tenth.

  Of a face whose landmarks are not known nothing is marked.
  """
  guides = jnp.where(jnp.isfinite(guides), guides, _AWAY)
  maps = gaussian_maps(guides, height, width)
  return jnp.max(maps, axis=-1, keepdims=True)
