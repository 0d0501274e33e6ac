"""Finds the clips in a folder: their names, who they show, their split.

  path/clip.mp4                      every clip is a person of its own
  path/id001#videoid#000.mp4         the person is 'id001' (VoxCeleb's names)
  path/id001/[.../]clip.mp4          the person is the sub-folder 'id001'
  path/train/... and path/test/...   the same below each, where splits are fixed

A clip is a video, or a folder that holds pictures and no video; what a file is,
its content tells (see `file_kinds`). Whatever is no part of a clip is named. In
deeper trees the topmost folder is the person: in VoxCeleb2's id/video/clip.mp4
the folder that holds the clip would let one person be in both splits.
"""

import collections
import hashlib
import pathlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from data_pipelines.errors.buckets import scheme_of
from data_pipelines.errors.mendable import DataError
from data_pipelines.media.folders import (
  BESIDE,
  OTHERS,
  SOUNDS,
  list_folder,
  natural_order,
  walk,
)

SPLITS = ('train', 'test')
LAYOUT = (
  'a folder of clips of one face each (mp4, mov, avi, gif, or folders of'
  ' frames), in sub-folders by person if there are several of one person'
)

OUT_OF_BUCKET = (
  'copy the videos onto it, mount the bucket, or build a data set, which may'
  ' lie in one: python -m data_pipelines.build'
)


class FoundClip(NamedTuple):
  path: pathlib.Path
  name: str  # below the folder, without suffix
  identity: str


class FoundFolder(NamedTuple):
  """What lies in a folder of clips."""

  root: pathlib.Path
  clips: dict[str, list[FoundClip]]  # by split, in natural order
  passed_over: dict[str, list[str]]  # files below the folder, by the reason why

  @property
  def fixes_splits(self) -> bool:
    """Whether its sub-folders tell who is held out."""
    return any((self.root / name).is_dir() for name in SPLITS)

  def choose(self, split: str) -> list[FoundClip]:
    """The clips of a split; raises DataError where there is none."""
    if split not in SPLITS:
      raise ValueError(f'split {split!r} is neither train nor test')
    if self.clips[split]:
      return self.clips[split]
    remedy = 'change data.test_fraction, or make sub-folders train/ and test/'
    if self.fixes_splits:
      remedy = f'put some into {self.root / split}'
    raise DataError(
      f'{self.root}: the {split} split has none of its'
      f' {sum(map(len, self.clips.values()))} clips; {remedy}'
    )


def find(path: str, setting: str = 'data.path') -> FoundFolder:
  """Finds all clips, in the natural order of their names.

  The splits are `train` and `test` where the folder fixes them, or '' for all.

  Args:
    path: the folder.
    setting: what the user calls `path`, for the messages.

  Raises:
    DataError: no such folder, or no clip in it.
  """
  if not path:
    raise DataError(f'{setting} is empty: set it to {LAYOUT}')
  if scheme_of(path):
    raise DataError(f'{path}: no folder of this machine; {OUT_OF_BUCKET}')
  root = pathlib.Path(path).expanduser()
  if not root.exists():
    raise DataError(f'{root}: there is no such folder; {setting} is {LAYOUT}')
  if not root.is_dir():
    raise DataError(f'{root}: not a folder; {setting} is {LAYOUT}')
  tree = _Tree(root)
  found = FoundFolder(root, {}, tree.passed_over)
  if found.fixes_splits:
    clips = {name: tree.list_clips(name) for name in SPLITS}
    tree.pass_over_the_rest()
  else:
    clips = {'': tree.list_clips('')}
  if not any(clips.values()):
    raise DataError(f'{root}: holds no clips; {setting} is {LAYOUT}')
  return found._replace(clips=clips)


def find_splits(path: str, test_fraction: float) -> FoundFolder:
  """Finds the clips for training and for testing.

  Without `train` and `test` sub-folders, `round(test_fraction * people)` people
  are the test split: those whose names hash lowest, so that they stay the same
  from run to run and machine to machine.

  Raises:
    DataError: as `find` does, or a person is in both splits.
  """
  found = find(path)
  if found.fixes_splits:
    _check_disjoint(found.root, *(found.clips[name] for name in SPLITS))
    return found
  return found._replace(clips=_divide(found.clips[''], test_fraction))


def _divide(
  clips: list[FoundClip], test_fraction: float
) -> dict[str, list[FoundClip]]:
  people = draw_people(clip.identity for clip in clips)
  count = round(test_fraction * len(people))
  chosen = set(people[:count])
  return {
    'train': [clip for clip in clips if clip.identity not in chosen],
    'test': [clip for clip in clips if clip.identity in chosen],
  }


def draw_people(identities: Iterable[str]) -> list[str]:
  """Returns people, each once, in the order in which they are held out.

  By a hash of their names: it looks drawn by lot, and is the same from run to
  run and machine to machine.
  """
  return sorted(
    set(identities), key=lambda one: hashlib.sha256(one.encode()).hexdigest()
  )


def _check_disjoint(
  root: pathlib.Path, train: list[FoundClip], test: list[FoundClip]
) -> None:
  # Clips that are people of their own may share a name: 0001.mp4 and 0001.mp4.
  known = {clip.identity for clip in train if clip.identity != clip.name}
  shared = known & {clip.identity for clip in test}
  if shared:
    raise DataError(
      f'{root}: {len(shared)} people are in both train/ and test/, such as'
      f' {min(shared)}; move each to one of the two'
    )


class _Tree:
  """Goes through a folder of clips, and remembers what was passed over.

  Attributes:
    passed_over: files below the folder, by the reason why.
  """

  def __init__(self, root: pathlib.Path):
    self.passed_over: dict[str, list[str]] = collections.defaultdict(list)
    self._root = root

  def list_clips(self, below: str) -> list[FoundClip]:
    """The clips of a sub-folder, or of all, in the order of their names."""
    top = self._root / below
    clips = [clip for folder in walk(top) for clip in self._read(folder, top)]
    return sorted(clips, key=lambda clip: natural_order(clip.name))

  def pass_over_the_rest(self) -> None:
    """Whatever lies beside the folders of the splits."""
    entries = list_folder(self._root)
    folders = [path for path in entries.folders if path.name not in SPLITS]
    beside = *entries.pictures, *entries.videos, *entries.sounds, *folders
    self._pass_over('beside train/ and test/', [*beside, *entries.others])

  def _read(
    self, folder: pathlib.Path, top: pathlib.Path
  ) -> Iterator[FoundClip]:
    entries = list_folder(folder)
    self._pass_over(SOUNDS, entries.sounds)
    self._pass_over(OTHERS, entries.others)
    for video in entries.videos:
      yield _name_clip(video.relative_to(top).with_suffix(''), video)
    if entries.are_frames:
      yield _name_clip(folder.relative_to(top), folder)
    else:
      self._pass_over(BESIDE, entries.pictures)

  def _pass_over(self, why: str, paths: Iterable[pathlib.Path]) -> None:
    names = (path.relative_to(self._root).as_posix() for path in paths)
    self.passed_over[why] += names


def _name_clip(below: pathlib.Path, path: pathlib.Path) -> FoundClip:
  stem = path.name if path.is_dir() else path.stem
  if '#' in stem:
    identity = stem.split('#')[0]
  else:
    identity = below.parts[0] if below.parts else stem
  return FoundClip(path, below.as_posix(), identity)
