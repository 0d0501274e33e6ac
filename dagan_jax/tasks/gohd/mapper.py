"""Stage 1 of GoHD's expressions: what a moment of a voice does to a face."""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
from clu import metrics
from jaxtyping import Array, Float, Int
from ml_collections import ConfigDict

from dagan_jax.geometry.morphable_face import eye_motion
from dagan_jax.models.gohd.networks import build_network
from dagan_jax.tasks.accumulation import in_parts
from dagan_jax.tasks.gohd.checks import check_mapper
from dagan_jax.tasks.gohd.expression_losses import expression_losses
from dagan_jax.tasks.gohd.faces import (
  Shown,
  describe,
  describe_truth,
  face_of,
  fresh_face,
  show,
  still_answer,
)
from dagan_jax.tasks.gohd.voices import hide_parts, vary_voices
from dagan_jax.tasks.optimizers import (
  adam,
  gradient_norms,
  learning_rate,
  player_update,
  update_average,
)
from dagan_jax.tasks.remembering import keep_products
from dagan_jax.tasks.task import Answers, Batch, TrainState, Variables, averages

_NAME, _AVERAGE = 'expression', 'expression_ema'


class MapperTask:
  """Learns expressions frame by frame, eyes and brows given [GoHD, eq. 5].

  A batch is {'mel_windows': float32 'b t 80 16', 'expression': 'b t 64',
  'speaking', 'bilabial': bool 'b t'}. The mapper hears each frame's fifth of a
  second, and is told the first frame's expression and, unless
  `config.sees_eyes` is False, the frame's true eye motion, which stage 2 will
  learn to make. By `config.vary`, voices become others', and by `config.hide`
  parts of them are silent (see `voices`).

  Networks: 'expression'; with `config.ema` its running average; and 'face', the
  landmarks that coefficients move, which is given.
  """

  scored = (_NAME, 'face')
  dispensable = ()
  trivial = {'still_': 'no motion', 'true_': 'the truth'}  # noqa: RUF012
  check = staticmethod(check_mapper)

  def __init__(self, config: ConfigDict):
    self.config = config
    self.saved = (_NAME, 'face', *([_AVERAGE] if config.ema else []))
    self.mapper = build_network(config.model.to_dict(), _NAME)
    self.optimizer = adam(config.optimizer, config.steps)
    self.learning_rate = learning_rate(config.optimizer, config.steps)

  def init(self, key: jax.Array, batch: Batch) -> TrainState:
    """A fresh state; the face is zeros of the shapes that must be given."""
    face = fresh_face()
    seen = self._see(face_of({'face': face}), batch)
    seen = jax.tree.map(lambda x: x[:1, :1], seen)
    network = dict(self.mapper.init(key, *seen, train=False))
    variables = {_NAME: network, 'face': face}
    if self.config.ema:
      variables[_AVERAGE] = network
    return TrainState(
      step=jnp.zeros((), jnp.int32),
      variables=variables,
      opt_state={_NAME: self.optimizer.init(network['params'])},
    )

  def train_step(
    self, key: jax.Array, state: TrainState, batch: Batch
  ) -> tuple[TrainState, metrics.Collection]:
    """One update of the mapper, by voices as others might have them."""
    key = jax.random.fold_in(key, state.step)
    names = 'mel_windows', 'expression', 'bilabial'
    seen = {name: jnp.asarray(batch[name]) for name in names}
    losses, gradient, statistics = in_parts(
      lambda part: self.gradients(state.variables, key, *part),
      self.config.accumulate,
      (seen, jnp.arange(len(seen['mel_windows']))),
    )
    old = state.variables[_NAME]
    params, opt_state = player_update(
      self.optimizer, gradient, state.opt_state[_NAME], old['params']
    )
    values = {
      **losses,
      **gradient_norms({_NAME: gradient}),
      'learning_rate': jnp.asarray(self.learning_rate(state.step)),
    }
    new = {'params': params, **statistics}
    variables = state.variables | {_NAME: new}
    if self.config.ema:
      variables[_AVERAGE] = update_average(
        state.variables[_AVERAGE], new, state.step, self.config.ema
      )
    state = state.replace(
      step=state.step + 1,
      variables=variables,
      opt_state={_NAME: opt_state},
    )
    return state, averages(values)

  def gradients(
    self,
    variables: dict[str, Variables],
    key: jax.Array,
    batch: Batch,
    numbers: Int[Array, 'b'],
  ) -> tuple[dict[str, Float[Array, '']], Any, Any]:
    """Losses by name, the mapper's gradient, and its statistics after.

    Args:
      variables: of all networks.
      key: of how voices vary, and of what dropout leaves out.
      batch: see the class.
      numbers: of the examples in their batch.
    """
    vary_key, drop_key = jax.random.split(key)
    hide_key = jax.random.fold_in(vary_key, 1)
    face, network = face_of(variables), variables[_NAME]
    truth = jnp.asarray(batch['expression'])
    varied = vary_voices(
      vary_key, numbers, batch['mel_windows'], self.config.vary
    )
    heard = hide_parts(hide_key, numbers, varied, self.config.hide)
    seen = self._see(face, {**batch, 'mel_windows': heard})

    def objective(params):
      found, statistics = self.mapper.apply(
        {**network, 'params': params},
        *seen,
        train=True,
        mutable=['batch_stats'],
        rngs={'dropout': jax.random.fold_in(drop_key, numbers[0])},
      )
      losses = expression_losses(
        self.config.loss, face, truth, found, batch['bilabial']
      )
      total = sum(self.config.loss[name] * x for name, x in losses.items())
      return total, (losses, statistics)

    (_, (losses, statistics)), gradient = jax.value_and_grad(
      keep_products(objective, self.config.remat), has_aux=True
    )(network['params'])
    return losses, gradient, statistics

  def eval_step(self, variables: dict[str, Variables], batch: Batch) -> Answers:
    """What lips and lids do, with the eye motion that is told.

    As 'still_' that of a face that stays as it is, as 'true_' the truth's.
    """
    face = face_of(variables)
    truth = jnp.asarray(batch['expression'])
    return Answers(
      describe_truth(face, batch),
      {
        '': describe(face, self.map(variables, batch)),
        'still_': still_answer(face, truth),
        'true_': describe(face, truth),
      },
    )

  def images(self, variables: dict[str, Variables], batch: Batch) -> Shown:
    """What lips and lids do, beside the truth."""
    truth = jnp.asarray(batch['expression'])
    made = self.map(variables, batch)
    return show(face_of(variables), truth, made)

  def warnings(self, values: dict[str, float]) -> Iterator[str]:
    """None so far."""
    return iter(())

  def map(
    self, variables: dict[str, Variables], batch: Batch
  ) -> Float[Array, 'b t 64']:
    """Expressions, by the running average if there is one."""
    network = variables.get(_AVERAGE) or variables[_NAME]
    seen = self._see(face_of(variables), batch)
    return self.mapper.apply(network, *seen, train=False)

  def _see(self, face, batch: Batch) -> tuple[Any, ...]:
    """What the mapper sees of every frame, 'b t ...'."""
    mel, expression = (
      jnp.asarray(batch[name]) for name in ('mel_windows', 'expression')
    )
    first = jnp.broadcast_to(expression[:, :1], expression.shape)
    seen = [mel, first]
    if self.config.sees_eyes:
      seen.append(eye_motion(face, expression))
    return tuple(seen)
