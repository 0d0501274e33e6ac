"""A model in one file, the box: all that animating needs of a network.

It is a safetensors file. Kernels are float16; biases, scales and statistics,
which are few, stay float32. Its metadata hold the format's version, the
config's model section with the size of pictures, the version of this package
that wrote it, and a digest of the arrays. The package brings such a file along.
"""

import hashlib
import json
import pathlib
from importlib import metadata
from typing import Any, NamedTuple

import numpy as np
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.runs import checkpoints, workdirs
from dagan_jax.runs.buckets import fetch
from dagan_jax.weights.files.safetensors_files import (
  read_safetensors,
  write_safetensors_file,
)
from dagan_jax.weights.names.layouts import leaves
from dagan_jax.weights.workdirs import Networks

SUFFIX = '.safetensors'
OURS = pathlib.Path(__file__).parents[1] / 'box' / f'people{SUFFIX}'
ANIMATING = ('reenactment', 'imitation')  # what tasks teach that animates
_KIND = 'a network that animates, of dagan_jax'
_VERSION = '1'  # of the format


class Trained(NamedTuple):
  """A network that has learnt, wherever it lay."""

  where: str  # for messages: its workdir or file
  config: ConfigDict  # of a box: task, model and data.image_size alone
  variables: dict[str, Any]  # {'params', 'batch_stats'}, of the reenactor


def open_trained(place: str | None) -> Trained:
  """The network of a workdir or of a box; None: of the package's own box.

  Raises:
    UsageError: there is no such thing, or no network that animates in it.
  """
  if place is None:
    if not OURS.is_file():
      raise UsageError(
        f'the package carries no model, {OURS} is missing: install it again,'
        ' or name a trained network, --workdir=WORKDIR'
      )
    return read_box(str(OURS))
  if is_box(place):
    with fetch(place) as file:
      return read_box(file)._replace(where=place)
  config = workdirs.read_config(place)
  if config.get('task') == 'gohd':
    raise UsageError(
      f"{place} holds GoHD's networks, which find neither keypoints nor depth:"
      ' python -m dagan_jax.speak lets them follow a voice'
    )
  if config.get('task') not in ANIMATING:
    raise UsageError(
      f'{place} was trained on {config.get("task")!r}: it cannot animate'
    )
  return Trained(place, config, checkpoints.read_average(place, 'reenactor'))


def is_box(place: str) -> bool:
  """Whether a path means a box, and not a workdir."""
  path = pathlib.Path(place)
  return path.is_file() or path.suffix == SUFFIX


def kind_of(path: str) -> str | None:
  """What a box says that it holds; None: it is no box.

  Raises:
    UsageError: the file cannot be read.
  """
  said = read_safetensors(path)[1] if pathlib.Path(path).is_file() else None
  return said.get('kind') if isinstance(said, dict) else None


def read_box(path: str) -> Trained:
  """The network of a box, in float32.

  Raises:
    UsageError: the file is missing, cut short, damaged, of another version, or
      no box.
  """
  return Trained(path, *unseal(path, _KIND))


def write_box(path: str, networks: Networks) -> None:
  """Writes the reenactor of a workdir as a box.

  Raises:
    UsageError: there is no reenactor, or the disk refuses the file.
  """
  if 'reenactor' not in networks.variables:
    raise UsageError(f'{path}: a box holds a network that animates; give one')
  model = networks.config.model.to_dict()
  model.pop('teacher', None)  # of a network that learnt to imitate another
  config = {
    'task': 'reenactment',
    'model': model,
    'data': {'image_size': networks.config.data.image_size},
  }
  seal(path, _KIND, config, networks.variables['reenactor'])


def unseal(path: str, kind: str) -> tuple[ConfigDict, dict[str, Any]]:
  """The config and the variables, in float32, of what `seal` wrote.

  Args:
    path: of the file.
    kind: that it must be of.

  Raises:
    UsageError: the file is missing, cut short, damaged, or of another version
      or kind.
  """
  if not pathlib.Path(path).is_file():
    raise UsageError(
      f'there is no model {path}: python -m dagan_jax.convert --from=WORKDIR'
      f' --box={path} writes one'
    )
  arrays, said = read_safetensors(path)
  if not isinstance(said, dict) or said.get('kind') != kind:
    raise UsageError(
      f'{path} is no model of this package, {kind}: give one that convert'
      ' --box wrote'
    )
  if said.get('version') != _VERSION:
    raise UsageError(
      f'{path} is a model of version {said.get("version")}, written by'
      f' dagan_jax {said.get("dagan_jax")}; here version {_VERSION} is read:'
      ' install the dagan_jax that wrote it, or write it again'
    )
  if said.get('digest') != _digest(arrays, said.get('config', '')):
    raise UsageError(f'{path} is damaged: its digest is another; copy it again')
  variables = {}
  for name, array in arrays.items():
    *folders, leaf = name.split('.')
    branch = variables
    for folder in folders:
      branch = branch.setdefault(folder, {})
    branch[leaf] = array.astype(np.float32)
  return workdirs.parse_config(said['config']), variables


def seal(
  path: str, kind: str, config: dict[str, Any], variables: dict[str, Any]
) -> None:
  """Writes a config and variables, kernels as float16, and their digest.

  Raises:
    UsageError: the disk refuses the file.
  """
  described = json.dumps(config, sort_keys=True)
  arrays = {
    path.replace('/', '.'): _narrow(np.asarray(array))
    for path, array in leaves(variables)
  }
  said = {
    'kind': kind,
    'version': _VERSION,
    'dagan_jax': metadata.version('dagan_jax'),
    'config': described,
    'digest': _digest(arrays, described),
  }
  write_safetensors_file(path, arrays, said)


def _narrow(array: np.ndarray) -> np.ndarray:
  """A kernel in float16, as long as that can hold it; all else in float32."""
  is_kernel = array.ndim > 1 and np.abs(array).max() < np.finfo(np.float16).max
  return array.astype(np.float16 if is_kernel else np.float32)


def _digest(arrays: dict[str, np.ndarray], config: str) -> str:
  digest = hashlib.sha256(config.encode())
  for name in sorted(arrays):
    array = arrays[name]
    digest.update(f'{name} {array.dtype} {array.shape}'.encode())
    digest.update(np.ascontiguousarray(array))
  return digest.hexdigest()
