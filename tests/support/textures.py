"""Pictures that are busy and flat in places, as photographs are."""

import numpy as np
from scipy import ndimage


def texture(height: int, width: int, seed: int = 0) -> np.ndarray:
  """Grain of many sizes, coarse ones strongest, uint8 (h, w, 3)."""
  rng = np.random.default_rng(seed)
  grain = rng.normal(size=(height, width))
  coarse = sum(
    size * ndimage.gaussian_filter(grain, size) for size in (1, 4, 16, 64)
  )
  grey = 128 + 45 * coarse / coarse.std()
  return np.stack(3 * [grey.clip(0, 255).astype(np.uint8)], -1)
