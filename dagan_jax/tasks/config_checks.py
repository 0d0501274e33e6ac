"""What no config may ask for; told before anything is compiled."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
from ml_collections import ConfigDict

from dagan_jax import tasks
from dagan_jax.console.errors import UsageError
from data_pipelines.errors.mendable import DataError
from data_pipelines.reading import (
  pipeline,
  recorded_clips,
  sources,
  video_folder,
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
  'optimizer.decay': ('none', 'step', 'cosine'),
  'data.sampler': tuple(pipeline.SAMPLERS),
  'data.views': (2, 3),
  'model.camera.backbone': ('conv7', 'resnet18', 'resnet50'),
  'model.camera.intrinsics': ('clip', 'pair'),
  'loss.photometric_form': ('dagan', 'daganpp'),
}

_POSITIVE = (
  'steps',
  'data.batch_size',
  'data.image_size',
  'data.prefetch',
  'data.eval_frames',
  'data.identities',
  'data.test_identities',
  'data.frame_gap',
  'model.depth.width',
  'model.camera.width',
  'model.camera.blocks',
  'model.camera.focal',
  'model.detector.size',
  'model.detector.width',
  'model.detector.max_width',
  'model.detector.blocks',
  'model.detector.temperature',
  'model.motion.size',
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
  'model.vgg.width',
  'warp.points',
  'optimizer.learning_rate',
  'checkpoint.every',
  'checkpoint.keep',
  'report.every',
  'report.images',
)

_NOT_NEGATIVE = (
  'data.workers',
  'model.generator.residual_blocks',
  'model.generator.level_residual_blocks',
  'augment.hue',
  'loss.perceptual',
  'loss.generator_gan',
  'loss.discriminator_gan',
  'loss.feature_matching',
  'loss.equivariance_value',
  'loss.equivariance_jacobian',
  'loss.keypoint_distance',
  'loss.keypoint_distance_threshold',
  'loss.photometric',
  'loss.unmasked_uncertainty',
  'loss.smoothness',
  'loss.convex_start',
  'warp.affine',
  'warp.bending',
  'optimizer.warmup_steps',
  'optimizer.decay_factor',
  'optimizer.clip_norm',
  'report.images_every',
  'report.eval_every',
)

_SHARES = (
  'augment.time_flip',
  'augment.colour',
  'loss.convex_until',
  'loss.least_uncertainty',
  'augment.horizontal_flip',
  'augment.brightness',
  'augment.contrast',
  'augment.saturation',
  'optimizer.decay_at',
  'data.test_fraction',
)


def check(config: ConfigDict) -> None:
  """Looks at every field that can be wrong by itself.

  Raises:
    UsageError: names the first field that is impossible, and what it may be.
  """
  _check_name(config, 'task', tuple(tasks.TASKS))
  _check_name(config, 'data.source', tuple(sources.SOURCES))
  for field, choices in _CHOICES.items():
    _check_name(config, field, choices)
  for field in _POSITIVE:
    _check_numbers(config, field, lambda x: x > 0, 'greater than 0')
  for field in _NOT_NEGATIVE:
    _check_numbers(config, field, lambda x: x >= 0, '0 or greater')
  for field in ('optimizer.b1', 'optimizer.b2'):
    _check_numbers(config, field, lambda x: 0 <= x < 1, 'at least 0, below 1')
  for field in ('data.clip_frames', 'model.detector.keypoints'):
    _check_numbers(config, field, lambda x: x >= 2, 'at least 2')
  _check_numbers(
    config,
    'loss.perceptual_scales',
    _shrinks_evenly,
    '1, 1/2, 1/3 or another such share',
  )
  for field in _SHARES:
    _check_numbers(config, field, lambda x: 0 <= x <= 1, 'between 0 and 1')
  if config.data.image_size % 32:
    raise UsageError(
      f'data.image_size is {config.data.image_size}: it must be a multiple of'
      ' 32'
    )
  devices = jax.device_count()
  if config.data.batch_size % devices:
    raise UsageError(
      f'data.batch_size is {config.data.batch_size}: it must be a multiple of'
      f' the number of devices, {devices}'
    )
  if config.task == 'face_depth':
    _check_face_depth(config)
  else:
    _check_reenactment(config)
  if config.data.source == 'videos':
    _check_clips(config.data.path)
  if config.data.source == 'tfds':
    _check_data_set(config.data.path)
  for field in ('init.depth', 'init.reenactor', 'init.resnet', 'init.vgg'):
    path = _value(config, field)
    if path and not Path(path).exists():
      raise UsageError(f'{field}: {path} does not exist')


def _check_face_depth(config: ConfigDict) -> None:
  """Whether stage 1's fields agree with each other."""
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
  size = config.data.image_size
  if camera.backbone == 'conv7' and size % 2**camera.blocks:
    raise UsageError(
      f'data.image_size {size} cannot be halved {camera.blocks} times, which'
      ' model.camera.blocks asks'
    )


