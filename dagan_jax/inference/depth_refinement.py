"""Learns depth a little further, on the very video whose depth is wanted."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import UInt8
from ml_collections import ConfigDict

from dagan_jax.console import progress
from dagan_jax.tasks.face_depth.task import FaceDepthTask
from dagan_jax.tasks.face_depth.truth import TRUE_LOSSES
from dagan_jax.tasks.task import TrainState, Variables
from data_pipelines.reading.clips import Clip
from data_pipelines.reading.samplers import RandomNeighbours

_BATCH = 4  # moments of the video a step
_RATE = 1e-4  # of learning: depth is known already but for details
# Weights of losses where a training looked at the truth alone.
_BY_PICTURES = {
  'photometric': 1.0,
  'unmasked_uncertainty': 1.0,
  'smoothness': 0.01,
  'curvature': 0.2,
  'relief': 0.0,  # given depth holds it
  'head_motion': 1.0,
  'given_depth': 1.0,
}


def describe_steps(config: ConfigDict, steps: int) -> ConfigDict:
  """The config of so many steps on a video, of that of a training."""
  config = ConfigDict(config.to_dict())
  config.steps = steps
  # Older workdirs lack these; four pairs fit at once, on any processor.
  config.accumulate, config.precision, config.remat = 1, 'float32', False
  config.loss.curvature = config.loss.get('curvature', 0.0)
  config.loss.given_depth = config.loss.get('given_depth', 0.0)
  config.loss.convex_start = 0.0
  config.heads = 1.0
  for name in TRUE_LOSSES:
    config.loss[name] = 0.0
  if not config.loss.photometric:
    config.loss.update(_BY_PICTURES)
    config.camera.solver = True
  config.optimizer.learning_rate = _RATE
  config.optimizer.decay = 'none'
  config.optimizer.warmup_steps = 0
  return config


def learn_on(
  config: ConfigDict,
  variables: dict[str, Variables],
  frames: Sequence[UInt8[np.ndarray, 'h w 3']],
  frame_gap: int,
  steps: int,
) -> dict[str, Variables]:
  """What `variables` become after some steps of stage 1 on one video.

  The steps are those of the workdir's training, with its losses and its solver,
  but without the first guess, at a low rate, and always the same ones. What was
  taught by the truth learns from pictures here, as nobody knows the truth, and
  its depth is held to what it was, for that knows more than pictures tell.

  Args:
    config: of the run that the networks come from.
    variables: of 'depth' and 'camera_motion'.
    frames: of the video, of the size that the networks were trained at; at
      least as many as `config.data.views`.
    frame_gap: how many frames apart those of a moment are, at most.
    steps: how many.
  """
  config = describe_steps(config, steps)
  views = config.data.views
  draw = RandomNeighbours(
    [Clip('video', 'video', len(frames))], config.seed, views, frame_gap
  )

  def batch(step: int):
    moments = [draw(step * _BATCH + k).frames for k in range(_BATCH)]
    return {'frames': np.stack([[frames[i] for i in m] for m in moments])}

  task = FaceDepthTask(config)
  key = jax.random.key(config.seed)
  fresh = jax.jit(task.init)(key, batch(0))
  if config.loss.given_depth:
    variables = {**variables, 'given_depth': variables['depth']}
  # Copies, for a step gives the memory of what it is given to what it makes.
  state = TrainState(
    step=fresh.step,
    variables=jax.tree.map(jnp.copy, variables),
    opt_state=fresh.opt_state,
  )
  advance = jax.jit(task.train_step, donate_argnums=1)
  with progress.bar(steps, unit='step') as bar:
    for step in range(steps):
      state, _ = advance(key, state, batch(step))
      bar.update()
  return state.variables
