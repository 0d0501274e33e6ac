"""Head poses and gazes that go with a voice, drawn by a denoiser."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Bool, Float

from dagan_jax.models.gohd.diffusion import (
  Sequence,
  Step,
  denoise,
  guide,
)
from dagan_jax.models.gohd.solver import solve


def find_noise(
  denoiser: nn.Module,
  variables: Any,
  sound: Float[Array, 'b t m'],
  initial: Float[Array, 'b 1 c'],
  guidance: float,
) -> Callable[[Sequence, Step], Sequence]:
  """What is asked for on the way from noise: that which a denoiser finds.

  Args:
    denoiser: a `Denoiser`; if guided, one that `learns_without`.
    variables: of the denoiser.
    sound: four rows of a mel spectrum for each frame.
    initial: pose or gaze of the first frame.
    guidance: the share of what is found with the first frame; 1: that alone.
  """

  def apply(x: Sequence, sound, initial, step: Step) -> Sequence:
    steps = jnp.broadcast_to(step, x.shape[:1])
    return denoiser.apply(variables, x, sound, initial, steps)

  def find(x: Sequence, step: Step) -> Sequence:
    if guidance == 1:
      return apply(x, sound, initial, step)
    # Both at once: one network to be compiled.
    starts = jnp.concatenate([initial, jnp.full_like(initial, jnp.nan)])
    twice = (jnp.concatenate([y, y]) for y in (x, sound))
    return guide(*jnp.split(apply(*twice, starts, step), 2), guidance)

  return find


def make_sequence(
  denoiser: nn.Module,
  variables: Any,
  noise: Callable[[Step], Sequence],
  sound: Float[Array, 'b t m'],
  initial: Float[Array, 'b 1 c'],
  guidance: float,
  known: Sequence | None = None,
  is_known: Bool[Array, 't'] | None = None,
) -> Sequence:
  """Sequences in radians and units of the camera, as the denoiser learnt them.

  The published networks take all steps, as published; those that learnt without
  the first frame as well, which are ours, a few.

  Args:
    denoiser: see `find_noise`.
    variables: of the denoiser.
    noise: of variance 1, to be added in a step; that of the step behind the
      denoiser's last is the start.
    sound: four rows of a mel spectrum for each frame.
    initial: pose or gaze of the first frame.
    guidance: see `find_noise`.
    known: values of the frames that are known about, see `denoise`.
    is_known: which these are; None: none.
  """
  find = find_noise(denoiser, variables, sound, initial, guidance)
  start = noise(jnp.int32(denoiser.steps))
  told = (None if known is None else known / denoiser.unit), is_known
  if denoiser.learns_without:
    made = solve(find, start, noise, denoiser.steps, *told)
  else:
    made = denoise(find, start, noise, *told)
  return denoiser.unit * made


def draw_sequence(
  denoiser: nn.Module,
  variables: Any,
  keys: Any,
  sound: Float[Array, 'b t m'],
  initial: Float[Array, 'b 1 c'],
  guidance: float,
) -> Sequence:
  """Sequences as `make_sequence` makes them, of noise that keys decide.

  Args:
    denoiser: see `find_noise`.
    variables: of the denoiser.
    keys: a JAX random key for each example; the same key, the same sequence.
    sound: four rows of a mel spectrum for each frame.
    initial: pose or gaze of the first frame.
    guidance: see `find_noise`.
  """
  shape = (sound.shape[1], denoiser.channels)

  def noise(step: Step) -> Sequence:
    def one(key):
      return jax.random.normal(jax.random.fold_in(key, step), shape)

    return jax.vmap(one)(keys)

  return make_sequence(denoiser, variables, noise, sound, initial, guidance)
