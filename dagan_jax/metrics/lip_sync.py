"""How well lips go with a voice, by SyncNet [Chung and Zisserman 2016].

LSE-D and LSE-C are from Wav2Lip [Prajwal et al. 2020], which took them over.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

SHIFT = 15  # frames by which lips may come too early or too late
_SLIGHT = 1e-6  # that the published code adds to each difference

Features = Float[np.ndarray, 't c']


def sync_distance(
  lips: Sequence[Features], voices: Sequence[Features]
) -> Float[np.ndarray, 'b']:
  """LSE-D: the mean distance to the voice at the shift where it is least.

  Args:
    lips: SyncNet's features of each video, from frame to frame.
    voices: of its sound, likewise.
  """
  return np.array(
    [_distances(*both).min() for both in zip(lips, voices, strict=True)]
  )


def sync_confidence(
  lips: Sequence[Features], voices: Sequence[Features]
) -> Float[np.ndarray, 'b']:
  """LSE-C: how much nearer the voice is at that shift than at most others.

  Args:
    lips: as above.
    voices: as above.
  """
  found = [_distances(*both) for both in zip(lips, voices, strict=True)]
  return np.array([np.median(each) - each.min() for each in found])


def _distances(lips: Features, voice: Features) -> Float[np.ndarray, 's']:
  """Mean distances at every shift; beyond its ends a voice is all zeros."""
  beyond = np.pad(voice, ((SHIFT, SHIFT), (0, 0)))
  return np.array(
    [
      np.linalg.norm(
        lips - beyond[shift : shift + len(lips)] + _SLIGHT, axis=1
      ).mean()
      for shift in range(2 * SHIFT + 1)
    ]
  )