def _check_reenactment(config: ConfigDict) -> None:
  """Whether stage 2's fields agree with each other."""
  if config.data.sampler != 'pairs':
    raise UsageError("task 'reenactment' needs data.sampler 'pairs'")
  _check_sizes(config)
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


def _check_sizes(config: ConfigDict) -> None:
  """Whether the pictures are large enough for what shrinks them."""
  size = config.data.image_size
  for network in ('detector', 'motion'):
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
  _check_occlusions(config)
  scales = config.loss.perceptual_scales
  if config.loss.perceptual and not scales:
    raise UsageError(
      'loss.perceptual_scales is empty; for no perceptual loss,'
      ' set loss.perceptual to 0'
    )
  smallest = 16 / min(scales, default=1)
  if config.loss.perceptual and size < smallest:
    raise UsageError(
      f'data.image_size {size} is too small for loss.perceptual_scales'
      f' {scales}: VGG needs {smallest:.0f} pixels;'
      ' leave out the smallest scale'
    )
  for block in range(config.model.discriminator.blocks):
    pooled = block < config.model.discriminator.blocks - 1
    size = (size - 3) // (2 if pooled else 1)
  if size < 1:
    raise UsageError(
      f'data.image_size {config.data.image_size} is too small for'
      f' model.discriminator.blocks {config.model.discriminator.blocks}'
    )


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


def _check_clips(path: str) -> None:
  if path and Path(path).is_dir():
    return
  problem = f'data.path: {path} is no folder' if path else 'data.path is empty'
  raise UsageError(
    f'{problem}; it must be {video_folder.LAYOUT}.\n'
    'Cut out the faces of HDTF, VoxCeleb or your own videos as squares, then'
    ' add --config.data.path=FOLDER; or try --config=configs/synthetic.py.'
  )


def _check_data_set(path: str) -> None:
  try:
    recorded_clips.find(path)
  except DataError as error:
    raise UsageError(f'data.path: {error}') from None


def _check_name(config: ConfigDict, field: str, choices: tuple) -> None:
  value = _value(config, field)
  if value not in choices:
    names = ', '.join(map(str, choices))
    raise UsageError(f'{field} is {value!r}: it must be one of {names}')


def _check_numbers(
  config: ConfigDict, field: str, holds: Callable[[float], bool], rule: str
) -> None:
  value = _value(config, field)
  for number in value if isinstance(value, tuple) else (value,):
    if not isinstance(number, int | float) or not holds(number):
      raise UsageError(f'{field} is {value!r}: it must be {rule}')


def _shrinks_evenly(scale: float) -> bool:
  """Whether a picture shrinks by keeping every n-th pixel."""
  return 0 < scale <= 1 and abs(1 / scale - round(1 / scale)) < 1e-6


def _value(config: ConfigDict, field: str) -> Any:
  value = config
  for name in field.split('.'):
    if name not in value:
      raise UsageError(f'the config lacks the field {field}')
    value = value[name]
  return value
