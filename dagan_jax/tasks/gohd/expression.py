"""Stage 2 of GoHD's expressions: eyes and brows that go with a voice."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from clu import metrics
from jaxtyping import Array, Float, Int
from ml_collections import ConfigDict

from dagan_jax.geometry.morphable_face import MorphableFace, eye_motion
from dagan_jax.losses.adversarial import discriminator_gan, generator_gan
from dagan_jax.losses.expression import mean_distance, sequence_unlikeness
from dagan_jax.models.gohd.discriminators import ExpressionDiscriminators
from dagan_jax.models.gohd.networks import build_network
from dagan_jax.tasks.accumulation import in_parts
from dagan_jax.tasks.gohd.checks import check_expression
from dagan_jax.tasks.gohd.expression_losses import expression_losses
from dagan_jax.tasks.gohd.faces import (
  EYES,
  Shown,
  describe,
  describe_truth,
  face_of,
  fresh_face,
  points,
  show,
  still_answer,
)
from dagan_jax.tasks.optimizers import (
  adam,
  gradient_norms,
  learning_rate,
  player_update,
  update_average,
)
from dagan_jax.tasks.remembering import keep_products
from dagan_jax.tasks.task import Answers, Batch, TrainState, Variables, averages

_NAME, _AVERAGE = 'two_stage_expression', 'two_stage_expression_ema'
_JUDGES = 'expression_discriminators'


class Gradients(NamedTuple):
  """What one look at a batch teaches both players; nothing is updated yet."""

  losses: dict[str, Float[Array, '']]  # unweighted, of both
  network: Any
  judges: Any
  statistics: Any  # of the mapper after the step


class ExpressionTask:
  """Learns eye motion over time, against three discriminators [GoHD, eq. 25].

  A batch is that of `MapperTask`. The mapper of stage 1 is given and stays as
  it is; with `config.learns_mapper` it learns along, which is one stage for
  all. Whoever makes eye motion gets new noise for every frame.

  Networks: 'two_stage_expression', with `config.ema` its running average;
  'expression_discriminators'; and 'face', as in `MapperTask`.
  """

  scored = (_NAME, 'face')
  dispensable = ()
  trivial = {'still_': 'no motion', 'true_': 'the truth'}  # noqa: RUF012
  check = staticmethod(check_expression)

  def __init__(self, config: ConfigDict):
    self.config = config
    self.saved = (_NAME, 'face', _JUDGES)
    if config.ema:
      self.saved += (_AVERAGE,)
    self.network = build_network(config.model.to_dict(), _NAME)
    self.judges = ExpressionDiscriminators(**config.model[_JUDGES])
    self.optimizer = adam(config.optimizer, config.steps)
    self.learning_rate = learning_rate(config.optimizer, config.steps)
    judges = config.optimizer.copy_and_resolve_references()
    judges.learning_rate = config.discriminator_rate
    self.judges_optimizer = adam(judges, config.steps)

  def init(self, key: jax.Array, batch: Batch) -> TrainState:
    """A fresh state; the face is zeros of the shapes that must be given."""
    keys = jax.random.split(key, 3)
    face = fresh_face()
    one = {name: x[:1] for name, x in batch.items()}
    some = face_of({'face': face})
    inputs = self._inputs(some, one, self._draw(keys[2], one))
    network = dict(self.network.init(keys[0], *inputs, train=False))
    seen = self._judged(network, some, one, *self._run(network, inputs))
    judges = dict(self.judges.init(keys[1], *seen))
    variables = {_NAME: network, _JUDGES: judges, 'face': face}
    if self.config.ema:
      variables[_AVERAGE] = network
    return TrainState(
      step=jnp.zeros((), jnp.int32),
      variables=variables,
      opt_state={
        _NAME: self.optimizer.init(self._learnt(network['params'])),
        _JUDGES: self.judges_optimizer.init(judges['params']),
      },
    )

  def train_step(
    self, key: jax.Array, state: TrainState, batch: Batch
  ) -> tuple[TrainState, metrics.Collection]:
    """One update of both players, from the same old parameters."""
    names = 'mel_windows', 'expression', 'bilabial'
    batch = {name: jnp.asarray(batch[name]) for name in names}
    latent = self._draw(jax.random.fold_in(key, state.step), batch)
    taught = in_parts(
      lambda part: self.gradients(state.variables, *part),
      self.config.accumulate,
      (batch, latent),
    )
    old, judges = (state.variables[name] for name in (_NAME, _JUDGES))
    learnt, opt_state = player_update(
      self.optimizer,
      taught.network,
      state.opt_state[_NAME],
      self._learnt(old['params']),
    )
    judged, judges_state = player_update(
      self.judges_optimizer,
      taught.judges,
      state.opt_state[_JUDGES],
      judges['params'],
    )
    values = {
      **taught.losses,
      **gradient_norms({_NAME: taught.network, _JUDGES: taught.judges}),
      'learning_rate': jnp.asarray(self.learning_rate(state.step)),
    }
    new = {
      'params': {**old['params'], **learnt},
      'batch_stats': taught.statistics,
    }
    variables = state.variables | {_NAME: new, _JUDGES: {'params': judged}}
    if self.config.ema:
      variables[_AVERAGE] = update_average(
        state.variables[_AVERAGE], new, state.step, self.config.ema
      )
    state = state.replace(
      step=state.step + 1,
      variables=variables,
      opt_state={_NAME: opt_state, _JUDGES: judges_state},
    )
    return state, averages(values)

  def gradients(
    self,
    variables: dict[str, Variables],
    batch: Batch,
    latent: Float[Array, 'b l h'],
  ) -> Gradients:
    """Losses and gradients of both players.

    The discriminators judge the very sequences that were judged for the other
    player, with the same old parameters, so the order does not matter.
    """
    face, network = face_of(variables), variables[_NAME]
    weights, truth = self.config.loss, batch['expression']
    true_eyes = eye_motion(face, truth)
    inputs = self._inputs(face, batch, latent)

    def objective(learnt):
      params = {**network['params'], **learnt}
      (eyes, found), state = self.network.apply(
        {**network, 'params': params},
        *inputs,
        train=self.config.learns_mapper,
        mutable=['batch_stats'],
      )
      losses = expression_losses(
        weights.stage_1, face, truth, found, batch['bilabial']
      )
      total = sum(weights.stage_1[name] * x for name, x in losses.items())
      own = {}
      if weights.unlikeness:
        own['unlikeness'] = sequence_unlikeness(true_eyes, eyes)
      if weights.eye_motion:
        own['eye_motion'] = mean_distance(true_eyes[:, 1:], eyes[:, 1:])
      made = self._judged(network, face, batch, eyes, found)
      for name, scores in self._judge(variables, made).items():
        own[f'gan_{name}'] = generator_gan(scores)
      total += sum(weights[name] * x for name, x in own.items())
      return total, (losses | own, made, state['batch_stats'])

    (_, (losses, made, statistics)), gradient = jax.value_and_grad(
      keep_products(objective, self.config.remat), has_aux=True
    )(self._learnt(network['params']))
    real = self._judged(network, face, batch, true_eyes, truth)

    def judges_objective(params):
      judges = {_JUDGES: {'params': params}}
      pairs = [self._judge(judges, x) for x in (real, made)]
      own = {
        f'discriminator_{name}': discriminator_gan(scores, pairs[1][name])
        for name, scores in pairs[0].items()
      }
      return sum(own.values(), jnp.zeros(())), own

    (_, judged), judges_gradient = jax.value_and_grad(
      keep_products(judges_objective, self.config.remat), has_aux=True
    )(variables[_JUDGES]['params'])
    return Gradients(losses | judged, gradient, judges_gradient, statistics)

  def eval_step(self, variables: dict[str, Variables], batch: Batch) -> Answers:
    """What lips and lids do, by noise that depends on the example's place.

    As 'still_' that of a face that stays as it is, as 'true_' the truth's.
    """
    face = face_of(variables)
    truth = jnp.asarray(batch['expression'])
    found = self.speak(variables, batch, jnp.asarray(batch['place']))
    return Answers(
      describe_truth(face, batch),
      {
        '': describe(face, found),
        'still_': still_answer(face, truth),
        'true_': describe(face, truth),
      },
    )

  def images(self, variables: dict[str, Variables], batch: Batch) -> Shown:
    """What lips and lids do, beside the truth."""
    truth = jnp.asarray(batch['expression'])
    made = self.speak(variables, batch, jnp.arange(len(truth)))
    return show(face_of(variables), truth, made)

  def warnings(self, values: dict[str, float]) -> Iterator[str]:
    """None so far."""
    return iter(())

  def speak(
    self,
    variables: dict[str, Variables],
    batch: Batch,
    numbers: Int[Array, 'b'],
  ) -> Float[Array, 'b t 64']:
    """Expressions, by the running average if there is one.

    Args:
      variables: of the networks.
      batch: of which the first frame's face is known, and the sound.
      numbers: of the noise of each example.
    """
    network = variables.get(_AVERAGE) or variables[_NAME]
    batch = {
      name: jnp.asarray(batch[name]) for name in ('mel_windows', 'expression')
    }
    keys = jax.vmap(jax.random.fold_in, (None, 0))(jax.random.key(0), numbers)
    shape = self._draw(jax.random.key(0), batch).shape[1:]
    latent = jax.vmap(lambda key: jax.random.normal(key, shape))(keys)
    inputs = self._inputs(face_of(variables), batch, latent)
    return self._run(network, inputs)[1]

  def _draw(self, key: jax.Array, batch: Batch) -> Float[Array, 'b l h']:
    """Noise for all frames but the first."""
    count, frames = batch['expression'].shape[:2]
    return jax.random.normal(key, (count, frames - 1, self.network.hidden))

  def _inputs(self, face: MorphableFace, batch: Batch, latent) -> tuple:
    first = batch['expression'][:, 0]
    return batch['mel_windows'], first, eye_motion(face, first), latent

  def _run(self, network: Variables, inputs: tuple):
    return self.network.apply(network, *inputs, train=False)

  def _judged(self, network, face, batch, eyes, expression) -> tuple:
    """What the discriminators see of sequences; the voice is as it is."""
    mel = batch['mel_windows']
    features = self.network.apply(
      network,
      mel,
      method=lambda network, mel: network.mapper.hear(mel, train=False),
    )
    rest = points(face, jnp.zeros_like(expression[0, 0]))
    moved = (points(face, expression) - rest)[..., EYES, :]
    landmarks = moved.reshape(*moved.shape[:-2], -1)
    return jax.lax.stop_gradient(features), landmarks, eyes, expression

  def _judge(self, variables, seen: tuple) -> dict[str, Float[Array, 'b *p 1']]:
    """The scores of those whose weight is not 0."""
    scores = self.judges.apply(variables[_JUDGES], *seen)
    return {
      name: x for name, x in scores.items() if self.config.loss[f'gan_{name}']
    }

  def _learnt(self, params: Any) -> Any:
    """All, or all but the mapper, which is frozen: no optimizer knows it."""
    if self.config.learns_mapper:
      return params
    return {name: tree for name, tree in params.items() if name != 'mapper'}
