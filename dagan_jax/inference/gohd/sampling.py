"""Poses and gazes that go with a voice, of any length, out of noise."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jaxtyping import Float, Int

from dagan_jax.inference.kept_programs import keep_program
from dagan_jax.models.gohd.denoiser import Denoiser
from dagan_jax.models.gohd.diffusion import GUIDANCE
from dagan_jax.models.gohd.sampling import make_sequence
from data_pipelines.media.voice import PoseMel, Voice, pose_conditions

LENGTH = 150  # frames of a window: GoHD learns on as many
# Frames at the end of a window that the next one is told about, and in which
# one fades into the other. The attention hardly looks any farther.
OVERLAP = 25
LARGEST = 1.0  # radians or units of the camera, of what is sampled
STREAMS = {'expression': 0, 'pose': 1, 'gaze': 2}  # of chance, of one seed


def hear_motion(
  name: str,
  denoiser: Denoiser,
  variables: dict[str, Any],
  voice: Voice,
  first: Float[np.ndarray, 'c'],
  seed: int,
  mel: PoseMel = '100 Hz',
  progress: Callable[[int], object] | None = None,
) -> Float[np.ndarray, 't c']:
  """Poses or gazes that go with a voice, in all of its frames.

  Args:
    name: pose or gaze.
    denoiser: the network.
    variables: what it has learnt.
    voice: of t frames.
    first: pose or gaze in the frame before the first.
    seed: another one, another sequence.
    mel: the spectrum that the network listens to.
    progress: is called with the number of frames that are there.
  """
  return sample_sequence(
    denoiser,
    variables,
    jax.random.fold_in(jax.random.key(seed), STREAMS[name]),
    lambda frames: pose_conditions(voice, frames, mel),
    first,
    voice.frames,
    is_residual=name == 'pose',
    progress=progress,
  )


def sample_sequence(
  denoiser: Denoiser,
  variables: dict[str, Any],
  key: jax.Array,
  listen: Callable[[Int[np.ndarray, 'n']], Float[np.ndarray, 'n 320']],
  first: Float[np.ndarray, 'c'],
  count: int,
  *,
  is_residual: bool,
  progress: Callable[[int], object] | None = None,
) -> Float[np.ndarray, 't c']:
  """What a head does after a frame, in windows that go over into one another.

  A denoiser that learnt without the first frame as well is guided [GoHD, eq.
  3]; the published ones, which did not, are not.

  Memory grows with the numbers alone, and there is one program for all windows:
  the last one goes on beyond the sound, and what is there is not used.

  Args:
    denoiser: the network.
    variables: what it has learnt.
    key: another one, another sequence.
    listen: what is heard in frames.
    first: pose or gaze in the frame before the first.
    count: frames of the sound.
    is_residual: whether the network makes differences to the frame before a
      window; else it makes the values themselves.
    progress: is called with the number of frames that are there.
  """
  made = np.concatenate([first[None], np.zeros((count, len(first)))])
  made = np.float32(made)
  done = 0
  while done < count:
    begin = max(done - OVERLAP, 0)
    initial = made[begin]
    origin = initial if is_residual else np.zeros_like(initial)
    known = np.zeros((LENGTH, len(first)), np.float32)
    known[: done - begin] = made[begin + 1 : done + 1] - origin
    frames = np.minimum(begin + np.arange(LENGTH), count - 1)
    window = _sample(
      denoiser,
      variables,
      jax.random.fold_in(key, begin),
      listen(frames),
      initial,
      known,
      np.arange(LENGTH) < done - begin,
    )
    end = min(begin + LENGTH, count)
    window = np.clip(window[: end - begin], -LARGEST, LARGEST) + origin
    share = np.ones((end - begin, 1), np.float32)  # of the new window
    share[: done - begin, 0] = np.arange(1, done - begin + 1)
    share[: done - begin] /= done - begin + 1
    old = made[begin + 1 : end + 1]
    old += share * (window - old)
    done = end
    if progress:
      progress(done)
  return made[1:]


@keep_program('denoiser')
def _sample(denoiser, variables, key, sound, initial, known, is_known):
  shape = 1, *known.shape

  def noise(step):
    return jax.random.normal(jax.random.fold_in(key, step), shape)

  guidance = GUIDANCE if denoiser.learns_without else 1.0
  given = noise, sound[None], initial[None, None], guidance
  return make_sequence(denoiser, variables, *given, known[None], is_known)[0]
