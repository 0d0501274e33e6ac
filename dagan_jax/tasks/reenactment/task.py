"""Stage 2: to move one face as another frame of the same person moves it."""

import functools
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from clu import metrics
from jaxtyping import Array, Float
from ml_collections import ConfigDict

from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.geometry.pixels import unit
from dagan_jax.geometry.shapes import Images
from dagan_jax.geometry.thin_plate import (
  ThinPlate,
  random_thin_plate,
)
from dagan_jax.losses.adversarial import discriminator_gan, generator_gan
from dagan_jax.losses.equivariance import (
  equivariance_jacobian,
  equivariance_value,
)
from dagan_jax.losses.features import feature_distance, perceptual_distance
from dagan_jax.losses.keypoints import keypoint_distance
from dagan_jax.models.dagan.discriminator import Discriminator
from dagan_jax.models.dagan.reenactor import (
  Face,
  Rendering,
  build_reenactor,
)
from dagan_jax.models.layers.precision import round_convolutions
from dagan_jax.models.vgg import VGG
from dagan_jax.tasks.accumulation import in_parts
from dagan_jax.tasks.augment import augment_pair
from dagan_jax.tasks.optimizers import (
  adam,
  gradient_norms,
  learning_rate,
  player_update,
  update_average,
)
from dagan_jax.tasks.reenactment.checks import check
from dagan_jax.tasks.reenactment.forward import (
  Forward,
  learns_guides_alone,
  run_forward,
  run_guides,
  unwarp,
)
from dagan_jax.tasks.reenactment.plain_losses import (
  Losses,
  landmark_losses,
  pixel_losses,
)
from dagan_jax.tasks.remembering import keep_products
from dagan_jax.tasks.task import (
  Answers,
  Batch,
  TrainState,
  Variables,
  averages,
  zeros_for,
)


class Gradients(NamedTuple):
  """What one look at a batch teaches both players; nothing is updated yet."""

  losses: Losses  # unweighted, of both players
  reenactor: Any
  discriminator: Any
  batch_stats: Any  # the reenactor's running statistics after the step
  forward: Forward | None


