"""Head poses and gazes that go with a voice, drawn by a denoiser."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.gohd.diffusion import (
  STEPS,
  Sequence,
  Step,
  denoise,
  guide,
)


def find_noise(
  denoiser: nn.Module,
  variables: Any,
  sound: Float[Array, 'b t m'],
  initial: Float[Array, 'b 1 c'],
  guidance: float,
) -> Callable[[Sequence, Step], Sequence]:
  """What `denoise` asks for: the noise that a denoiser finds, guided.

  Args:
    denoiser: a `Denoiser`; if guided, one that `learns_without`.
    variables: of the denoiser.
    sound: four rows of a mel spectrum for each frame.
    initial: pose or gaze of the first frame.
    guidance: the share of what is found with the first frame; 1: that alone.
  """

  def find(x: Sequence, step: Step) -> Sequence:
    steps = jnp.broadcast_to(step, x.shape[:1])
    found = denoiser.apply(variables, x, sound, initial, steps)
    if guidance == 1:
      return found
    without = denoiser.apply(variables, x, sound, None, steps)
    return guide(found, without, guidance)

  return find


def draw_sequence(
  denoiser: nn.Module,
  variables: Any,
  keys: Any,
  sound: Float[Array, 'b t m'],
  initial: Float[Array, 'b 1 c'],
  guidance: float,
) -> Sequence:
  """Sequences in radians and units of the camera, as the denoiser learnt them.

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

  find = find_noise(denoiser, variables, sound, initial, guidance)
  return denoiser.unit * denoise(find, noise(jnp.int32(STEPS)), noise)
