"""Which configs face depth can be learnt from."""

import math

from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.models.face_depth.camera_motion import CORRELATED
from dagan_jax.tasks import checks
from dagan_jax.tasks.face_depth.truth import TRUE_LOSSES

# Names that fields may have. The tables of the networks are these, too.
_CHOICES = {
  'model.depth.layers': (0, 18, 50),
  'model.camera.backbone': ('conv7', 'resnet18', 'resnet50'),
  'model.camera.intrinsics': ('clip', 'pair', 'given'),
  'camera.solver': (False, True),
  'loss.photometric_form': ('dagan', 'daganpp'),
}

_POSITIVE = (
  'heads',
  'model.depth.width',
  'model.camera.width',
  'model.camera.blocks',
  'model.camera.focal',
  'model.camera.pivot',
)

_NOT_NEGATIVE = (
  'model.camera.size',
  'augment.hue',
  'loss.photometric',
  'loss.unmasked_uncertainty',
  'loss.smoothness',
  'loss.curvature',
  'loss.convex_start',
  'loss.relief',
  'loss.head_motion',
  'loss.given_depth',
  *(f'loss.{name}' for name in TRUE_LOSSES),
)

_SHARES = (
  'augment.horizontal_flip',
  'augment.colour',
  'augment.brightness',
  'augment.contrast',
  'augment.saturation',
  'loss.convex_until',
  'loss.least_uncertainty',
)


def check(config: ConfigDict) -> None:
  """Looks at the fields of stage 1, and whether they agree with each other.

  Raises:
    UsageError: names the first field that is impossible, and what it may be.
  """
  checks.check_names(config, _CHOICES)
  checks.check_positive(config, _POSITIVE)
  checks.check_not_negative(config, _NOT_NEGATIVE)
  checks.check_shares(config, _SHARES)
  if config.data.sampler != 'neighbours':
    raise UsageError("task 'face_depth' needs data.sampler 'neighbours'")
  if not config.model.depth.layers:
    raise UsageError(
      "model.depth.layers is 0: task 'face_depth' has nothing to learn"
    )
  form, camera = config.loss.photometric_form, config.model.camera
  if form == 'daganpp' and not camera.uncertainty:
    raise UsageError(
      "loss.photometric_form 'daganpp' needs model.camera.uncertainty"
    )
  taught = [name for name in TRUE_LOSSES if config.loss[name]]
  if taught and not config.data.truth:
    raise UsageError(
      f'loss.{taught[0]} needs the truth: set data.truth, which rendered faces'
      ' have (data.source synthetic, or tfds of a data set built with'
      ' --name=synthetic), or the loss to 0'
    )
  if config.loss.given_depth and not config.init.depth:
    raise UsageError(
      'loss.given_depth needs given depth: name a workdir or a box,'
      ' --config.init.depth=WORKDIR, or set the loss to 0'
    )
  if config.loss.true_uncertainty and not camera.uncertainty:
    raise UsageError('loss.true_uncertainty needs model.camera.uncertainty')
  if config.loss.true_uncertainty:
    _check_neighbours(config.data)
  size = min(camera.size or math.inf, config.data.image_size)
  if camera.backbone == 'conv7' and size % 2**camera.blocks:
    raise UsageError(
      f'a picture of {size} pixels (data.image_size, model.camera.size) cannot'
      f' be halved {camera.blocks} times, which model.camera.blocks asks'
    )
  coarsest = size // 2**camera.blocks
  if (
    camera.backbone == 'conv7' and camera.correlation and coarsest > CORRELATED
  ):
    raise UsageError(
      f'model.camera.correlation needs a map of at most {CORRELATED} cells: of'
      f' {size} pixels, {camera.blocks} halvings leave {coarsest}. Raise'
      ' model.camera.blocks'
    )
  checks.check_paths(config, ('init.depth', 'init.resnet'))


def _check_neighbours(data: ConfigDict) -> None:
  """What moves on its own is told of two frames, by data sets of neighbours."""
  if data.views != 2:
    raise UsageError(
      f'loss.true_uncertainty needs data.views 2, not {data.views}: what moves'
      ' on its own is told from one frame to one other'
    )
  if data.source == 'tfds' and data.frame_gap != 1:
    raise UsageError(
      f'loss.true_uncertainty needs data.frame_gap 1, not {data.frame_gap},'
      ' with data.source tfds: data sets tell what moves on its own between'
      ' neighbouring frames alone; to have these farther apart, build one with'
      ' another --fps'
    )
