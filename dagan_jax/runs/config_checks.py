"""Whether a config describes a run that is possible.

What every run has is looked at here; what a system adds, its Task checks.
"""

from pathlib import Path

import jax
from ml_collections import ConfigDict

from dagan_jax import tasks
from dagan_jax.console.errors import UsageError
from dagan_jax.metrics.table import METRICS
from dagan_jax.models.layers.precision import PRECISIONS
from dagan_jax.tasks import checks
from data_pipelines.errors.buckets import scheme_of
from data_pipelines.errors.mendable import DataError
from data_pipelines.reading import (
  pipeline,
  sources,
  video_folder,
)
from data_pipelines.reading.speeches import paths_of
from data_pipelines.recorded import bucket_copy, manifest, speech_list

_POSITIVE = (
  'steps',
  'accumulate',
  'nan_skips',
  'data.batch_size',
  'data.image_size',
  'data.prefetch',
  'data.eval_frames',
  'data.identities',
  'data.test_identities',
  'data.frame_gap',
  'data.sequence',
  'optimizer.learning_rate',
  'checkpoint.every',
  'checkpoint.keep',
  'report.every',
  'report.images',
)

_NOT_NEGATIVE = (
  'divide_above',
  'checkpoint.milestones',
  'checkpoint.minutes',
  'data.workers',
  'data.eval_clips',
  'optimizer.warmup_steps',
  'optimizer.decay_factor',
  'optimizer.clip_norm',
  'report.images_every',
  'report.eval_every',
  'report.hung_after',
)


def check(config: ConfigDict) -> None:
  """Looks at every field that can be wrong by itself, then asks the task.

  Raises:
    UsageError: names the first field that is impossible, and what it may be.
  """
  choices = {
    'task': tuple(tasks.TASKS),
    'data.source': tuple(sources.SOURCES),
    'data.sampler': tuple(pipeline.SAMPLERS),
    'data.views': (2, 3),
    'nan_policy': ('stop', 'skip'),
    'precision': PRECISIONS,
    'optimizer.decay': ('none', 'step', 'cosine'),
    'report.best': ('', *(n for n, m in METRICS.items() if m.better)),
  }
  checks.check_names(config, choices)
  checks.check_positive(config, _POSITIVE)
  checks.check_not_negative(config, _NOT_NEGATIVE)
  for field in ('optimizer.b1', 'optimizer.b2'):
    checks.check_numbers(
      config, field, lambda x: 0 <= x < 1, 'at least 0, below 1'
    )
  checks.check_at_least_two(config, ('data.clip_frames',))
  checks.check_shares(config, ('optimizer.decay_at', 'data.test_fraction'))
  if config.data.image_size % 32:
    raise UsageError(
      f'data.image_size is {config.data.image_size}: it must be a multiple of'
      ' 32'
    )
  _check_batch(config.data.batch_size, config.accumulate)
  tasks.TASKS[config.task].check(config)
  if scheme_of(config.data.cache):
    raise UsageError(
      f'data.cache is {config.data.cache}: it must be a folder of this machine'
    )
  if config.data.source == 'videos':
    _check_clips(config.data.path)
  if config.data.source == 'tfds':
    _check_data_set(config.data.path)
  if config.data.source in ('speakers', 'spoken_faces'):
    for path in paths_of(config.data.path):
      _check_data_set(path, speech_list.NAME, speech_list.BUILD)


def _check_batch(count: int, parts: int) -> None:
  """Each device takes as many examples, of each part of a batch."""
  devices = jax.device_count()
  each = devices * parts
  if count % each == 0:
    return
  divided = f'the number of devices, {devices}'
  if parts > 1:
    divided = f'devices times accumulate, {devices} x {parts}'
  below, above = count // each * each, -(-count // each) * each
  near = f'{below} or {above}' if below else f'{above}'
  raise UsageError(
    f'data.batch_size is {count}: it must be a multiple of {divided}, as {near}'
  )


def _check_clips(path: str) -> None:
  if scheme_of(path):
    raise UsageError(
      f'data.path: {path} is no folder of this machine;'
      f' {video_folder.OUT_OF_BUCKET}'
    )
  if path and Path(path).expanduser().is_dir():
    return
  problem = f'data.path: {path} is no folder' if path else 'data.path is empty'
  raise UsageError(
    f'{problem}; it must be {video_folder.LAYOUT}.\n'
    'Cut out the faces of HDTF, VoxCeleb or your own videos as squares, then'
    ' add --config.data.path=FOLDER; or try --config=configs/synthetic.py.'
  )


def _check_data_set(path: str, *kind: str) -> None:
  try:
    if scheme_of(path) and not kind:
      bucket_copy.locate(path)
    else:
      manifest.find(path, *kind)
  except DataError as error:
    raise UsageError(f'data.path: {error}') from None
