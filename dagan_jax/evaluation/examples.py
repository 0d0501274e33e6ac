"""Finds the files of a protocol's examples, and those that are missing."""

import os
import pathlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.pair_lists import Pair, find_below, name_below
from data_pipelines.media.folders import list_folder, walk


class UnitFolders(NamedTuple):
  """Where CSV files of action units lie, see `action_units`."""

  generated: pathlib.Path
  driving: pathlib.Path


class UnitFiles(NamedTuple):
  """Those of an example."""

  generated: pathlib.Path
  driving: pathlib.Path


class Folders(NamedTuple):
  """Where the files of an evaluation lie."""

  generated: pathlib.Path
  driving: pathlib.Path  # the truth, where identity is the same
  source: pathlib.Path | None  # or one file for all; None: there is none
  units: UnitFolders | None = None  # None: there are none


class Example(NamedTuple):
  """Files that exist: videos, folders of frames, or pictures."""

  name: str
  generated: pathlib.Path
  driving: pathlib.Path
  source: pathlib.Path | None
  units: UnitFiles | None = None

  def list_files(self) -> list[pathlib.Path]:
    """All of them: files, and folders of frames."""
    paths = (self.generated, self.driving, self.source, *(self.units or ()))
    return [path for path in paths if path is not None]


class LeftOut(NamedTuple):
  """An example that is not compared, and why."""

  name: str
  why: str


def check_folder(path: str, flag: str) -> pathlib.Path:
  """The folder of a flag; a UsageError says what is wrong with it."""
  if not path:
    raise UsageError(f'{flag} is missing: give a folder of videos or frames')
  folder = pathlib.Path(path).expanduser()
  if not folder.is_dir():
    what = 'not a folder' if folder.exists() else 'there is no such folder'
    raise UsageError(f'{flag}={path}: {what}; give one of videos or frames')
  if not os.access(folder, os.R_OK | os.X_OK):
    raise UsageError(f'{flag}={path}: may not be read; change its permissions')
  return folder


def find_examples(
  pairs: Iterable[Pair], folders: Folders
) -> list[Example | LeftOut]:
  """Each example's files, in the order of the pairs.

  An answer has the name of what drives, below its folder, with any suffix. For
  a list of pairs it may instead have the pair's number (000012.png, 12.mp4), or
  the name that `animate --pairs` gives, source_driving.

  Raises:
    UsageError: there is no answer at all, or two videos share a CSV file.
  """
  pairs = list(pairs)
  answers = _list_media(folders.generated)
  if not answers:
    raise UsageError(
      f'{folders.generated}: holds no video and no frames (png, jpg, webp)'
    )
  driving = [find_below(folders.driving, pair.driving) for pair in pairs]
  found = max(
    (
      [
        answers.get(name(pair, path, folders))
        for pair, path in zip(pairs, driving, strict=True)
      ]
      for name in _WAYS
    ),
    key=lambda way: sum(path is not None for path in way),
  )
  if not any(found):
    wanted = [name(pairs[0], driving[0], folders) for name in _WAYS]
    raise UsageError(
      f'{folders.generated}: answers none of {len(pairs)} examples; it holds'
      f' {min(answers)!r}, while the first one is called'
      f' {" or ".join(repr(name) for name in dict.fromkeys(wanted) if name)}'
    )
  examples = [
    _gather(pair, *files, folders)
    for pair, *files in zip(pairs, found, driving, strict=True)
  ]
  _check_units(examples)
  return examples


def _gather(
  pair: Pair,
  generated: pathlib.Path | None,
  driving: pathlib.Path | None,
  folders: Folders,
) -> Example | LeftOut:
  if driving is None:
    return LeftOut(
      pair.name, f'{pair.driving} is not there, below {folders.driving}'
    )
  if generated is None:
    return LeftOut(pair.name, f'has no answer below {folders.generated}')
  source = None
  if folders.source is not None:
    source = _find_source(pair, folders.source)
    if source is None:
      return LeftOut(
        pair.name,
        f'its source {pair.source or pair.name} is not there, below'
        f' {folders.source}',
      )
  example = Example(pair.name, generated, driving, source)
  if folders.units is None:
    return example
  return _add_units(example, folders, folders.units)


def _add_units(
  example: Example, folders: Folders, units: UnitFolders
) -> Example | LeftOut:
  """The example with its CSV files, which are called as its videos are."""
  found = []
  for root, path, below in (
    (folders.generated, example.generated, units.generated),
    (folders.driving, example.driving, units.driving),
  ):
    name = root.resolve().name if path == root else name_below(root, path)
    file = find_below(below, f'{name}.csv')
    if file is None or not file.is_file():
      return LeftOut(
        example.name,
        f'its action units {name}.csv are not there, below {below}',
      )
    found.append(file)
  return example._replace(units=UnitFiles(*found))


def _check_units(examples: list[Example | LeftOut]) -> None:
  """Raises UsageError where one CSV file would be that of two videos."""
  owners: dict[pathlib.Path, pathlib.Path] = {}
  for example in examples:
    if isinstance(example, Example) and example.units is not None:
      videos = example.generated, example.driving
      for file, video in zip(example.units, videos, strict=True):
        other = owners.setdefault(file, video)
        if other != video:
          raise UsageError(
            f'{file}: is it that of {other} or of {video}? Let the files lie in'
            ' folders as the videos do'
          )


def _find_source(pair: Pair, folder: pathlib.Path) -> pathlib.Path | None:
  """By the list's path, or by the example's name with any suffix."""
  if folder.is_file():
    return folder
  if pair.source:
    return find_below(folder, pair.source)
  place = (folder / pair.name).parent
  beside = sorted(place.iterdir()) if place.is_dir() else []
  return next((p for p in beside if name_below(folder, p) == pair.name), None)


def _by_place(pair: Pair, path: pathlib.Path | None, folders: Folders) -> str:
  """As what drives is called."""
  if path is None:
    return '' if pair.source else pair.name
  return _name(path, folders.driving)


def _by_number(pair: Pair, path: pathlib.Path | None, folders: Folders) -> str:
  return str(int(pair.name)) if pair.source else ''


def _by_both(pair: Pair, path: pathlib.Path | None, folders: Folders) -> str:
  if not pair.source:
    return ''
  return '_'.join(
    pathlib.PurePath(side).stem for side in (pair.source, pair.driving)
  )


_WAYS: tuple[Callable[[Pair, pathlib.Path | None, Folders], str], ...] = (
  _by_number,
  _by_both,
  _by_place,
)


def _list_media(root: pathlib.Path) -> dict[str, pathlib.Path]:
  """Videos, pictures, and folders that hold pictures, by their names.

  Raises:
    UsageError: two have one name.
  """
  found: dict[str, pathlib.Path] = {}
  for folder in walk(root):
    entries = list_folder(folder)
    frames = [folder] if entries.are_frames else []
    for path in (*frames, *entries.videos, *entries.pictures):
      name = _name(path, root)
      if found.setdefault(name, path) != path:
        raise UsageError(
          f'{root}: {found[name].name} and {path.name} are both called {name}:'
          ' remove one'
        )
  return found


def _name(path: pathlib.Path, root: pathlib.Path) -> str:
  """Its name below `root`; a number has no zeros in front."""
  name = name_below(root, path)
  return str(int(name)) if name.isdecimal() else name
