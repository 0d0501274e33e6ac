"""A sheet of pictures that shows how some frames of a video came about."""

import jax
import numpy as np

from dagan_jax.drawing import panels, sheets
from dagan_jax.drawing.reenactment import draw_reenactment
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.inference.reenactment.driving_motion import (
  DrivingMotion,
  MotionKind,
  StartFrom,
  smoothed,
  start_frame,
)
from dagan_jax.inference.reenactment.portraits import Portrait
from dagan_jax.inference.reenactment.stream import beginning_from
from dagan_jax.models.dagan.reenactor import Face

SHOWN = 8  # driving frames
_LEAST_HEIGHT = 256  # pixels of a result


def contact_sheet(
  animator: Animator,
  portrait: Portrait,
  driving: DrivingMotion,
  *,
  motion: MotionKind = 'relative',
  start: StartFrom = 'best',
  strength: float = 1.0,
  smooth: float = 0.0,
  **looks,
) -> np.ndarray:
  """Source, driving, result, and what led to it, one labelled row each.

  Arguments are those of `Animator.animate`; the motion comes of a video that
  can be read again.

  Returns:
    uint8 (h, w, 3).
  """
  driving, beginning = smoothed(driving, smooth), None
  if motion == 'relative':
    start = start_frame(driving, start, portrait.keypoints).keypoints
    beginning = beginning_from(portrait.features, start)
  few = _few(driving)
  results = animator.animate(
    portrait, few, motion=motion, start=start, strength=strength, **looks
  )
  programs = animator.programs
  source = jax.device_get(programs.analyse(portrait.square[None]))
  columns = []
  for i, square in enumerate(few.frames):
    keypoints = jax.tree.map(lambda x, i=i: x[i : i + 1], few.keypoints)
    face = Face(np.float32(square[None] / 255), None, keypoints)
    made = programs.render(
      portrait.features, keypoints, beginning, strength, inside=True
    )
    rendering = jax.device_get(made.rendering)
    columns.append(draw_reenactment(source, face, rendering))
  rows = {
    name: np.concatenate([column[name] for column in columns])
    for name in columns[0]
    if name != 'prediction'  # the result tells
  }
  rows['source'] = rows['source'][:1]
  height = max(animator.size, _LEAST_HEIGHT)  # of a portrait, if pasted back
  rows['result'] = np.stack(
    [panels.scale_to_height(x, height) for x in results]
  )
  order = ['source', 'driving', 'result', *rows]
  return sheets.contact_sheet({name: rows[name] for name in order})


def _few(driving: DrivingMotion) -> DrivingMotion:
  """Of its frames some that are evenly spread."""
  count = len(driving.keypoints.value)
  chosen = np.linspace(0, count - 1, min(count, SHOWN)).round().astype(int)
  return driving._replace(
    keypoints=jax.tree.map(lambda x: x[chosen], driving.keypoints),
    frames=[
      frame for i, frame in enumerate(driving.frames) if i in set(chosen)
    ],
  )
