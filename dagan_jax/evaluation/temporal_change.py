"""How much a video changes beyond what moves in it, with OpenCV."""

import numpy as np
from jaxtyping import UInt8

Picture = UInt8[np.ndarray, 'h w 3']
Pair = tuple[Picture, Picture]  # the true picture, and an answer


def temporal_changes(before: Pair, now: Pair) -> tuple[float, float] | None:
  """Mean absolute difference to the frame before, moved; truth and answer.

  Both are moved by the motion of the truth, for which Farneback's flow is
  taken [DaGAN++, eq. 18]. In [0, 1]; None where OpenCV is not installed.
  """
  try:
    import cv2
  except ImportError:
    return None
  grey = [cv2.cvtColor(true, cv2.COLOR_RGB2GRAY) for true, _ in (now, before)]
  flow = cv2.calcOpticalFlowFarneback(
    *grey, None, pyr_scale=0.5, levels=3, winsize=15, iterations=3, poly_n=5,
    poly_sigma=1.2, flags=0,
  )  # fmt: skip
  height, width = grey[0].shape
  y, x = np.mgrid[:height, :width].astype(np.float32)
  truth, answer = (
    float(np.mean(cv2.absdiff(new, _move(cv2, old, x, y, flow)))) / 255
    for new, old in zip(now, before, strict=True)
  )
  return truth, answer


def _move(cv2, picture, x, y, flow) -> Picture:
  """A picture whose every pixel comes from where the flow points."""
  return cv2.remap(
    picture,
    x + flow[..., 0],
    y + flow[..., 1],
    cv2.INTER_LINEAR,
    borderMode=cv2.BORDER_REPLICATE,
  )
