"""A detector that needs no packages, and finds what a test has painted."""

import numpy as np

from data_pipelines.faces.landmarks import LandmarkDetector


class FirstPixel(LandmarkDetector):
  """Finds landmarks at the first pixel's red and green; black is no face."""

  def __init__(self):
    pass

  def find(self, picture):
    if not picture[0, 0, 0]:
      return None
    shape = np.random.default_rng(0).uniform(0, 8, (68, 2))
    return np.float32(shape + picture[0, 0, :2])

  def networks(self):
    return []

  def identity(self, picture, landmarks):
    direction = np.zeros(128, np.float32)
    direction[picture[0, 0, 2] // 64] = 1
    return direction
