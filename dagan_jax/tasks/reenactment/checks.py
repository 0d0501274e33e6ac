"""Which configs reenactment can be learnt from."""

from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.tasks import checks, picture_checks
from dagan_jax.tasks.reenactment.forward import LOSSES_OF_ALL
from dagan_jax.tasks.reenactment.plain_losses import (
  LANDMARK_LOSSES,
  PIXEL_LOSSES,
)

# Names that fields may have. The tables of the networks are these, too.
_CHOICES = {
  'model.depth.layers': (0, 18, 50),
  'model.detector.sees': ('rgb', 'rgbd', 'depth'),
  'model.generator.fusion': ('none', 'depth', 'cross_modal'),
  'model.generator.decoder': ('plain', 'multi_level', 'spade'),
  'model.generator.depth_kv': ('deepest', 'per_level'),
  'model.generator.attention.implementation': ('chunked', 'cudnn'),
  'loss.keypoint_distance_form': ('sign', 'hinge'),
}

# The parts of the reenactor that a run may leave as they are.
_FREEZABLE = ('detector', 'guides', 'motion', 'generator')

_POSITIVE = (
  'model.depth.width',
  'model.detector.size',
  'model.detector.width',
  'model.detector.max_width',
  'model.detector.blocks',
  'model.detector.temperature',
  'model.guides.size',
  'model.guides.max_width',
  'model.guides.blocks',
  'model.guides.temperature',
  'model.motion.size',
  'model.motion.kernel',
  'model.motion.occlusions',
  'model.motion.width',
  'model.motion.max_width',
  'model.motion.blocks',
  'model.generator.width',
  'model.generator.max_width',
  'model.generator.levels',
  'model.generator.attention.chunk',
  'model.generator.attention.divisor',
  'model.discriminator.width',
  'model.discriminator.max_width',
  'model.discriminator.blocks',
  'warp.points',
)

_NOT_NEGATIVE = (
  'model.guides.width',
  'model.motion.finer_width',
  'model.generator.residual_blocks',
  'model.generator.level_residual_blocks',
  'augment.hue',
  'loss.landmarks',
  *(f'loss.{name}' for name in LOSSES_OF_ALL),
  'loss.keypoint_distance_threshold',
  'warp.affine',
  'warp.bending',
)

_SHARES = (
  'augment.time_flip',
  'augment.horizontal_flip',
  'augment.colour',
  'augment.brightness',
  'augment.contrast',
  'augment.saturation',
)


def check(config: ConfigDict) -> None:
  """Looks at the fields of stage 2, and whether they agree with each other.

  Raises:
    UsageError: names the first field that is impossible, and what it may be.
  """
  checks.check_names(config, _CHOICES)
  checks.check_positive(config, _POSITIVE)
  checks.check_not_negative(config, _NOT_NEGATIVE)
  checks.check_at_least_two(config, ('model.detector.keypoints',))
  checks.check_shares(config, _SHARES)
  picture_checks.check_scales(config)
  if config.data.sampler != 'pairs':
    raise UsageError(f"task {config.task!r} needs data.sampler 'pairs'")
  _check_sizes(config)
  _check_pixel_losses(config)
  _check_frozen(config)
  _check_landmark_losses(config)
  if config.model.depth.layers == 0 and (
    config.model.generator.fusion != 'none'
    or config.model.detector.sees != 'rgb'
  ):
    raise UsageError(
      'model.depth.layers is 0, no depth network: then model.generator.fusion'
      " must be 'none' and model.detector.sees 'rgb'"
    )
  if config.init.depth and not config.model.depth.layers:
    raise UsageError(
      'init.depth is given, but model.depth.layers is 0: no network takes it'
    )
  checks.check_paths(config, ('init.depth', 'init.reenactor'))


