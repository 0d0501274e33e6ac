"""What VMAF says of the frames of a video."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float


def vmaf(frames: Sequence[Mapping[str, Any]]) -> Float[np.ndarray, 't']:
  """VMAF of each frame, in [0, 100]; 100 is best.

  A video's first frame, before which nothing moves, scores at most 97.4.

  Args:
    frames: as libvmaf's log describes them.
  """
  return np.array([frame['metrics']['vmaf'] for frame in frames], float)
