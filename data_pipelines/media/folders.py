"""What lies in a folder: the one way to list files, for every command.

Files count as what they hold (see `file_kinds`), in the natural order of their
names. Hidden ones, which systems leave everywhere, do not count.
"""

import collections
import os
import pathlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.file_kinds import Kind, kind_of


class Entries(NamedTuple):
  """What lies directly in a folder, each in natural order."""

  pictures: list[pathlib.Path]
  videos: list[pathlib.Path]
  sounds: list[pathlib.Path]
  others: list[pathlib.Path]  # files that are none of these
  folders: list[pathlib.Path]

  @property
  def are_frames(self) -> bool:
    """Whether the folder is itself a video: of pictures, beside no video."""
    return bool(self.pictures) and not self.videos


# Why something is passed over, for messages.
SOUNDS = 'sound without pictures'
OTHERS = 'neither picture nor video'
BESIDE = 'pictures beside videos'

# Of so many files of one suffix some are looked at; if all are pictures, so are
# the others.
_FEW = 20


def natural_order(name: str) -> tuple:
  """A key that sorts 'frame10' after 'frame9', and fails for no two names.

  'video.mp4' comes before 'video2.mp4': suffixes count last.
  """
  return *map(_take_turns, os.path.splitext(name)), name


def _take_turns(text: str) -> list:
  """Text and numbers by turns, so that like is always compared with like."""
  parts = re.split(r'(\d+)', text)
  parts[::2] = [part.casefold() for part in parts[::2]]
  # A number of any length goes by its length first.
  numbers = [part.lstrip('0') for part in parts[1::2]]
  parts[1::2] = [(len(number), number) for number in numbers]
  return parts


def list_folder(folder: pathlib.Path) -> Entries:
  """Sorts what lies directly in a folder by its kind.

  Raises:
    DataError: the folder cannot be read.
  """
  try:
    found = [p for p in folder.iterdir() if not p.name.startswith('.')]
  except OSError as error:
    raise DataError(f'{folder}: cannot be read ({error.strerror})') from None
  found.sort(key=lambda path: natural_order(path.name))
  files = [path for path in found if not path.is_dir()]
  kinds = _kinds_of(files)
  sorted_files = (
    [path for path in files if kinds[path] is wanted] for wanted in Kind
  )
  return Entries(*sorted_files, [path for path in found if path.is_dir()])


def _kinds_of(files: list[pathlib.Path]) -> dict[pathlib.Path, Kind]:
  """What each file is."""
  by_suffix = collections.defaultdict(list)
  for path in files:
    by_suffix[path.suffix].append(path)
  kinds = {}
  for alike in by_suffix.values():
    # Data sets come as millions of frames, a folder of them for each clip.
    some = {kind_of(path) for path in alike[:: len(alike) // _FEW + 1]}
    if len(alike) > _FEW and some == {Kind.PICTURE}:
      kinds.update(dict.fromkeys(alike, Kind.PICTURE))
    else:
      kinds.update((path, kind_of(path)) for path in alike)
  return kinds


def list_frames(folder: pathlib.Path) -> list[pathlib.Path]:
  """The pictures of a folder that is a video.

  Raises:
    DataError: no picture is in it.
  """
  frames = list_folder(folder).pictures
  if not frames:
    raise DataError(
      f'{folder}: a folder without frames (png, jpg or webp files)'
    )
  return frames


def list_beside_frames(folder: pathlib.Path) -> dict[str, list[str]]:
  """What else lies in a folder of frames, by the reason why it is none."""
  entries = list_folder(folder)
  beside = {
    'videos beside frames': entries.videos,
    SOUNDS: entries.sounds,
    OTHERS: entries.others,
    'folders beside frames': entries.folders,
  }
  return {why: [str(p) for p in paths] for why, paths in beside.items()}


def walk(top: pathlib.Path) -> Iterator[pathlib.Path]:
  """A folder and all below it, in natural order; links are followed.

  Hidden folders are left out.
  """
  seen = set()  # links may lead back
  for folder, folders, _ in os.walk(top, followlinks=True):
    real = os.path.realpath(folder)
    if real in seen:
      folders.clear()
      continue
    seen.add(real)
    shown = [name for name in folders if not name.startswith('.')]
    folders[:] = sorted(shown, key=natural_order)
    yield pathlib.Path(folder)
