"""How far the landmarks of two faces are from one another."""

import numpy as np
from jaxtyping import Float

Landmarks = Float[np.ndarray, 'b 68 2']  # (x, y) in pixels


def landmark_distance(
  a: Landmarks, b: Landmarks, size: int
) -> Float[np.ndarray, 'b']:
  """Mean absolute difference of coordinates, in pictures of 256 pixels.

  The field calls it AKD, average keypoint distance, although it averages
  coordinates and not lengths. Computed on the host; NaN where one of the two
  holds NaN.

  Args:
    a: landmarks of each example.
    b: the landmarks to compare with.
    size: height and width of the pictures, in pixels.
  """
  return np.mean(np.abs(a - b), axis=(1, 2)) * (256 / size)


def euclidean_landmark_distance(
  a: Landmarks, b: Landmarks, size: int
) -> Float[np.ndarray, 'b']:
  """Mean length between landmarks, in pictures of 256 pixels.

  As `landmark_distance`, but of lengths instead of coordinates: between 1.41
  and 2 times as large.
  """
  return np.mean(np.linalg.norm(a - b, axis=2), axis=1) * (256 / size)


def landmark_error(a: Landmarks, b: Landmarks) -> Float[np.ndarray, 'b']:
  """Mean distance of landmarks as a share of that between the eyes.

  The eyes' outer corners of `a`, as iBUG numbers them; NaN where one of the two
  holds NaN, or `a` has its eyes in one place.
  """
  eyes = np.linalg.norm(a[:, 36] - a[:, 45], axis=1)
  eyes = np.where(eyes > 0, eyes, np.nan)
  return np.mean(np.linalg.norm(a - b, axis=2), axis=1) / eyes


def landmarks_found(a: Landmarks, b: Landmarks) -> Float[np.ndarray, 'b']:
  """1 where both faces have landmarks, 0 where one of the two is NaN."""
  return np.isfinite(a + b).all(axis=(1, 2)).astype(np.float32)
