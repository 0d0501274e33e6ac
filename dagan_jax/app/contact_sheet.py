"""A sheet of pictures that shows how some frames of a video came about."""

import jax
import numpy as np

from dagan_jax.drawing import panels, sheets
from dagan_jax.drawing.reenactment import draw_reenactment
from dagan_jax.geometry.pixels import unit
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.inference.reenactment.driving_motion import DrivingMotion
from dagan_jax.inference.reenactment.portraits import Portrait
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.reenactment.stream import Finisher
from dagan_jax.models.dagan.reenactor import Face

SHOWN = 8  # driving frames
_LEAST_HEIGHT = 256  # pixels of a result


def draw_contact_sheet(
  animator: Animator,
  portrait: Portrait,
  motion: DrivingMotion,
  settings: Settings,
) -> np.ndarray:
  """Source, driving, result, and what led to it, one labelled row each.

  Args:
    animator: the network.
    portrait: that is moved.
    motion: of a video that can be read again.
    settings: how the portrait is moved.

  Returns:
    uint8 (h, w, 3).
  """
  numbers = np.linspace(0, motion.count - 1, min(motion.count, SHOWN))
  numbers = [round(number) for number in numbers]
  finisher = Finisher(portrait, settings.paste_back)
  parts, results = [], []
  for chunk in animator.look_inside(portrait, motion, settings, numbers):
    keypoints, count, squares, *_ = chunk.driving
    face = Face(np.asarray(unit(squares)), None, keypoints)
    part = jax.device_get((face, chunk.rendering))
    parts.append(jax.tree.map(lambda x, n=count: x[:n], part))
    results += [*finisher.finish(chunk.pictures, chunk.mask)][:count]
  driving, rendering = jax.tree.map(lambda *x: np.concatenate(x), *parts)
  source = jax.device_get(animator.programs.analyse(portrait.square[None]))
  rows = draw_reenactment(source, driving, rendering)
  del rows['prediction']  # the result tells
  height = max(animator.size, _LEAST_HEIGHT)  # of a portrait, if pasted back
  rows['result'] = np.stack(
    [panels.scale_to_height(result, height) for result in results]
  )
  order = ['source', 'driving', 'result', *rows]
  return sheets.contact_sheet({name: rows[name] for name in order})
