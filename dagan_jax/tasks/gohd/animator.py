"""GoHD's animator: to draw a portrait as somebody's motion says."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from clu import metrics
from jaxtyping import Array, Float
from ml_collections import ConfigDict

from dagan_jax.geometry.guides import guide_points
from dagan_jax.geometry.pixels import unit
from dagan_jax.geometry.shapes import Images
from dagan_jax.losses.adversarial import (
  logistic_discriminator_gan,
  logistic_generator_gan,
)
from dagan_jax.losses.landmarks import eyes_and_mouth
from dagan_jax.losses.pixels import pixel_distance, weighted_distance
from dagan_jax.models.gohd.networks import build_network
from dagan_jax.models.gohd.picture_discriminator import PictureDiscriminator
from dagan_jax.tasks.accumulation import in_parts
from dagan_jax.tasks.gohd.animator_checks import check_animator
from dagan_jax.tasks.gohd.judges import Judges
from dagan_jax.tasks.optimizers import (
  adam,
  gradient_norms,
  learning_rate,
  player_update,
  update_average,
)
from dagan_jax.tasks.remembering import keep_products
from dagan_jax.tasks.task import Answers, Batch, TrainState, Variables, averages

_NAME, _AVERAGE, _JUDGE = 'animator', 'animator_ema', 'animator_discriminator'


class Gradients(NamedTuple):
  """What one look at a batch teaches both players; nothing is updated yet."""

  losses: dict[str, Float[Array, '']]  # unweighted, of both
  animator: Any
  discriminator: Any


class Drawn(NamedTuple):
  """Pictures in [0, 1]."""

  source: Images
  driving: Images
  prediction: Images
  unmoved: Images  # what the portrait's identity alone stands for


class AnimatorTask:
  """Learns to draw a person as in another picture [GoHD, section 3.3].

  A batch is {'source', 'driving': uint8 'b h w 3', two pictures of one person;
  'motion': float32 'b 27 72', around the driving one}, with
  `config.data.landmarks` also 'landmarks': float32 'b 2 68 2', of both.

  Networks: 'animator', with `config.ema` its running average;
  'animator_discriminator'; and those of `judges.Judges`, which are given, and
  are neither learnt nor saved.
  """

  dispensable = ()
  scored = (_NAME,)
  trivial = MappingProxyType({'copy_': 'copy of source'})
  check = staticmethod(check_animator)

  def __init__(self, config: ConfigDict):
    self.config = config
    self.saved = (_NAME, _JUDGE, *([_AVERAGE] if config.ema else []))
    self.animator = build_network(config.model.to_dict(), _NAME)
    self.discriminator = PictureDiscriminator(**config.model[_JUDGE])
    self.judges = Judges(config)
    self.optimizer = adam(config.optimizer, config.steps)
    self.learning_rate = learning_rate(config.optimizer, config.steps)

  def init(self, key: jax.Array, batch: Batch) -> TrainState:
    """A fresh state; the judges are zeros of shapes that must be given."""
    keys = jax.random.split(key)
    picture = unit(batch['source'][:1])
    motion = jnp.asarray(batch['motion'])[:1]
    animator = dict(self.animator.init(keys[0], picture, motion))
    discriminator = dict(self.discriminator.init(keys[1], picture))
    variables = {_NAME: animator, _JUDGE: discriminator}
    variables |= self.judges.init(keys[0], picture)
    if self.config.ema:
      variables[_AVERAGE] = animator
    return TrainState(
      step=jnp.zeros((), jnp.int32),
      variables=variables,
      opt_state={
        name: self.optimizer.init(variables[name]['params'])
        for name in (_NAME, _JUDGE)
      },
    )

  def train_step(
    self, key: jax.Array, state: TrainState, batch: Batch
  ) -> tuple[TrainState, metrics.Collection]:
    """One update of both players, from the same old parameters."""
    del key  # nothing is left to chance
    names = 'source', 'driving', 'motion', 'landmarks'
    seen = {name: jnp.asarray(batch[name]) for name in names if name in batch}
    taught = in_parts(
      lambda part: self.gradients(state.variables, part),
      self.config.accumulate,
      seen,
    )
    gradients = {_NAME: taught.animator, _JUDGE: taught.discriminator}
    variables, opt_state = dict(state.variables), {}
    for name, gradient in gradients.items():
      params, opt_state[name] = player_update(
        self.optimizer,
        gradient,
        state.opt_state[name],
        variables[name]['params'],
      )
      variables[name] = {'params': params}
    if self.config.ema:
      variables[_AVERAGE] = update_average(
        variables[_AVERAGE], variables[_NAME], state.step, self.config.ema
      )
    values = {
      **taught.losses,
      **gradient_norms(gradients),
      'learning_rate': jnp.asarray(self.learning_rate(state.step)),
    }
    state = state.replace(
      step=state.step + 1, variables=variables, opt_state=opt_state
    )
    return state, averages(values)

  def gradients(
    self, variables: dict[str, Variables], batch: Batch
  ) -> Gradients:
    """Losses and gradients of both players.

    The discriminator judges the very picture that the animator was judged on,
    with the same old parameters, so the order of the two does not matter.
    """
    weights = self.config.loss
    source, driving = (unit(batch[name]) for name in ('source', 'driving'))
    weight = self._weigh(driving, batch.get('landmarks'))

    def objective(params):
      drawn = self._draw({'params': params}, source, batch['motion'])
      made = (drawn + 1) / 2
      losses = self.judges.compare(variables, driving, made, weight)
      if weights.reconstruction:
        losses['reconstruction'] = weighted_distance(
          driving, made, weights.pixel_scales, weight
        )
      if weights.pixel:
        losses['pixel'] = pixel_distance(driving, made, weights.pixel_scales)
      if weights.generator_gan:
        scores = self.discriminator.apply(variables[_JUDGE], drawn)
        losses['generator_gan'] = logistic_generator_gan(scores)
      return self._weighted(losses), (losses, drawn)

    (_, (losses, drawn)), gradient = jax.value_and_grad(
      keep_products(objective, self.config.remat), has_aux=True
    )(variables[_NAME]['params'])

    def judge_objective(params):
      losses = {}
      if weights.discriminator_gan:
        scores = [
          self.discriminator.apply({'params': params}, picture)
          for picture in (2 * driving - 1, drawn)
        ]
        losses['discriminator_gan'] = logistic_discriminator_gan(*scores)
      return self._weighted(losses), losses

    (_, judged), judge_gradient = jax.value_and_grad(
      keep_products(judge_objective, self.config.remat), has_aux=True
    )(variables[_JUDGE]['params'])
    return Gradients(losses | judged, gradient, judge_gradient)

  def eval_step(self, variables: dict[str, Variables], batch: Batch) -> Answers:
    """The driving picture, the prediction, and a copy of the source."""
    source, driving = (unit(batch[name]) for name in ('source', 'driving'))
    drawn = self._draw(_learnt(variables), source, jnp.asarray(batch['motion']))
    return Answers(
      {'true_picture': driving},
      {'': {'picture': _shown(drawn)}, 'copy_': {'picture': source}},
    )

  def images(self, variables: dict[str, Variables], batch: Batch) -> Drawn:
    """What is seen, what is made of it, and the portrait without a motion."""
    source, driving = (unit(batch[name]) for name in ('source', 'driving'))
    network, motion = _learnt(variables), jnp.asarray(batch['motion'])

    def draw(animator, portrait, motion):
      known = animator.look(portrait)
      latents = animator.walk(known.identity, motion), known.identity
      return [animator.draw(known, latent)[-1] for latent in latents]

    moved, unmoved = self.animator.apply(
      network, 2 * source - 1, motion, method=draw
    )
    return Drawn(source, driving, _shown(moved), _shown(unmoved))

  def warnings(self, values: dict[str, float]) -> Iterator[str]:
    """None so far."""
    return iter(())

  def _draw(self, network, source: Images, motion) -> Float[Array, 'b h w 3']:
    """The finest picture, in about [-1, 1]."""
    return self.animator.apply(network, 2 * source - 1, motion)[-1]

  def _weigh(
    self, picture: Images, landmarks: Float[Array, 'b 2 68 2'] | None
  ) -> Float[Array, 'b h w 1']:
    """How much each pixel counts: 1, and more at eyes and mouth."""
    more = self.config.loss.eyes_and_mouth
    if not more:
      return jnp.ones((*picture.shape[:3], 1))
    height, width = picture.shape[1:3]
    guides = guide_points(landmarks[:, 1], height)
    return 1 + more * eyes_and_mouth(guides, height, width)

  def _weighted(self, losses) -> Float[Array, '']:
    terms = (self.config.loss[name] * loss for name, loss in losses.items())
    return sum(terms, jnp.zeros(()))


def _learnt(variables: dict[str, Variables]) -> Variables:
  """The animator, or its running average if there is one."""
  return variables.get(_AVERAGE) or variables[_NAME]


def _shown(drawn: Float[Array, 'b h w 3']) -> Images:
  return jnp.clip((drawn + 1) / 2, 0, 1)
