"""Writes networks as a workdir, as PyTorch files and as safetensors.

Each output bears its name only once it is whole, and none replaces anything.
"""

import contextlib
import json
import os
import pathlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.runs import checkpoints
from dagan_jax.weights import export
from dagan_jax.weights.files.torch_files import write_torch
from dagan_jax.weights.names.layouts import leaves

# What the published networks are and do, and no file of theirs says.
_AS_PUBLISHED = {
  'standardised_depth': (False,),
  'detector.temperature': (0.1,),
  'motion.occlusions': (1,),
  'motion.align_corners': (False,),
  'generator.fusion': ('none', 'depth'),
  'generator.decoder': ('plain', 'spade'),
  'generator.pool_first': (False,),
  'generator.warp_depth': (False,),
  'generator.align_corners': (False,),
  'generator.attention.relu': (True,),
  'generator.attention.scaled': (False,),
  'generator.attention.gamma': (True,),
}


class Networks(NamedTuple):
  """All that a workdir holds."""

  config: ConfigDict
  variables: dict[str, Any]  # network -> {'params', 'batch_stats'}
  remainder: dict[str, np.ndarray]  # what the published files held besides


def check_new(paths: Sequence[str]) -> None:
  """Whether all outputs can be written, before minutes of work.

  Raises:
    UsageError: one exists already, is named twice, or its folder is no place.
  """
  if len({pathlib.Path(path).resolve() for path in paths}) < len(paths):
    raise UsageError('two outputs have one name: give each its own')
  for path in map(pathlib.Path, paths):
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
      raise UsageError(f'{path} exists already: choose another name')
    place = path.absolute().parent
    while not place.exists():
      place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK):
      raise UsageError(f'{path} cannot be written: {place} is no place for it')


def write_workdir(path: str, networks: Networks, remainder: str) -> None:
  """A workdir with `networks.remainder` beside it in a file of that name.

  Raises:
    UsageError: the disk refuses it.
  """
  with _replacing(path) as partial:
    checkpoints.write_workdir(partial, networks.config, networks.variables)
    np.savez(partial / remainder, **networks.remainder)


def torch_files(networks: Networks, path: str) -> dict[str, dict[str, Any]]:
  """What `write_torch_files` writes, by file name; '' is `path` itself.

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
      judge = variables['discriminator']
      parts['discriminator'] = export.discriminator_part(judge)
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
  with _replacing(path) as partial:
    if '' not in files:
      partial.mkdir()
    for name, contents in files.items():
      write_torch(str(partial / name if name else partial), contents)


def write_safetensors(path: str, networks: Networks) -> None:
  """All networks, names joined by dots; the config as metadata.

  Raises:
    UsageError: safetensors is not installed, or the disk refuses it.
  """
  try:
    from safetensors.numpy import save
  except ImportError as error:
    raise UsageError(
      f"{path} needs a package: pip install 'dagan_jax[convert]'"
    ) from error
  variables = dict(networks.variables)
  if 'depth' in variables.get('reenactor', {}).get('params', {}):
    variables.pop('depth', None)  # the same once more
  tensors = {
    name.replace('/', '.'): np.ascontiguousarray(array)
    for name, array in leaves(variables)
  }
  config = json.dumps(networks.config.to_dict())
  with _replacing(path) as partial:
    # The library's own way of writing shuts out all other users.
    partial.write_bytes(save(tensors, {'config': config}))


def _check_published(config: ConfigDict) -> None:
  """Whether PyTorch's code would compute the same with these weights."""
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


@contextlib.contextmanager
def _replacing(path: str) -> Iterator[pathlib.Path]:
  """A path beside `path`, which gets its name when the block ends well."""
  final = pathlib.Path(path)
  partial = final.absolute().with_name(f'.{final.name}.{os.getpid()}.partial')
  try:
    final.absolute().parent.mkdir(parents=True, exist_ok=True)
    yield partial
    partial.rename(final)  # an empty folder of that name may be there
  except OSError as error:
    raise UsageError(
      f'{path} cannot be written ({error.strerror or error})'
    ) from error
  finally:
    if partial.is_dir():
      shutil.rmtree(partial)
    elif partial.exists():
      partial.unlink()
