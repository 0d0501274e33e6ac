"""The optimizer that a config describes, and one player's step with it."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import optax
from ml_collections import ConfigDict

Params = Any  # a tree of arrays


def learning_rate(config: ConfigDict, steps: int) -> optax.Schedule:
  """Learning rate by step, from `config.optimizer` and the run's length."""
  rate = config.learning_rate
  decaying = max(steps - config.warmup_steps, 1)
  if config.decay == 'cosine':
    schedule = optax.cosine_decay_schedule(rate, decaying)
  elif config.decay == 'step':
    drops = {
      round(share * decaying): config.decay_factor for share in config.decay_at
    }
    schedule = optax.piecewise_constant_schedule(rate, drops)
  else:
    schedule = optax.constant_schedule(rate)
  if not config.warmup_steps:
    return schedule
  warmup = optax.linear_schedule(0.0, rate, config.warmup_steps)
  return optax.join_schedules([warmup, schedule], [config.warmup_steps])


def adam(config: ConfigDict, steps: int) -> optax.GradientTransformation:
  """Adam, behind a clip of the whole gradient's norm when one is asked for."""
  optimizer = optax.adam(
    learning_rate(config, steps), b1=config.b1, b2=config.b2, eps=1e-8
  )
  # A link that does nothing keeps the state's structure: a run can go on with
  # a clip that it began without.
  clip = optax.identity()
  if config.clip_norm:
    clip = optax.clip_by_global_norm(config.clip_norm)
  return optax.chain(clip, optimizer)


def player_update(
  optimizer: optax.GradientTransformation,
  gradient: Params,
  opt_state: optax.OptState,
  params: Params,
) -> tuple[Params, optax.OptState]:
  """A player's parameters and optimizer after one step down its gradient."""
  updates, opt_state = optimizer.update(gradient, opt_state, params)
  return optax.apply_updates(params, updates), opt_state


def update_average(
  average: Params, values: Params, step: jax.typing.ArrayLike, decay: float
) -> Params:
  """A running average of a network that has been updated `step` times before.

  average <- d average + (1 - d) values. The decay d rises to `decay`, which it
  has after some 10 / (1 - decay) steps: a short run's average must not remember
  how it began.
  """
  step = jnp.asarray(step, jnp.float32)
  decay = jnp.minimum(decay, (1 + step) / (10 + step))
  return jax.tree.map(lambda a, v: a + (1 - decay) * (v - a), average, values)


def gradient_norms(gradients: Mapping[str, Params]) -> dict[str, jax.Array]:
  """The norm of each network's whole gradient, before any clip."""
  return {
    f'gradient_norm_{name}': optax.global_norm(gradient)
    for name, gradient in gradients.items()
  }
