"""Head poses, or gazes, that go with a voice: finds the noise in them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from clu import metrics
from jaxtyping import Array, Float, Int
from ml_collections import ConfigDict

from dagan_jax.models.gohd.diffusion import add_noise
from dagan_jax.models.gohd.networks import build_network
from dagan_jax.models.gohd.sampling import draw_sequence
from dagan_jax.tasks.accumulation import in_parts
from dagan_jax.tasks.gohd.checks import check_diffusion
from dagan_jax.tasks.optimizers import (
  adam,
  gradient_norms,
  learning_rate,
  player_update,
  update_average,
)
from dagan_jax.tasks.remembering import keep_products
from dagan_jax.tasks.task import Answers, Batch, TrainState, Variables, averages

# Of held-out noise: so many moments of the diffusion, spread evenly over it.
_SCORED_STEPS = (9, 28, 46, 65, 84, 103, 121, 140)
_ANGLES = 3  # of a pose, the rest is a shift; a gaze has two


class Sequence(NamedTuple):
  """What a denoiser sees of an example, and what it shall make of noise."""

  sound: Float[Array, 'b t m']
  initial: Float[Array, 'b 1 c']  # before the first frame of the others
  wanted: Float[Array, 'b t c']  # in units of the denoiser


class DiffusionTask:
  """Learns head poses, or gazes, by `config.target` [GoHD, eq. 1 and 2].

  Poses are learnt as differences to the first one, gazes as they are. A batch
  is {'pose_condition': float32 'b t 320', 'pose': 'b t 6', 'gaze': 'b t 2'}, of
  which the first frame is only told.

  The paper guides by two networks, of which one is not told the first pose.
  Here one network learns both: of every example, the first pose is left out
  with probability `initial_dropout`. That is half of the training, half of the
  file, and the two cannot come to disagree about anything else.

  Networks: 'pose' or 'gaze', and with `config.ema` its running average.
  """

  dispensable = ()
  trivial = {'still_': 'no motion', 'true_': 'the truth'}  # noqa: RUF012
  check = staticmethod(check_diffusion)

  def __init__(self, config: ConfigDict):
    self.config = config
    self.name = config.target
    self.average = f'{self.name}_ema'
    self.scored = (self.name,)
    self.saved = (self.name, self.average) if config.ema else self.scored
    self.denoiser = build_network(config.model.to_dict(), self.name)
    self.optimizer = adam(config.optimizer, config.steps)
    self.learning_rate = learning_rate(config.optimizer, config.steps)

  def init(self, key: jax.Array, batch: Batch) -> TrainState:
    """A fresh state."""
    some = self.sequence({name: x[:1] for name, x in batch.items()})
    step = jnp.zeros(1, jnp.int32)
    network = dict(
      self.denoiser.init(key, some.wanted, some.sound, some.initial, step)
    )
    return TrainState(
      step=jnp.zeros((), jnp.int32),
      variables=dict.fromkeys(self.saved, network),
      opt_state={self.name: self.optimizer.init(network['params'])},
    )

  def train_step(
    self, key: jax.Array, state: TrainState, batch: Batch
  ) -> tuple[TrainState, metrics.Collection]:
    """One update, by the noise of one step of the diffusion per example."""
    keys = jax.random.split(jax.random.fold_in(key, state.step), 4)
    some = self.sequence(batch)
    count = len(some.sound)
    noise = jax.random.normal(keys[0], some.wanted.shape)
    steps = jax.random.randint(keys[1], (count,), 0, self.denoiser.steps)
    dropped = jax.random.bernoulli(
      keys[2], self.config.initial_dropout, (count, 1, 1)
    )
    initial = jnp.where(dropped, jnp.nan, some.initial)
    some = some._replace(initial=initial)
    network = state.variables[self.name]
    loss, gradient = in_parts(
      lambda part: self.gradients(network, keys[3], *part),
      self.config.accumulate,
      (some, noise, steps, jnp.arange(count)),
    )
    params, opt_state = player_update(
      self.optimizer, gradient, state.opt_state[self.name], network['params']
    )
    values = {
      self.denoiser.predicts: loss,
      **gradient_norms({self.name: gradient}),
      'learning_rate': jnp.asarray(self.learning_rate(state.step)),
    }
    variables = {self.name: {'params': params}}
    if self.config.ema:
      variables[self.average] = update_average(
        state.variables[self.average],
        variables[self.name],
        state.step,
        self.config.ema,
      )
    state = state.replace(
      step=state.step + 1,
      variables=variables,
      opt_state={self.name: opt_state},
    )
    return state, averages(values)

  def gradients(
    self,
    network: Variables,
    key: jax.Array,
    some: Sequence,
    noise: Float[Array, 'b t c'],
    steps: Int[Array, 'b'],
    numbers: Int[Array, 'b'],
  ) -> tuple[Float[Array, ''], Any]:
    """The mean squared error of what is predicted, and its gradient.

    Args:
      network: the denoiser's variables.
      key: of what dropout leaves out.
      some: sequences; of those whose first pose is not told, it is NaN.
      noise: of variance 1, to be found again.
      steps: of the diffusion.
      numbers: of the examples in their batch.
    """
    noisy = self.hide(some.wanted, noise, steps)

    def objective(params):
      found = self.denoiser.apply(
        {'params': params},
        noisy,
        some.sound,
        some.initial,
        steps,
        train=True,
        rngs={'dropout': jax.random.fold_in(key, numbers[0])},
      )
      error = (found - noise) ** 2
      if self.denoiser.predicts == 'velocity':
        error /= self.hide(jnp.ones_like(noise), 0 * noise, steps) ** 2
      return jnp.mean(error)

    return jax.value_and_grad(keep_products(objective, self.config.remat))(
      network['params']
    )

  def eval_step(self, variables: dict[str, Variables], batch: Batch) -> Answers:
    """The noise that is found and the sequences drawn, from fixed keys.

    As 'still_' those of nobody who moves, as 'true_' the truth's own movement.
    """
    network, some = self.learnt(variables), self.sequence(batch)
    keys = _fixed_keys(jnp.asarray(batch['place']))

    def look(step):
      noise = jax.vmap(
        lambda key: jax.random.normal(key, some.wanted.shape[1:])
      )(jax.vmap(jax.random.fold_in, (0, None))(keys, step))
      steps = jnp.broadcast_to(step, keys.shape)
      noisy = self.hide(some.wanted, noise, steps)
      found = self.denoiser.apply(
        network, noisy, some.sound, some.initial, steps
      )
      # All that is there, less a still head, would be noise.
      rest = self.hide(self.still(some), 0 * noise, steps)
      share = self.hide(0 * noise, jnp.ones_like(noise), steps)
      return noise, found, (noisy - rest) / share

    noise, found, still = (
      jnp.moveaxis(x, 0, 1) for x in jax.lax.map(look, jnp.array(_SCORED_STEPS))
    )
    truth = self.degrees(some.wanted)
    return Answers(
      {'true_noise': noise, 'true_motion': truth},
      {
        '': {'noise': found, 'motion': self._draw(network, some, keys)},
        'still_': {'noise': still, 'motion': self.degrees(self.still(some))},
        'true_': {'motion': truth},
      },
    )

  def images(
    self, variables: dict[str, Variables], batch: Batch
  ) -> tuple[Float[Array, 'b t n'], tuple[Float[Array, 'b t n'], ...]]:
    """The true movement in degrees, and two that were drawn."""
    network, some = self.learnt(variables), self.sequence(batch)
    count = len(some.sound)
    drawn = tuple(
      self._draw(network, some, _fixed_keys(jnp.arange(count) + k * count))
      for k in range(2)
    )
    return self.degrees(some.wanted), drawn

  def warnings(self, values: dict[str, float]) -> Iterator[str]:
    """None so far."""
    return iter(())

  def learnt(self, variables: dict[str, Variables]) -> Variables:
    """The denoiser's running average, if there is one."""
    return variables.get(self.average) or variables[self.name]

  def sequence(self, batch: Batch) -> Sequence:
    """What is to be learnt of a batch: its frames but for the first."""
    moves = jnp.asarray(batch[self.name])
    initial, later = moves[:, :1], moves[:, 1:]
    wanted = later - initial if self.name == 'pose' else later
    sound = jnp.asarray(batch['pose_condition'])[:, 1:]
    return Sequence(sound, initial, wanted / self.denoiser.unit)

  def hide(
    self,
    wanted: Float[Array, 'b t c'],
    noise: Float[Array, 'b t c'],
    steps: Int[Array, 'b'],
  ) -> Float[Array, 'b t c']:
    """Noise in what is wanted, as after steps of the diffusion."""
    return add_noise(wanted, noise, steps, self.denoiser.steps)

  def still(self, some: Sequence) -> Float[Array, 'b t c']:
    """What would be wanted if nothing moved."""
    if self.name == 'pose':
      return 0 * some.wanted
    return jnp.broadcast_to(
      some.initial / self.denoiser.unit, some.wanted.shape
    )

  def degrees(self, wanted: Float[Array, 'b t c']) -> Float[Array, 'b t n']:
    """The angles among what is wanted."""
    return jnp.degrees(wanted[..., :_ANGLES] * self.denoiser.unit)

  def _draw(self, network: Variables, some: Sequence, keys: Any):
    drawn = draw_sequence(
      self.denoiser,
      network,
      keys,
      some.sound,
      some.initial,
      self.config.guidance,
    )
    return self.degrees(drawn / self.denoiser.unit)


def _fixed_keys(places: Int[Array, 'b']) -> Any:
  """A key for each example, by its place in a list."""
  return jax.vmap(jax.random.fold_in, (None, 0))(jax.random.key(0), places)
