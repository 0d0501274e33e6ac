"""Makes a sequence out of noise in a few steps instead of all of them."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool

from dagan_jax.models.gohd.diffusion import (
  FREE_STEPS,
  STEPS,
  Sequence,
  Step,
  kept_shares,
)

# At how many moments of the diffusion noise is looked for. Of Gaussian
# sequences of any smoothness 20 leave the variance right within a fifth, as far
# as it is above the noise that is left at last; the 150 steps of
# `diffusion.denoise` lose more of what is fast.
MOMENTS = 20
LAST = 2  # step after which the noise that is left is taken away at once


def solve(
  predict: Callable[[Sequence, Step], Sequence],
  start: Sequence,
  noise: Callable[[Step], Sequence],
  steps: int = STEPS,
  known: Sequence | None = None,
  is_known: Bool[Array, 't'] | None = None,
) -> Sequence:
  """The way of noise to a sequence, in a few steps [SDE-DPM-Solver++].

  Of second order, from one moment to the next, which lie evenly by the
  logarithm of what is clear over what is hidden [Lu et al. 2022, section 4].
  Noise is drawn anew on the way: networks that are not perfect leave trembling
  in a sequence, which new noise hides and later moments take away; without, it
  stays.

  Args:
    predict: the noise in a sequence after step n, n from 0 on.
    start: noise of variance 1.
    noise: such noise again, to be added after step n.
    steps: of the diffusion.
    known: values of frames that are known about, see `diffusion.denoise`.
    is_known: which these are; None: none.
  """
  moments = choose_moments(steps)
  kept = kept_shares(steps)[moments]
  clear, hidden = np.sqrt(kept), np.sqrt(1 - kept)
  gaps = np.diff(np.log(clear / hidden))
  fresh = -np.expm1(-2 * gaps)  # the share of the noise that is drawn anew
  # The last step takes what is found as it is.
  stay = np.append(hidden[1:] / hidden[:-1] * np.exp(-gaps), 0.0)
  move = np.append(clear[1:] * fresh, 1.0)
  added = np.append(hidden[1:] * np.sqrt(fresh), 0.0)
  bend = np.concatenate([[0.0], gaps[1:] / gaps[:-1] / 2, [0.0]])

  def run(carry, now):
    x, before = carry
    step, clear, hidden, stay, move, added, bend = now
    found = (x - hidden * predict(x, step)) / clear
    if known is not None:
      told = is_known[:, None] & (step >= FREE_STEPS)
      found = jnp.where(told, known, found)
    straight = found + bend * (found - before)
    return (stay * x + move * straight + added * noise(step), found), None

  values = (np.float32(x) for x in (clear, hidden, stay, move, added, bend))
  begin = start, jnp.zeros_like(start)
  return jax.lax.scan(run, begin, (np.int32(moments), *values))[0][0]


def choose_moments(steps: int = STEPS) -> np.ndarray:
  """Steps (m,) of the diffusion that are looked at, from the last one on."""
  kept = kept_shares(steps)
  level = np.log(kept / (1 - kept))
  wanted = np.linspace(level[-1], level[LAST], MOMENTS)
  nearest = np.abs(level - wanted[:, None]).argmin(1)
  return np.unique(nearest)[::-1]
