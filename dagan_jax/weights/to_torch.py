"""Networks as PyTorch files with the published names and layouts."""

import pathlib
from collections.abc import Mapping
from typing import Any

from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.weights import export
from dagan_jax.weights.files.torch_files import write_torch
from dagan_jax.weights.workdirs import Networks
from data_pipelines.errors.whole_files import write_whole

# The fields of all published networks, which their files do not tell.
_AS_PUBLISHED = {
  'standardised_depth': (False,),
  'detector.temperature': (0.1,),
  'motion.occlusions': (1,),
  'motion.align_corners': (False,),
  'motion.kernel': (7,),
  'motion.finer_width': (0,),
  'generator.fusion': ('none', 'depth'),
  'generator.decoder': ('plain', 'spade'),
  'generator.pool_first': (False,),
  'generator.warp_depth': (False,),
  'generator.align_corners': (False,),
  'generator.blend': (False,),
  'generator.attention.relu': (True,),
  'generator.attention.scaled': (False,),
  'generator.attention.gamma': (True,),
}


def list_torch_files(
  networks: Networks, path: str
) -> dict[str, dict[str, Any]]:
  """What `write_torch_files` writes, by file name; '' is `path` itself.

  Says so where a single file leaves the face depth network out.

  Raises:
    UsageError: the networks have no published counterpart.
  """
  variables, kept = networks.variables, networks.remainder
  files = {}
  reenactor = variables.get('reenactor')
  depth = variables.get('depth')
  if reenactor is not None:
    _check_published(networks.config)
    spade = networks.config.model.generator.decoder == 'spade'
    parts = export.reenactor_parts(reenactor, spade)
    if 'discriminator' in variables:
      discriminator = variables['discriminator']
      parts['discriminator'] = export.discriminator_part(discriminator)
    files['reenactor.pth.tar'] = export.whole_file(parts, kept)
    if 'depth' in reenactor['params']:
      depth = {name: tree['depth'] for name, tree in reenactor.items()}
  if pathlib.Path(path).suffix:
    if not files:
      raise UsageError(
        f'{path} would be one file, but a face depth network is two: give'
        ' --to_torch a name without suffix, a folder'
      )
    if depth is not None:
      print(
        'the face depth network is not in that file: give --to_torch a name'
        ' without suffix, a folder, for both'
      )
    return {'': files['reenactor.pth.tar']}
  for name, tensors in (export.depth_parts(depth) if depth else {}).items():
    files[f'{name}.pth'] = export.whole_part(name, tensors, kept)
  if not files:
    raise UsageError('it holds no network that PyTorch has names for')
  return files


def write_torch_files(path: str, files: Mapping[str, dict[str, Any]]) -> None:
  """Writes a file, or a folder of them.

  Raises:
    UsageError: PyTorch is not installed, or the disk refuses it.
  """
  with write_whole(path, UsageError) as partial:
    if '' not in files:
      partial.mkdir()
    for name, contents in files.items():
      write_torch(str(partial / name if name else partial), contents)


def _check_published(config: ConfigDict) -> None:
  """Checks that the original code would compute the same from these weights."""
  for field, allowed in _AS_PUBLISHED.items():
    value = config.model
    for name in field.split('.'):
      value = value.get(name, allowed[0])  # a field newer than the workdir
    if value not in allowed:
      raise UsageError(
        f'model.{field} is {value!r}: the published networks, which PyTorch has'
        f' names for, have {" or ".join(map(repr, allowed))}'
      )
  for network in ('detector', 'motion'):
    size = config.model[network].size
    if export.SCALE * size != config.data.image_size:
      raise UsageError(
        f'model.{network}.size is {size} of {config.data.image_size} pixels:'
        ' the published networks take a quarter'
      )
