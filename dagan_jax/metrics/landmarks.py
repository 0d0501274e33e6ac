"""How far the landmarks of two faces are from one another."""

import numpy as np
from jaxtyping import Float

Landmarks = Float[np.ndarray, 'b 68 2']  # (x, y) in pixels


def landmark_distance(
  a: Landmarks, b: Landmarks, size: int
) -> Float[np.ndarray, 'b']:
  """Mean absolute difference per coordinate, as in pictures of 256 pixels.

  What the field calls AKD, average keypoint distance, although it is no length.
  On the host; NaN where one of the two is.

  Args:
    a: landmarks of each example.
    b: others of the same example.
    size: of the pictures, in pixels.
  """
  return np.mean(np.abs(a - b), axis=(1, 2)) * (256 / size)
