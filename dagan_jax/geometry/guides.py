"""Points of lids and lips, which a picture's 68 landmarks name."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

# Means of these landmarks of iBUG's 68: the upper and the lower lid of each
# eye, the inner edge of each lip, the corners of the mouth, the outer edges.
GUIDES = (
  (37, 38),
  (40, 41),
  (43, 44),
  (46, 47),
  (62,),
  (66,),
  (48, 60),
  (54, 64),
  (51,),
  (57,),
)
# Those of an upper and a lower edge that may close, by their place in GUIDES.
LIDS = ((0, 1), (2, 3))
CLOSING = (*LIDS, (4, 5))
# Shares of the picture's sides; NaN: unknown.
Landmarks = Float[Array, 'b 68 2']


def guide_points(landmarks: Landmarks, size: int) -> Float[Array, 'b g 2']:
  """Points of lids and lips, in the coordinates of keypoints; NaN: unknown.

  Args:
    landmarks: of pictures.
    size: of these, in pixels: -1 and 1 are the middles of the outer ones.
  """
  points = [jnp.mean(landmarks[:, np.array(guide)], axis=1) for guide in GUIDES]
  return (2 * size * jnp.stack(points, axis=1) - size) / (size - 1)
