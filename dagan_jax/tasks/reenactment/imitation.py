"""A quicker motion network learns what a trained one does: distillation."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.geometry.motion import Motion, transfer_motion
from dagan_jax.geometry.shapes import Images
from dagan_jax.geometry.thin_plate import ThinPlate
from dagan_jax.losses.imitation import imitation
from dagan_jax.models.dagan.dense_motion import DenseMotion
from dagan_jax.tasks import checks
from dagan_jax.tasks.reenactment.checks import check as check_reenactment
from dagan_jax.tasks.reenactment.forward import LOSSES_OF_ALL
from dagan_jax.tasks.reenactment.task import Gradients, ReenactmentTask
from dagan_jax.tasks.remembering import keep_products
from dagan_jax.tasks.task import Batch, TrainState, Variables, zeros_for

_LOSSES = (
  'loss.imitated_flow',
  'loss.imitated_picture',
  'loss.imitated_masks',
  'loss.imitated_occlusion',
)


def check(config: ConfigDict) -> None:
  """As for reenactment; and no loss is weighed that would not be computed.

  Raises:
    UsageError: names the first field that is impossible, and what it may be.
  """
  check_reenactment(config)
  checks.check_not_negative(config, _LOSSES)
  for name in (*LOSSES_OF_ALL, 'landmarks'):
    if config.loss[name]:
      raise UsageError(
        "task 'imitation' learns what a teacher does, and nothing else:"
        f' loss.{name} must be 0'
      )


class ImitationTask(ReenactmentTask):
  """Learns motion alone, from the motion network of a trained reenactor.

  All else of the reenactor is the trained one's and stays. The teacher, the
  network 'teacher', is given, and is neither learnt nor saved. Each source is
  moved as its driving frame moves it, and as the next pair of the batch moves,
  so that motion of other people is learnt too.
  """

  check = staticmethod(check)

  def __init__(self, config: ConfigDict):
    super().__init__(config)
    self.teacher = DenseMotion(**config.model.teacher)

  def init(self, key: jax.Array, batch: Batch) -> TrainState:
    """A fresh state; the teacher is zeros of the shapes that must be given."""
    state = super().init(key, batch)
    pictures = jnp.zeros((1, *batch['source'].shape[1:]))
    count = self.reenactor.detector.keypoints
    keypoints = Keypoints(jnp.zeros((1, count, 2)), jnp.ones((1, count, 2, 2)))
    teacher = zeros_for(
      self.teacher,
      key,
      *(self.reenactor.shrink(pictures), keypoints, keypoints),
      finest=pictures.shape[1],
      train=False,
    )
    return state.replace(variables={**state.variables, 'teacher': teacher})

  def gradients(
    self,
    variables: dict[str, Variables],
    source: Images,
    driving: Images,
    plate: ThinPlate,
    landmarks: Float[Array, 'b 2 68 2'] | None = None,
  ) -> Gradients:
    """Losses and gradients of the motion network on pictures in [0, 1]."""
    reenactor = variables['reenactor']
    here, there = (self._analyse(reenactor, x) for x in (source, driving))
    others, theirs = (
      jax.tree.map(lambda x: jnp.roll(x, 1, axis=0), keypoints)
      for keypoints in (here, there)
    )
    there = _join(there, transfer_motion(here, theirs, others))
    here = _join(here, here)
    thumbnail = self.reenactor.shrink(source)
    lesson = jnp.concatenate([thumbnail, thumbnail]), here, there
    finest = source.shape[1]
    taught: Motion = self.teacher.apply(
      variables['teacher'], *lesson, finest=finest, train=False
    )
    # Bent at lids and lips, both flows would be equal there: unbent they show
    # more, and cost less.
    learner = self.reenactor.motion.clone(guides=0, parent=None)

    def objective(learnt):
      found, state = learner.apply(
        {
          'params': learnt['motion'],
          'batch_stats': reenactor['batch_stats']['motion'],
        },
        *lesson,
        finest=finest,
        train=True,
        mutable=['batch_stats'],
      )
      losses = imitation(
        lesson[0], taught, found, align_corners=learner.align_corners
      )
      return self._weighted(losses), (losses, state['batch_stats'])

    (_, (losses, statistics)), gradient = jax.value_and_grad(
      keep_products(objective, self.config.remat), has_aux=True
    )(self._learnt(reenactor['params']))
    judge = variables['discriminator']['params']
    return Gradients(
      losses=losses,
      reenactor=gradient,
      discriminator=jax.tree.map(jnp.zeros_like, judge),
      batch_stats={**reenactor['batch_stats'], 'motion': statistics},
      forward=None,
    )

  def _learnt(self, params):
    """Motion, and nothing else: no optimizer knows of the rest."""
    return {'motion': params['motion']}

  def _analyse(self, reenactor: Variables, pictures: Images) -> Keypoints:
    """Keypoints of pictures, without points of lids and lips."""
    face = self.reenactor.apply(reenactor, pictures, method='analyse')
    return self._free(face.keypoints)


def _join(first: Keypoints, second: Keypoints) -> Keypoints:
  return jax.tree.map(lambda *x: jnp.concatenate(x), first, second)
