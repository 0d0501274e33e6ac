"""Reads published files, and sorts what they hold by kind of network.

Tensors that no network of ours uses are kept apart, so that the way back gives
the same file again.
"""

import collections
import contextlib
import pathlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.detect import HOLDERS, KINDS, kind_of
from dagan_jax.weights.files.tensors import Contents, read_contents
from dagan_jax.weights.names.layouts import is_unused
from data_pipelines.errors.wording import describe

# The files in a face depth folder; only the first two are needed.
FOLDER = ('encoder', 'depth', 'pose_encoder', 'pose')
SUFFIXES = ('.pth', '.safetensors', '.npz')

# Numbers beside the tensors, with what to write where they are not known.
NUMBERS = {'height': 256, 'width': 256, 'use_stereo': False, 'epoch': 0}
PREFIX = 'module.'  # of all names, where a network was trained on many GPUs

ANOTHER_MODEL = 'this is no network of the published shapes'

Tensors = dict[str, np.ndarray]


class Published(NamedTuple):
  """All that was read; a part is what `kind_of` calls it."""

  parts: dict[str, Tensors]  # tensors that our networks use, by part and name
  files: dict[str, str]  # the file of each part
  remainder: dict[str, np.ndarray]  # all other tensors, by 'part/name'
  ignored: list[str]  # names of what is not kept: optimizers


def read_published(paths: Iterable[str]) -> Published:
  """Files and folders together.

  Raises:
    UsageError: one cannot be read, is of no known kind, or is there twice.
  """
  published = Published({}, {}, {}, [])
  for path in paths:
    for file in _list_files(path):
      _add(published, file, read_contents(file))
  return published


def shapes_of(tensors: Tensors) -> dict[str, tuple[int, ...]]:
  """The shape of each tensor, by name."""
  return {name: tensor.shape for name, tensor in tensors.items()}


def check_tensors(
  where: str, found: Tensors, expected: Tensors, guess: str
) -> None:
  """Compares names, shapes and types, and looks for infinities and NaN.

  Args:
    where: what is compared; begins the message.
    found: a file's tensors.
    expected: those that a network of ours would have, their values aside.
    guess: why they may differ; ends the message.

  Raises:
    UsageError: tensors differ, of which up to three are named.
  """
  differences = []
  for name in sorted(found.keys() | expected.keys()):
    if name not in found:
      differences.append(f'{name} is missing')
      continue
    if name not in expected:
      differences.append(f'{name} is unknown')
      continue
    there, here = _type_and_shape(found[name]), _type_and_shape(expected[name])
    if there != here:
      differences.append(f'{name} is {there}, not {here}')
  if differences:
    more = f'; and {len(differences) - 3} more' * (len(differences) > 3)
    raise UsageError(f'{where}: {"; ".join(differences[:3])}{more}: {guess}')
  wild = [name for name, x in found.items() if not np.isfinite(x).all()]
  if wild:
    raise UsageError(
      f'{where}: {_list_few(wild)} holds numbers that are not finite: is the'
      ' file damaged, or did its training fail?'
    )


def list_unused(published: Published) -> list[str]:
  """What the files hold and no network takes, each in a few words.

  Names that differ in their numbers alone are told as one, with stars.
  """
  alike = collections.defaultdict(list)
  for name in published.remainder:
    leaf = name.partition('/')[2] or name
    if leaf.endswith('num_batches_tracked'):
      leaf = 'num_batches_tracked'
    if leaf == PREFIX:
      leaf = f'{PREFIX} before all names'
    alike[re.sub(r'\b\d+\b', '*', leaf)].append(leaf)
  found = [
    f'{name} ({len(leaves)} times)' if len(leaves) > 1 else leaves[0]
    for name, leaves in alike.items()
  ]
  return sorted(found) + sorted(published.ignored)


@contextlib.contextmanager
def name_file(file: str) -> Iterator[None]:
  """Puts the file's name before any message of what is wrong in the block."""
  try:
    yield
  except UsageError as error:
    raise UsageError(f'{file}: {error}') from error
  except (TypeError, ValueError, ZeroDivisionError, IndexError) as error:
    raise UsageError(f'{file}: {ANOTHER_MODEL}: {describe(error)}') from error


def _list_files(path: str) -> list[str]:
  """A file, or those of a folder."""
  folder = pathlib.Path(path)
  if not folder.is_dir():
    return [path]
  found = {}
  for name in FOLDER:
    for suffix in SUFFIXES:
      file = folder / f'{name}{suffix}'
      if file.is_file():
        found.setdefault(name, str(file))
  missing = [name for name in FOLDER[:2] if name not in found]
  if missing and not {'pose_encoder', 'pose'} <= found.keys():
    raise UsageError(
      f'{path} holds no {missing[0]}.pth: a folder of a face depth network has'
      ' encoder.pth and depth.pth'
    )
  return list(found.values())


def _add(published: Published, file: str, contents: Contents) -> None:
  """Adds one file's contents, each part under its kind."""
  known = 0
  for part, tensors in contents.parts.items():
    stripped = _strip_prefix(file, tensors)
    try:
      kind = kind_of(shapes_of(stripped))
    except UsageError as error:
      raise UsageError(f'{file}: {error}') from error
    if kind is None or part not in ('', kind, HOLDERS.get(kind)):
      if part:
        published.ignored.append(part)
        continue
      raise UsageError(
        f'{file} is of no known kind, with names like {_list_few(stripped, 2)}:'
        ' known are checkpoints of DaGAN and FOMM, face depth folders, the'
        " files of GoHD, and torchvision's ResNets and VGG-19"
      )
    if kind in published.parts:
      raise UsageError(f'{file} and {published.files[kind]} both hold a {kind}')
    known += 1
    published.files[kind] = file
    published.parts[kind] = {
      name: x for name, x in stripped.items() if not is_unused(name)
    }
    published.remainder.update(
      (f'{kind}/{name}', x) for name, x in stripped.items() if is_unused(name)
    )
    if stripped.keys() != tensors.keys():
      published.remainder[f'{kind}/{PREFIX}'] = np.array(True)
  if not known:
    raise UsageError(
      f'{file} holds {_list_few(contents.parts)} and none of {", ".join(KINDS)}'
    )
  for name, value in contents.others.items():
    if name in NUMBERS and isinstance(value, bool | int | float):
      # An epoch is the checkpoint's, sizes are a flat file's.
      where = '' if name == 'epoch' else f'{kind}/'
      published.remainder[where + name] = np.array(value)
    elif value is not None:
      published.ignored.append(name)


def _strip_prefix(file: str, tensors: Tensors) -> Tensors:
  stripped = {
    name.removeprefix(PREFIX): tensor for name, tensor in tensors.items()
  }
  if len(stripped) < len(tensors):
    raise UsageError(f'{file} holds names with {PREFIX!r} and again without')
  return stripped


def _type_and_shape(array: np.ndarray | Any) -> str:
  return f'{array.dtype}{list(array.shape)}'


def _list_few(names: Iterable[str], most: int = 3) -> str:
  """The first names in order, and how many more there are."""
  names = sorted(names)
  more = f' and {len(names) - most} more' if len(names) > most else ''
  return ', '.join(names[:most]) + more


def tensors_under(
  remainder: Mapping[str, np.ndarray], part: str
) -> dict[str, np.ndarray]:
  """The remainder of one part, by the names in its file."""
  return {
    name.removeprefix(f'{part}/'): x
    for name, x in remainder.items()
    if name.startswith(f'{part}/')
  }