class ReenactmentTask:
  """Learns keypoints, motion and generator against a discriminator.

  A batch is {'source', 'driving': uint8 'b h w 3', frames of one clip each}; to
  learn from landmarks it has these as well, float32 'b 2 68 2'.
  Networks: 'reenactor' (its depth network is given and stays as it is),
  'discriminator', and with a perceptual loss 'vgg', which judges, is given, and
  is neither learnt nor saved. With `config.ema` also 'reenactor_ema', a running
  average of the reenactor.
  """

  dispensable = ()
  scored = ('reenactor',)
  trivial = MappingProxyType({'copy_': 'copy of source'})
  check = staticmethod(check)

  def __init__(self, config: ConfigDict):
    self.config = config
    self.saved = ('reenactor', 'discriminator')
    if config.ema:
      self.saved += ('reenactor_ema',)
    self.reenactor = build_reenactor(config.model.to_dict())
    # Within a head disparities hardly differ. SPADE's many normalisations
    # multiply roundings.
    is_spade = config.model.generator.decoder == 'spade'
    self.exact = ('depth', 'generator') if is_spade else ('depth',)
    self.discriminator = Discriminator(**config.model.discriminator)
    self.vgg = VGG(**config.model.vgg)
    self.optimizer = adam(config.optimizer, config.steps)
    self.learning_rate = learning_rate(config.optimizer, config.steps)

  def init(self, key: jax.Array, batch: Batch) -> TrainState:
    """A fresh state; the judge is zeros of the shapes that must be given."""
    keys = jax.random.split(key, 2)
    image = unit(batch['source'][:1])
    reenactor = dict(self.reenactor.init(keys[0], image, image))
    keypoints = jnp.zeros((1, self.reenactor.count_keypoints(), 2))
    discriminator = self.discriminator.init(keys[1], image, keypoints)
    networks = {'reenactor': reenactor, 'discriminator': discriminator}
    if self.config.loss.perceptual:
      networks['vgg'] = zeros_for(self.vgg, keys[0], image)
    if self.config.ema:
      networks['reenactor_ema'] = reenactor
    return TrainState(
      step=jnp.zeros((), jnp.int32),
      variables=networks,
      opt_state={
        'reenactor': self.optimizer.init(self._learnt(reenactor['params'])),
        'discriminator': self.optimizer.init(discriminator['params']),
      },
    )

  def train_step(
    self, key: jax.Array, state: TrainState, batch: Batch
  ) -> tuple[TrainState, metrics.Collection]:
    """One update of both players, from the same old parameters."""
    key = jax.random.fold_in(key, state.step)
    augment_key, plate_key = jax.random.split(key)
    source, driving, landmarks = augment_pair(
      augment_key,
      unit(batch['source']),
      unit(batch['driving']),
      landmarks=batch.get('landmarks'),
      **self.config.augment,
    )
    plate = random_thin_plate(plate_key, len(source), **self.config.warp)
    with round_convolutions(self.config.precision, but=self.exact):
      taught = in_parts(
        lambda part: self.gradients(state.variables, *part)._replace(
          forward=None
        ),
        self.config.accumulate,
        (source, driving, plate, landmarks),
      )

    reenactor = state.variables['reenactor']
    learnt, reenactor_state = player_update(
      self.optimizer,
      taught.reenactor,
      state.opt_state['reenactor'],
      self._learnt(reenactor['params']),
    )
    judge, judge_state = player_update(
      self.optimizer,
      taught.discriminator,
      state.opt_state['discriminator'],
      state.variables['discriminator']['params'],
    )
    values = {
      **taught.losses,
      **gradient_norms(
        {'reenactor': taught.reenactor, 'discriminator': taught.discriminator}
      ),
      'learning_rate': jnp.asarray(self.learning_rate(state.step)),
    }
    variables = {
      **state.variables,
      'reenactor': {
        'params': {**reenactor['params'], **learnt},
        'batch_stats': taught.batch_stats,
      },
      'discriminator': {'params': judge},
    }
    if self.config.ema:
      variables['reenactor_ema'] = {
        collection: tree
        | update_average(
          self._learnt(tree),
          self._learnt(variables['reenactor'][collection]),
          state.step,
          self.config.ema,
        )
        for collection, tree in state.variables['reenactor_ema'].items()
      }
    state = state.replace(
      step=state.step + 1,
      variables=variables,
      opt_state={'reenactor': reenactor_state, 'discriminator': judge_state},
    )
    return state, averages(values)

  def gradients(
    self,
    variables: dict[str, Variables],
    source: Images,
    driving: Images,
    plate: ThinPlate,
    landmarks: Float[Array, 'b 2 68 2'] | None = None,
  ) -> Gradients:
    """Losses and gradients of both players on pictures in [0, 1].

    The discriminator judges the very prediction that the generator was judged
    on, with the same old parameters, so the order of the two does not matter.
    """
    reenactor = variables['reenactor']
    alone = learns_guides_alone(self.config.loss)

    def reenactor_objective(learnt):
      params = {**reenactor['params'], **learnt}
      forward, state = self.reenactor.apply(
        {'params': params, 'batch_stats': reenactor['batch_stats']},
        source,
        driving,
        plate,
        train=not self.config.frozen_statistics,
        method=run_guides if alone else run_forward,
        mutable=['batch_stats'],
      )
      losses = self._reenactor_losses(variables, forward, plate)
      losses |= landmark_losses(
        self.config.loss, forward, landmarks, self.config.model.motion.size
      )
      return self._weighted(losses), (losses, forward, state['batch_stats'])

    (_, (losses, forward, batch_stats)), reenactor_gradient = (
      jax.value_and_grad(
        keep_products(reenactor_objective, self.config.remat), has_aux=True
      )(self._learnt(reenactor['params']))
    )

    def discriminator_objective(params):
      losses = {}
      if self.config.loss.discriminator_gan:
        real, fake = (
          self._judge({'params': params}, image, forward)[1]
          for image in (driving, forward.rendering.prediction)
        )
        losses['discriminator_gan'] = discriminator_gan(real, fake)
      return self._weighted(losses), losses

    (_, judge_losses), judge_gradient = jax.value_and_grad(
      keep_products(discriminator_objective, self.config.remat), has_aux=True
    )(variables['discriminator']['params'])
    return Gradients(
      losses={**losses, **judge_losses},
      reenactor=reenactor_gradient,
      discriminator=judge_gradient,
      batch_stats=batch_stats,
      forward=forward,
    )

  def eval_step(self, variables: dict[str, Variables], batch: Batch) -> Answers:
    """The driving frame, the prediction, and a copy of the source."""
    source, driving, rendering = self.images(variables, batch)
    return Answers(
      {'true_picture': driving.image},
      {
        '': {'picture': rendering.prediction},
        'copy_': {'picture': source.image},
      },
    )

  def images(
    self, variables: dict[str, Variables], batch: Batch
  ) -> tuple[Face, Face, Rendering]:
    """What the network sees, finds and makes; its average, if there is one."""
    reenactor = variables.get('reenactor_ema') or variables['reenactor']
    return self.reenactor.apply(
      reenactor, unit(batch['source']), unit(batch['driving'])
    )

  def warnings(self, values: dict[str, float]) -> Iterator[str]:
    """None so far."""
    return iter(())

  def _judge(self, variables, image, forward: Forward):
    """The discriminator's features and scores; keypoints are constant."""
    points = jax.lax.stop_gradient(forward.driving.keypoints.value)
    return self.discriminator.apply(variables, image, points)

  def _reenactor_losses(self, variables, forward: Forward, plate) -> Losses:
    """Every loss of the reenactor whose weight is not 0."""
    weights = self.config.loss
    if forward.rendering is None:
      return {}
    driving, prediction = forward.driving.image, forward.rendering.prediction
    losses = {}
    if weights.perceptual:
      losses['perceptual'] = perceptual_distance(
        functools.partial(self.vgg.apply, variables['vgg']),
        driving,
        prediction,
        weights.perceptual_scales,
      )
    losses |= pixel_losses(weights, forward)
    if weights.generator_gan or weights.feature_matching:
      judge = variables['discriminator']
      fake, scores = self._judge(judge, prediction, forward)
      if weights.generator_gan:
        losses['generator_gan'] = generator_gan(scores)
      if weights.feature_matching:
        real, _ = self._judge(judge, driving, forward)
        losses['feature_matching'] = feature_distance(real, fake)
    found = self._free(forward.driving.keypoints)
    if weights.equivariance_value or weights.equivariance_jacobian:
      returned = unwarp(plate, self._free(forward.warped.keypoints))
      if weights.equivariance_value:
        losses['equivariance_value'] = equivariance_value(
          found.value, returned.value
        )
      if weights.equivariance_jacobian:
        losses['equivariance_jacobian'] = equivariance_jacobian(
          found.jacobian, returned.jacobian
        )
    if weights.keypoint_distance:
      losses['keypoint_distance'] = sum(
        keypoint_distance(
          keypoints.value,
          threshold=weights.keypoint_distance_threshold,
          form=weights.keypoint_distance_form,
        )
        for keypoints in (self._free(forward.source.keypoints), found)
      )
    return losses

  def _learnt(self, params):
    """All but what is frozen, of which no optimizer knows."""
    frozen = ('depth', *self.config.frozen)
    return {name: x for name, x in params.items() if name not in frozen}

  def _free(self, keypoints: Keypoints) -> Keypoints:
    """Those that no landmark names."""
    named = self.reenactor.motion.guides
    return jax.tree.map(lambda x: x[:, named:], keypoints)

  def _weighted(self, losses: Losses) -> Float[Array, '']:
    terms = (self.config.loss[name] * loss for name, loss in losses.items())
    return sum(terms, jnp.zeros(()))
