"""Adds noise to a sequence, and makes a sequence out of noise, step by step."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

STEPS = 150  # as published
BETAS = np.linspace(1e-4, 0.05, STEPS)  # the variance that each step adds
GUIDANCE = 0.4  # GoHD, appendix C
# By the best guess of the noise in Gaussian sequences, with 0 free steps the
# jump behind frames that are known is 1.6 times the sharpest bend elsewhere;
# with 10 and a cross-fade there is none, and frames differ by 0.09 deviations.
FREE_STEPS = 10

Sequence = Float[Array, 'b t c']
Step = Int[Array, '']


def kept_shares(steps: int = STEPS) -> np.ndarray:
  """The share (steps,) of a sequence's variance that is left after each step.

  The first STEPS are those of GoHD, after which 0.02 is left; in further steps
  the variance that one adds goes on to grow.
  """
  last = BETAS[0] + (BETAS[-1] - BETAS[0]) * (steps - 1) / (STEPS - 1)
  return np.cumprod(1 - np.linspace(BETAS[0], last, steps))


def add_noise(
  sequence: Sequence,
  noise: Sequence,
  step: Int[Array, 'b'],
  steps: int = STEPS,
) -> Sequence:
  """The sequence with as much noise in it as after step n, from 0 on.

  Args:
    sequence: of about variance 1.
    noise: of variance 1.
    step: of each example.
    steps: how many there are.
  """
  kept = jnp.asarray(np.float32(kept_shares(steps)))[step][:, None, None]
  return jnp.sqrt(kept) * sequence + jnp.sqrt(1 - kept) * noise


def guide(
  conditional: Sequence, unconditional: Sequence, guidance: float = GUIDANCE
) -> Sequence:
  """Mixes the noise that is found with and without the first frame.

  Args:
    conditional: the noise of the network that is told pose or gaze of the first
      frame.
    unconditional: of the one that is not.
    guidance: the share of the first; 1 is that one alone [GoHD, eq. 3].
  """
  return guidance * conditional + (1 - guidance) * unconditional


def denoise(
  predict: Callable[[Sequence, Step], Sequence],
  start: Sequence,
  noise: Callable[[Step], Sequence],
  known: Sequence | None = None,
  is_known: Bool[Array, 't'] | None = None,
) -> Sequence:
  """Runs all the steps from noise to a sequence [Ho et al. 2020, algorithm 2].

  One program for all steps. Nothing is clipped: GoHD clips what comes out to
  [-1, 1], radians or units of the camera, before it adds the first pose.

  Frames may be known about already, because another sequence ends with them. In
  all steps but the last FREE_STEPS they stand there with as much noise as the
  others have [Ho et al. 2022, "Video diffusion models", the replacement
  method], and the others go with them. In those last steps all frames agree
  with one another: held to the end, they would leave a jump behind them.

  Args:
    predict: the noise in a sequence after step n, n from 0 on.
    start: noise of variance 1.
    noise: such noise again, to be added in step n.
    known: values of the frames that are known about, which come out nearly so;
      of the others it says nothing.
    is_known: which these are; None: none.
  """
  kept = np.cumprod(1 - BETAS)  # the variance left of the sequence
  before = np.concatenate([[1.0], kept[:-1]])
  share = np.float32(BETAS / np.sqrt(1 - kept))
  growth = np.float32(1 / np.sqrt(1 - BETAS))
  # 0 in the last step, which adds no noise.
  added = np.float32(np.sqrt(BETAS * (1 - before) / (1 - kept)))

  clear, hidden = np.float32(np.sqrt(kept)), np.float32(np.sqrt(1 - kept))

  def recall(x, step):
    if known is None:
      return x
    told = jnp.asarray(clear)[step] * known + jnp.asarray(hidden)[step] * start
    return jnp.where(is_known[:, None] & (step >= FREE_STEPS), told, x)

  def run(x, step):
    x = recall(x, step)
    x = x - jnp.asarray(share)[step] * predict(x, step)
    x = jnp.asarray(growth)[step] * x
    return x + jnp.asarray(added)[step] * noise(step), None

  return jax.lax.scan(run, start, jnp.arange(STEPS - 1, -1, -1))[0]
