"""What a face does while the driver is not seen: it rests, and then goes on."""

import jax
import numpy as np
from jaxtyping import Bool

from dagan_jax.geometry.keypoints import Keypoints

FADE = 0.4  # seconds in which a face that rested meets the driver's again


def hold_poses(
  keypoints: Keypoints, seen: Bool[np.ndarray, 't'], fade: int
) -> Keypoints:
  """Poses for the frames in which nobody is seen.

  Each is the last one before; in the last `fade` frames, or in all if there are
  no more, it moves on to the next one, so that nothing jumps. Before the first
  frame with a face it is that frame's pose.

  Args:
    keypoints: of t frames, 't k 2' and 't k 2 2'.
    seen: in which frames a face is, in one at least.
    fade: frames.
  """
  if seen.all():
    return keypoints
  here = np.flatnonzero(seen)
  index = np.arange(len(seen))
  after = np.searchsorted(here, index)  # the first seen frame at or after
  following = here[np.minimum(after, len(here) - 1)]
  last = here[np.maximum(after - 1, 0)]
  gap = np.maximum(following - last - 1, 0)
  left = np.maximum(following - index, 0)  # frames until somebody is seen
  share = np.clip(1 - left / (np.minimum(fade, gap) + 1), 0, 1)
  share[index > here[-1]] = 0

  def pose(values: np.ndarray) -> np.ndarray:
    weights = share.reshape(-1, *[1] * (values.ndim - 1)).astype(values.dtype)
    held = values[last] + weights * (values[following] - values[last])
    held[seen] = values[seen]
    return held

  return jax.tree.map(pose, keypoints)


class HeldPose:
  """The pose of who is seen, and the last one of who is not.

  Who comes back is met within some frames, so that nothing jumps.
  """

  def __init__(self):
    """Has shown nobody yet."""
    self._shown: Keypoints | None = None
    self._share = 1.0  # of the pose that is found

  def follow(self, found: Keypoints, is_seen: bool, step: float) -> Keypoints:
    """The pose to show; `step`: of the way back to the driver in a frame."""
    if self._shown is None:
      self._shown = found
    elif not is_seen:
      self._share = 0.0
    else:
      self._share = min(1.0, self._share + step)
      self._shown = jax.tree.map(
        lambda old, new: old + self._share * (new - old), self._shown, found
      )
    return self._shown
