"""Stage 1: the depth of faces, learnt from videos alone unless taught."""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
from clu import metrics
from jaxtyping import Array, Bool, Float, Int
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.pixels import unit
from dagan_jax.geometry.shapes import Frames
from dagan_jax.losses.photometric import SSIM_SHARE
from dagan_jax.models.face_depth.camera_motion import (
  Camera,
  CameraMotion,
)
from dagan_jax.models.face_depth.network import FaceDepth
from dagan_jax.models.layers.precision import round_convolutions
from dagan_jax.tasks.accumulation import in_parts
from dagan_jax.tasks.augment import augment_clip
from dagan_jax.tasks.face_depth.answers import (
  TRIVIAL,
  compare,
  compare_depth,
)
from dagan_jax.tasks.face_depth.checks import check
from dagan_jax.tasks.face_depth.explanation import (
  Finding,
  explain,
  views,
)
from dagan_jax.tasks.face_depth.heads import scale_heads, slow_heads
from dagan_jax.tasks.face_depth.objective import find_losses
from dagan_jax.tasks.face_depth.solving import solve
from dagan_jax.tasks.face_depth.truth import Truth, read_truth
from dagan_jax.tasks.optimizers import (
  adam,
  gradient_norms,
  learning_rate,
  player_update,
)
from dagan_jax.tasks.remembering import keep_products
from dagan_jax.tasks.task import Answers, Batch, TrainState, Variables, averages

LEAST_COVERAGE = 0.02  # of the auto-mask; with less there is nothing to learn


