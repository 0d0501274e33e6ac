"""How a head is turned, from its landmarks, with OpenCV."""

import functools

import numpy as np
from jaxtyping import Float

from data_pipelines.synthetic.anatomy import anatomy

# Landmarks that an expression moves little: chin, nose, corners of the eyes
# and of the mouth.
_RIGID = np.array([8, *range(27, 36), 36, 39, 42, 45, 48, 54])
# Of a camera, in sides of the picture. Nobody knows it; it changes both heads
# of a comparison alike.
_FOCAL = 2.0


def head_poses(
  landmarks: Float[np.ndarray, 'b 68 2'], size: int
) -> Float[np.ndarray, 'b 3'] | None:
  """Yaw, pitch and roll in degrees; NaN where landmarks are, or tell none.

  They turn an average head, by perspective-n-point, so that it looks like the
  landmarks. Positive yaw looks to the image's right, positive pitch down,
  positive roll leans clockwise.

  Args:
    landmarks: in pixels.
    size: of the square pictures, in pixels.

  Returns:
    None where OpenCV is not installed.
  """
  try:
    import cv2
  except ImportError:
    return None
  camera = np.array(
    [[_FOCAL * size, 0, size / 2], [0, _FOCAL * size, size / 2], [0, 0, 1]]
  )
  poses = np.full((len(landmarks), 3), np.nan, np.float32)
  for number, points in enumerate(landmarks):
    if not np.isfinite(points).all():
      continue
    try:
      solved, turn, _ = cv2.solvePnP(
        _head(), points[_RIGID].astype(np.float64), camera, None,
        flags=cv2.SOLVEPNP_SQPNP,
      )  # fmt: skip
    except cv2.error:  # the landmarks lie in one place
      continue
    if solved:
      poses[number] = _angles(cv2.Rodrigues(turn)[0])
  return poses


@functools.cache
def _head() -> np.ndarray:
  """The rigid landmarks (n, 3) of an average head that looks at the camera."""
  shape = anatomy()
  return shape.base[shape.landmarks[_RIGID]].astype(np.float64)


def _angles(turn: np.ndarray) -> list[float]:
  """Yaw, pitch, roll in degrees: turns about y, x and z in this order."""
  ahead = -turn[:, 2]  # where the nose points, toward the camera at rest
  across = turn[:, 0]
  yaw = np.arctan2(ahead[0], -ahead[2])
  pitch = np.arcsin(np.clip(ahead[1], -1, 1))
  roll = np.arctan2(across[1], turn[1, 1])
  return np.degrees([yaw, pitch, roll]).tolist()
