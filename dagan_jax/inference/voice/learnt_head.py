"""Head poses and gazes that go with a voice, as networks have learnt them.

The networks that the package brings learnt from rendered speakers, see
docs/speakers.md, whose numbers are those of GoHD: what they make is turned into
what a rendered person does.
"""

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d

from dagan_jax.inference.gohd.sampling import hear_motion
from dagan_jax.inference.voice.fixations import fixate
from dagan_jax.models.gohd.networks import build_network
from dagan_jax.weights.boxed_voice import open_voice_box
from data_pipelines.media.voice import Voice
from data_pipelines.synthetic.coefficients import (
  COUNT,
  Coefficients,
  from_coefficients,
)

# Frames over which the trembling is smoothed: with so many, sampled heads
# move about as fast as speakers' do.
_STEADY = 3.0
# What is slower than so many frames is so many times larger in speakers than in
# what is sampled: pitch, yaw, roll, and the three shifts. See
# docs/train_gohd.md for the variances.
_SLOW = 12.0
_LARGER = np.float32([1.3, 1.45, 1.4, 1.55, 1.3, 1.3])


class HeadMotion(NamedTuple):
  """What a head does in n frames, see `synthetic.performance.Performance`."""

  turns: Float[np.ndarray, 'n 3']  # degrees: yaw, pitch, roll
  shifts: Float[np.ndarray, 'n 3']  # metres


def hear_head(voice: Voice, seed: int) -> HeadMotion:
  """Turns and shifts that go with a voice, from a head that faces the camera.

  Raises:
    UsageError: the package's network is missing or damaged.
  """
  return explain_poses(make_lively(_hear('pose', voice, seed)))


def hear_gaze(voice: Voice, seed: int) -> Float[np.ndarray, 'n 2']:
  """Where eyes look before the camera, radians: to the picture's right, down.

  Raises:
    UsageError: the package's network is missing or damaged.
  """
  return -fixate(_hear('gaze', voice, seed))


def make_lively(poses: Float[np.ndarray, 'n 6']) -> Float[np.ndarray, 'n 6']:
  """Sampled poses with turns as large as speakers', and no more trembling."""
  steady, slow = (
    gaussian_filter1d(poses, frames, axis=0) for frames in (_STEADY, _SLOW)
  )
  return steady + (_LARGER - 1) * slow


def explain_poses(poses: Float[np.ndarray, 'n 6']) -> HeadMotion:
  """Turns and shifts of a rendered head that has poses in GoHD's numbers."""
  nothing = (np.zeros((len(poses), n), np.float32) for n in (COUNT, 2))
  expression, gaze = nothing
  shown = from_coefficients(Coefficients(expression, poses, gaze))
  return HeadMotion(shown.turns, shown.shifts)


def _hear(name: str, voice: Voice, seed: int) -> np.ndarray:
  trained = open_voice_box(name)
  network = build_network(trained.config.model.to_dict(), name)
  first = np.zeros(network.channels, np.float32)
  given = network, jax.device_put(trained.variables), voice, first, seed
  return hear_motion(name, *given)
