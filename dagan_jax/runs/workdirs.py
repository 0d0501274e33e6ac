"""Workdirs: where a run lives, and the config that it was made with.

A workdir holds `config.json`, and `checkpoints/<step>` for each step kept.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from typing import Any

import jax
from absl import logging
from etils import epath, epy
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from data_pipelines.errors.buckets import scheme_of, why_unreadable
from data_pipelines.errors.whole_files import write_whole

with epy.lazy_imports():  # slow, and few programs need it
  import orbax.checkpoint as ocp

PathLike = str | os.PathLike

# What a workdir's network is. All else may change between two starts, and so
# may these fields of the model, which no saved weight depends on.
_IDENTITY = ('task', 'model')
_FREE = (
  'model.generator.attention.chunk',
  'model.generator.attention.implementation',
  'model.judges.',
  'model.vgg.',
)


def locate(workdir: PathLike) -> epath.Path:
  """Where a workdir is: a whole path, or a bucket, gs:// or s3://.

  Raises:
    UsageError: it names a bucket of another kind, or one that nothing installed
      reads and writes.
  """
  if not scheme_of(workdir):
    return epath.Path(workdir).resolve()
  if why := why_unreadable(workdir):
    raise UsageError(f'{workdir}: {why}')
  return epath.Path(workdir)


def start_workdir(workdir: PathLike, config: ConfigDict) -> None:
  """Makes `workdir` if need be and puts `config` into it, whole or not at all.

  Raises:
    UsageError: it holds a network that is not this config's.
  """
  path = locate(workdir) / 'config.json'
  if path.exists() and any(newest_first(checkpoint_folder(workdir))):
    stored, asked = _flat(read_config(workdir)), _flat(config)
    changed = [
      name
      for name, value in asked.items()
      if name in stored and stored[name] != value
    ]
    other = [
      name
      for name in changed
      if name.split('.')[0] in _IDENTITY and not name.startswith(_FREE)
    ]
    if other:
      there = ', '.join(f'{name}={stored[name]!r}' for name in other)
      here = ', '.join(f'{name}={asked[name]!r}' for name in other)
      raise UsageError(
        f'{workdir} holds a network with {there}; the config asks {here}:'
        ' choose another --workdir, or remove this one'
      )
    for name in changed:
      logging.info('%s was %r, is %r', name, stored[name], asked[name])
  if jax.process_index() == 0:
    with write_whole(path, error=_ask_for_another_place) as partial:
      partial.write_text(json.dumps(config.to_dict(), indent=2) + '\n')


@contextlib.contextmanager
def of_this_version(workdir: PathLike) -> Iterator[None]:
  """Tells in one line that a workdir's config does not describe our networks.

  Raises:
    UsageError: a field of its model is missing, unknown or of another type.
  """
  try:
    yield
  except (AttributeError, KeyError, TypeError) as error:
    raise UsageError(
      f'{workdir}: its config describes no network of this version: {error};'
      ' mend its config.json by the configs of this version, or train anew'
    ) from error


def read_config(workdir: PathLike) -> ConfigDict:
  """The config that `workdir` was made with.

  Raises:
    UsageError: there is no such workdir, or no readable config.json in it.
  """
  folder = locate(workdir)
  if not folder.is_dir():
    raise UsageError(f'{workdir}: no such workdir')
  path = folder / 'config.json'
  if not path.exists():
    raise UsageError(f'{workdir} is no workdir: it has no config.json')
  try:
    return parse_config(path.read_text())
  except (ValueError, TypeError) as error:
    raise UsageError(f'{path} cannot be read: {one_line_of(error)}') from None


def parse_config(text: str) -> ConfigDict:
  """The config that JSON spells, with the tuples that JSON has lists for.

  Raises:
    ValueError, TypeError: it is no JSON, or no config.
  """
  return ConfigDict(_with_tuples(json.loads(text)))


def checkpoint_folder(workdir: PathLike) -> epath.Path:
  """Where the checkpoints of a workdir are, or will be."""
  return locate(workdir) / 'checkpoints'


def newest_first(folder: epath.Path) -> Iterator[epath.Path]:
  """The folders of the complete checkpoints."""
  steps = ocp.path.step.checkpoint_steps(folder) if folder.exists() else []
  return (folder / str(step) for step in sorted(steps, reverse=True))


def one_line_of(error: Exception) -> str:
  """What a library complains of, short enough for a message of ours."""
  return f'{type(error).__name__}: {error}'.splitlines()[0][:200]


def _flat(config: ConfigDict) -> dict[str, Any]:
  """Fields by their paths: {'model.motion.width': 64}."""
  flat = {}
  for name, value in config.items():
    if isinstance(value, ConfigDict):
      flat |= {f'{name}.{path}': field for path, field in _flat(value).items()}
    else:
      flat[name] = value
  return flat


def _with_tuples(value: Any) -> Any:
  """JSON has only lists; configs have only tuples."""
  if isinstance(value, dict):
    return {name: _with_tuples(field) for name, field in value.items()}
  if isinstance(value, list):
    return tuple(_with_tuples(item) for item in value)
  return value


def _ask_for_another_place(message: str) -> UsageError:
  return UsageError(f'{message}: choose another --workdir')