def _check_sizes(config: ConfigDict) -> None:
  """Whether the pictures are large enough for what shrinks them."""
  size = config.data.image_size
  networks = ['detector', 'motion']
  if config.model.guides.width:
    networks.append('guides')
  for network in networks:
    fields = config.model[network]
    if size % fields.size:
      raise UsageError(
        f'model.{network}.size is {fields.size}: it must divide data.image_size'
        f' {size}'
      )
    if fields.size % 2**fields.blocks:
      raise UsageError(
        f'model.{network}.size {fields.size} cannot be halved {fields.blocks}'
        f' times, which model.{network}.blocks asks'
      )
  if config.model.detector.size < 7:
    raise UsageError(
      f'model.detector.size is {config.model.detector.size}: it must be at'
      ' least 7, a heatmap'
    )
  halvings = config.model.generator.levels - 1
  if size % 2**halvings:
    raise UsageError(
      f'data.image_size {size} cannot be halved {halvings} times, which'
      ' model.generator.levels asks'
    )
  kernel = config.model.motion.kernel
  if kernel % 2 == 0:
    raise UsageError(
      f'model.motion.kernel is {kernel}: it must be odd, or maps would shrink'
    )
  _check_occlusions(config)
  picture_checks.check_judge(config)
  for block in range(config.model.discriminator.blocks):
    pooled = block < config.model.discriminator.blocks - 1
    size = (size - 3) // (2 if pooled else 1)
  if size < 1:
    raise UsageError(
      f'data.image_size {config.data.image_size} is too small for'
      f' model.discriminator.blocks {config.model.discriminator.blocks}'
    )


def _check_frozen(config: ConfigDict) -> None:
  """Whether what is frozen is there, and its statistics stay as well."""
  for name in config.frozen:
    if name not in _FREEZABLE:
      raise UsageError(
        f'frozen names {name!r}: it may name some of {", ".join(_FREEZABLE)}'
      )
  if config.frozen and not config.frozen_statistics:
    raise UsageError(
      'frozen needs frozen_statistics: else the batch norms of what is frozen'
      ' would still move'
    )


def _check_landmark_losses(config: ConfigDict) -> None:
  """Whether there are landmarks, and keypoints to be led to them."""
  loss = config.loss
  asked = [name for name in LANDMARK_LOSSES if loss[name]]
  if asked and not config.data.landmarks:
    raise UsageError(
      f'loss.{asked[0]} needs landmarks: set data.landmarks, which data sets of'
      ' data_pipelines.build have (data.source tfds), or the loss to 0'
    )
  if loss.landmarks and not config.model.guides.width:
    raise UsageError(
      'loss.landmarks teaches points of lids and lips: set model.guides.width,'
      ' so that there is a network that looks for them'
    )
  guided = config.model.guides.width or loss.landmark_flow
  aligned = config.model.motion.align_corners
  if guided and not (aligned and config.model.generator.align_corners):
    raise UsageError(
      'model.guides and loss.landmark_flow need model.motion.align_corners and'
      ' model.generator.align_corners: else a place is not the same pixel in'
      ' the flow and in what it looks at'
    )


def _check_pixel_losses(config: ConfigDict) -> None:
  """Whether what L1 and SSIM compare is there, and large enough for them."""
  loss = config.loss
  if loss.drawn and not config.model.generator.blend:
    raise UsageError(
      'loss.drawn needs model.generator.blend: else what is drawn is the'
      ' prediction, whose loss is loss.pixel'
    )
  picture_checks.check_pixel_scales(config, PIXEL_LOSSES)


def _check_occlusions(config: ConfigDict) -> None:
  """Whether motion can find one map of what is hidden for each level."""
  motion, levels = config.model.motion, config.model.generator.levels
  if motion.occlusions == 1:
    return
  if motion.occlusions != levels:
    raise UsageError(
      f'model.motion.occlusions is {motion.occlusions}: it must be 1 or'
      f' model.generator.levels, {levels}'
    )
  doublings = config.data.image_size // motion.size
  if doublings & (doublings - 1):
    raise UsageError(
      f'data.image_size {config.data.image_size} / model.motion.size'
      f' {motion.size} must be a power of two if model.motion.occlusions is not'
      ' 1'
    )
  coarsest = config.data.image_size // 2 ** (levels - 1)
  least = motion.size // 2 ** (motion.blocks - 1)
  if coarsest < least:
    raise UsageError(
      f'the deepest of model.generator.levels has {coarsest} pixels, but'
      f' model.motion finds what is hidden at {least} or more: set'
      ' model.motion.occlusions to 1, or add model.motion.blocks'
    )
