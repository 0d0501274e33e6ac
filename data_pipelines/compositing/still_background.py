"""Keeps the background of an animated portrait as still as the portrait's."""

import numpy as np
from etils import epy
from jaxtyping import Float32, UInt8

with epy.lazy_imports():  # slow, and few programs need it
  from scipy import ndimage

_REACH = 0.012  # of the side: how far beyond a mask frames are shown
_SOFT = 0.006  # of the side: standard deviation of the transition


class StillBackground:
  """A portrait whose person moves in front of a background that does not.

  Networks warp the whole portrait, so that the wall moves along with the head.
  Here, pixels that show the person neither in the portrait nor in the frame
  are the portrait's, to the bit. All others are the frame's: the person, and
  the background that it uncovered. Between the two lies a soft transition,
  outside of the person's edge.
  """

  def __init__(
    self,
    portrait: UInt8[np.ndarray, 's s 3'],
    mask: Float32[np.ndarray, 's s 1'],
  ):
    """Prepares everything that does not depend on the frames.

    Args:
      portrait: what the network animates.
      mask: 1 where the portrait shows the person, see `person_mask`.
    """
    self._portrait = portrait.astype(np.float32)
    self._before = _widen(mask)

  def __call__(
    self,
    frame: UInt8[np.ndarray, 's s 3'],
    moved: Float32[np.ndarray, 's s 1'],
  ) -> UInt8[np.ndarray, 's s 3']:
    """Returns a frame before the portrait's background.

    Args:
      frame: the network's rendering of the portrait.
      moved: 1 where the person is now: the mask, warped like the portrait.
    """
    share = np.maximum(self._before, _widen(moved))
    mixed = self._portrait + share * (frame - self._portrait)
    return np.round(mixed).astype(np.uint8)


def _widen(mask: np.ndarray) -> np.ndarray:
  """How much of the frame to show: 1 on the mask, to 0 a little outside."""
  side = mask.shape[0]
  reach = 2 * round(_REACH * side) + 3
  wide = ndimage.maximum_filter(mask[..., 0], reach)
  soft = ndimage.gaussian_filter(wide, _SOFT * side)
  # Exact where it matters: the filter's sums are only nearly 0 and 1.
  return np.clip((soft - 0.05) / 0.9, 0, 1)[..., None]
