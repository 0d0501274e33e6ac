"""Pictures of what GoHD's parts make of a voice."""

import numpy as np
from jaxtyping import Float

from dagan_jax.drawing import colours
from dagan_jax.drawing.curves import draw_curves
from dagan_jax.drawing.landmarks import draw_faces

_LEAST_REACH = 5.0  # degrees that a picture shows
_LEAST_OPENING = 5.0  # millimetres


def draw_motion(
  truth: Float[np.ndarray, 'b t n'],
  drawn: tuple[Float[np.ndarray, 'b t n'], ...],
) -> dict[str, np.ndarray]:
  """Curves of angles over time, by name; all of one scale.

  Args:
    truth: in degrees.
    drawn: the same, as often as it was drawn.
  """
  reach = max(float(abs(truth).max()), _LEAST_REACH)
  rows = {'truth': truth} | {
    f'drawn {number + 1}': motion for number, motion in enumerate(drawn)
  }
  return {
    name: draw_curves(motion, -reach, reach) for name, motion in rows.items()
  }


def draw_expression(
  lips: Float[np.ndarray, 'b t 2'],
  lids: Float[np.ndarray, 'b t 2'],
  true_face: Float[np.ndarray, 'b 68 2'],
  face: Float[np.ndarray, 'b 68 2'],
) -> dict[str, np.ndarray]:
  """Curves of lips and lids, the truth in red; faces where lips open most.

  Arguments are those of `tasks.gohd.faces.Shown`.
  """
  reach = max(float(lips[..., 0].max()), _LEAST_OPENING)
  return {
    'lips': draw_curves(lips, -reach / 4, reach),
    'lids': draw_curves(lids, -0.2, 1.4),
    'true face': draw_faces(true_face),
    'made': draw_faces(face),
  }


def draw_animator(
  source: Float[np.ndarray, 'b h w 3'],
  driving: Float[np.ndarray, 'b h w 3'],
  prediction: Float[np.ndarray, 'b h w 3'],
  unmoved: Float[np.ndarray, 'b h w 3'],
) -> dict[str, np.ndarray]:
  """Rows of pictures by name; arguments are those of `animator.Drawn`."""
  rows = {
    'source': source,
    'driving': driving,
    'prediction': prediction,
    'identity alone': unmoved,
  }
  return {name: colours.picture(pictures) for name, pictures in rows.items()}
