"""Finds the clips in a folder: their names, who they show, their split.

  path/clip.mp4                      every clip is a person of its own
  path/id001#videoid#000.mp4         the person is 'id001' (VoxCeleb's names)
  path/id001/[.../]clip.mp4          the person is the sub-folder 'id001'
  path/train/... and path/test/...   the same below each, where splits are fixed

A clip is a video, or a folder that holds pictures and no video. In deeper trees
the topmost folder is the person: in VoxCeleb2's id/video/clip.mp4 the folder
that holds the clip would let one person be in both splits.
"""

import hashlib
import os
import pathlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures, timed_frames, video_reader

SPLITS = ('train', 'test')
LAYOUT = (
  'a folder of clips of one face each (mp4, mov, avi, gif, or folders of'
  ' frames), in sub-folders by person if there are several of one person'
)


class FoundClip(NamedTuple):
  path: pathlib.Path
  name: str  # below the folder, without suffix
  identity: str


def find(
  path: str, split: str, test_fraction: float, setting: str = 'data.path'
) -> list[FoundClip]:
  """Returns the clips of a split, in the natural order of their names.

  Without `train` and `test` sub-folders, `round(test_fraction * people)` people
  are the test split: those whose names hash lowest, so that they stay the same
  from run to run and machine to machine.

  Args:
    path: the folder.
    split: train or test.
    test_fraction: the share of the people who are held out.
    setting: what the user calls `path`, for the messages.

  Raises:
    DataError: no such folder, no clip in it, an empty split, or a person who
      is in both.
  """
  if split not in SPLITS:
    raise ValueError(f'split {split!r} is neither train nor test')
  if not path:
    raise DataError(f'{setting} is empty: set it to {LAYOUT}')
  root = pathlib.Path(path).expanduser()
  if not root.exists():
    raise DataError(f'{root}: there is no such folder; {setting} is {LAYOUT}')
  if not root.is_dir():
    raise DataError(f'{root}: not a folder; {setting} is {LAYOUT}')
  if any((root / name).is_dir() for name in SPLITS):
    train, test = (list(_clips(root / name)) for name in SPLITS)
    _check_disjoint(root, train, test)
    remedy = f'put some into {root / split}'
  else:
    train, test = _divide(list(_clips(root)), test_fraction)
    remedy = 'change data.test_fraction, or make sub-folders train/ and test/'
  if not train and not test:
    raise DataError(f'{root}: holds no clips; {setting} is {LAYOUT}')
  clips = train if split == 'train' else test
  if not clips:
    raise DataError(
      f'{root}: the {split} split has none of its'
      f' {len(train) + len(test)} clips; {remedy}'
    )
  return sorted(clips, key=lambda clip: timed_frames.natural_order(clip.name))


def _divide(
  clips: list[FoundClip], test_fraction: float
) -> tuple[list[FoundClip], list[FoundClip]]:
  people = draw_people(clip.identity for clip in clips)
  count = round(test_fraction * len(people))
  chosen = set(people[:count])
  return (
    [clip for clip in clips if clip.identity not in chosen],
    [clip for clip in clips if clip.identity in chosen],
  )


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


def _clips(root: pathlib.Path) -> Iterator[FoundClip]:
  seen = set()  # links may lead back
  for folder, folders, files in os.walk(root, followlinks=True):
    real = os.path.realpath(folder)
    if real in seen:
      folders.clear()
      continue
    seen.add(real)
    folders[:] = [name for name in folders if not name.startswith('.')]
    paths = [pathlib.Path(folder, f) for f in files if not f.startswith('.')]
    videos = [p for p in paths if p.suffix.lower() in video_reader.SUFFIXES]
    for video in videos:
      yield _name_clip(video.relative_to(root).with_suffix(''), video)
    if not videos and any(p.suffix.lower() in pictures.SUFFIXES for p in paths):
      yield _name_clip(
        pathlib.Path(folder).relative_to(root), pathlib.Path(folder)
      )


def _name_clip(below: pathlib.Path, path: pathlib.Path) -> FoundClip:
  stem = path.name if path.is_dir() else path.stem
  if '#' in stem:
    identity = stem.split('#')[0]
  else:
    identity = below.parts[0] if below.parts else stem
  return FoundClip(path, below.as_posix(), identity)
