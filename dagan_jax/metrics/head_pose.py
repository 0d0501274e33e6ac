"""How far two heads are from being turned alike."""

import numpy as np
from jaxtyping import Float

Poses = Float[np.ndarray, 'b 3']  # yaw, pitch, roll in degrees; NaN: no face


def pose_error(a: Poses, b: Poses) -> Float[np.ndarray, 'b']:
  """Root mean square of the differences of three angles, degrees; 0 is best.

  The field calls it PRMSE. NaN where one of the two holds NaN.
  """
  turns = (a - b + 180) % 360 - 180
  return np.sqrt(np.mean(turns**2, axis=1))