class FaceDepthTask:
  """Learns depth, head motion, camera and uncertainty from neighbouring frames.

  A batch is {'frames': uint8 'b t h w 3'} in the order of time. Of 2 frames,
  each is explained by the other; of 3, the middle one by both others. With
  `data.truth`, and in tests, batches of rendered faces tell the truth as well.
  Networks: 'depth', which stage 2 takes, and 'camera_motion'; with
  `loss.given_depth` also 'given_depth', which neither learns nor is saved.
  """

  saved = ('depth', 'camera_motion')
  scored = ('depth', 'camera_motion')
  dispensable = ('camera_motion',)  # published depth comes without one
  trivial = TRIVIAL
  check = staticmethod(check)

  def __init__(self, config: ConfigDict):
    self.config = config
    self.depth = FaceDepth(**config.model.depth)
    self.camera_motion = CameraMotion(**config.model.camera)
    # A head is about as deep as a third of the picture is wide.
    self.relief = 0.3 / config.model.camera.focal
    self.ssim_share = SSIM_SHARE[config.loss.photometric_form]
    self.heads = config.get('heads', 1.0)  # older workdirs lack it
    self.optimizer = slow_heads(
      adam(config.optimizer, config.steps), self.heads
    )
    self.learning_rate = learning_rate(config.optimizer, config.steps)

  def init(self, key: jax.Array, batch: Batch) -> TrainState:
    """A fresh state."""
    keys = jax.random.split(key, 2)
    targets, sources = views(unit(batch['frames'][:1])).pairs()
    variables = {
      'depth': scale_heads(
        self.depth.init(keys[0], targets[0], train=False), self.heads
      ),
      'camera_motion': self.camera_motion.init(
        keys[1], targets, sources, train=False
      ),
    }
    opt_state = {'face_depth': self.optimizer.init(_params(variables))}
    if self.config.loss.given_depth:
      variables['given_depth'] = variables['depth']
    return TrainState(
      step=jnp.zeros((), jnp.int32), variables=variables, opt_state=opt_state
    )

  def train_step(
    self, key: jax.Array, state: TrainState, batch: Batch
  ) -> tuple[TrainState, metrics.Collection]:
    """One update of both networks."""
    key = jax.random.fold_in(key, state.step)
    frames, seen, mirrored = augment_clip(
      key, unit(batch['frames']), **self.config.augment
    )
    truth = read_truth(batch, self.config.loss, mirrored)
    convexity = self.convexity(state.step)
    with round_convolutions(self.config.precision):
      values, gradient, variables = in_parts(
        lambda part: self.gradients(state.variables, *part, convexity),
        self.config.accumulate,
        (frames, seen, truth),
      )
    params, opt_state = player_update(
      self.optimizer,
      gradient,
      state.opt_state['face_depth'],
      _params(self._learnt(state.variables)),
    )
    values |= gradient_norms(gradient)
    values['learning_rate'] = jnp.asarray(self.learning_rate(state.step))
    state = state.replace(
      step=state.step + 1,
      variables=state.variables
      | {
        name: {**tree, 'params': params[name]}
        for name, tree in variables.items()
      },
      opt_state={'face_depth': opt_state},
    )
    return state, averages(values)

  def gradients(
    self,
    variables: dict[str, Variables],
    frames: Frames,
    seen: Frames,
    truth: Truth,
    convexity: Float[Array, ''] | float = 0.0,
  ) -> tuple[dict[str, Array], Any, dict[str, Variables]]:
    """Losses by name, gradient by network, and the running statistics after.

    Args:
      variables: of both networks, and of given depth.
      frames: in [0, 1]: what the losses compare.
      seen: the same in other colours: what the networks see.
      truth: about them, as far as losses ask for it.
      convexity: weight of the first guess.
    """
    weights = {**self.config.loss, 'convex_start': convexity}
    given = self._find_given(variables, frames)

    def objective(params):
      learnt = {
        name: {**tree, 'params': params[name]}
        for name, tree in self._learnt(variables).items()
      }
      finding, after = self._find(learnt, frames, seen, train=True)
      solution, known = None, finding.camera
      if self.config.camera.solver:
        solution = solve(finding.frames, finding.disparities[0], known)
        known = solution.camera
      finding = self._explain(finding, known)
      losses = find_losses(
        finding, solution, truth, self.config.loss, self.relief, given
      )
      total = sum(weights[name] * loss for name, loss in losses.items())
      camera = finding.camera
      values = {
        **losses,
        'focal': jnp.mean(camera.focal) / frames.shape[-2],
      }
      if self.config.loss.photometric:
        values['automask_coverage'] = jnp.mean(self._mask(finding))
      if camera.uncertainty is not None:
        values['uncertainty'] = jnp.mean(camera.uncertainty)
      return total, (values, after)

    (_, (values, after)), gradient = jax.value_and_grad(
      keep_products(objective, self.config.remat), has_aux=True
    )(_params(self._learnt(variables)))
    return values, gradient, after

  def eval_step(self, variables: dict[str, Variables], batch: Batch) -> Answers:
    """What is left unexplained; with the truth, how far depth is from it.

    Raises:
      UsageError: there is neither the truth nor a network of head motion.
    """
    if 'camera_motion' not in variables:
      return self._eval_depth(variables['depth'], batch)
    finding = self.find(variables, batch)
    solved = None
    if self.config.camera.solver:
      frames, disparity = finding.frames, finding.disparities[0]
      camera = solve(frames, disparity, finding.camera).camera
      solved = explain(frames, disparity, camera, self.ssim_share)
    return compare(finding, solved, batch, self.relief)

  def find(self, variables: dict[str, Variables], batch: Batch) -> Finding:
    """What the networks find, and what it explains."""
    frames = unit(batch['frames'])
    finding, _ = self._find(variables, frames, frames, train=False)
    return self._explain(finding, finding.camera)

  def images(
    self, variables: dict[str, Variables], batch: Batch
  ) -> tuple[Finding, Bool[Array, 'n v h w 1']]:
    """What the networks find, and the auto-mask."""
    finding = self.find(variables, batch)
    return finding, self._mask(finding)

  def warnings(self, values: dict[str, float]) -> Iterator[str]:
    """What the losses of a while say about the data."""
    coverage = values.get('automask_coverage', 1.0)
    if coverage < LEAST_COVERAGE:
      yield (
        f'the auto-mask covers {coverage:.1%} of the pictures: hardly anything'
        f' moves. Raise data.frame_gap (now {self.config.data.frame_gap})'
      )

  def convexity(self, step: Int[Array, ''] | int) -> Float[Array, '']:
    """The weight of the first guess fades to 0; given depth needs none."""
    if self.config.init.depth:
      return jnp.zeros(())
    weights = self.config.loss
    last = max(weights.convex_until * self.config.steps, 1)
    left = 1 - step / last
    return weights.convex_start * jnp.maximum(left, 0)

  def _eval_depth(self, depth: Variables, batch: Batch) -> Answers:
    """A depth network alone, which only the truth can score."""
    if 'foreground' not in batch:
      raise UsageError(
        'this workdir holds depth without head motion, so videos cannot score'
        ' it; rendered faces can: --config=configs/synthetic.py:depth'
      )
    targets = views(unit(batch['frames'])).targets[:, 0]
    disparities = self.depth.apply(depth, targets, train=False)
    return compare_depth(disparities[0], batch, self.relief)

  def _find(
    self,
    variables: dict[str, Variables],
    frames: Frames,
    seen: Frames,
    *,
    train: bool,
  ) -> tuple[Finding, dict[str, Variables]]:
    """What the networks find, and variables with new running statistics."""
    found = views(seen)
    targets = found.targets.reshape(-1, *found.targets.shape[2:])
    disparities, depth = _apply(
      self.depth, variables['depth'], targets, train=train
    )
    camera, camera_motion = _apply(
      self.camera_motion,
      variables['camera_motion'],
      *found.pairs(),
      train=train,
    )
    finding = Finding(views(frames), disparities, camera, ())
    return finding, {'depth': depth, 'camera_motion': camera_motion}

  def _learnt(self, variables: dict[str, Variables]) -> dict[str, Variables]:
    return {name: variables[name] for name in self.saved}

  def _find_given(
    self, variables: dict[str, Variables], frames: Frames
  ) -> Float[Array, 'n h w 1'] | None:
    """Disparity of all targets as given depth has it."""
    if not self.config.loss.given_depth:
      return None
    targets = views(frames).targets
    targets = targets.reshape(-1, *targets.shape[2:])
    given = variables['given_depth']
    return self.depth.apply(given, targets, train=False)[0]

  def _explain(self, finding: Finding, camera: Camera) -> Finding:
    """What the depth explains with these motions, at each scale."""
    return finding._replace(
      explanations=tuple(
        explain(finding.frames, disparity, camera, self.ssim_share)
        for disparity in finding.disparities
      )
    )

  def _mask(self, finding: Finding):
    """The auto-mask at full resolution."""
    return finding.explanations[0].mask(self.config.loss.photometric_form)


def _apply(network, variables, *inputs, train: bool):
  """What a network makes, and its variables with new running statistics."""
  if not train:
    return network.apply(variables, *inputs, train=False), variables
  out, state = network.apply(
    variables, *inputs, train=True, mutable=['batch_stats']
  )
  return out, {**variables, **state}


def _params(variables):
  return {name: tree['params'] for name, tree in variables.items()}
