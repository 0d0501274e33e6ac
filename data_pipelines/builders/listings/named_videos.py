"""The videos that lists name: found by name, anywhere below one folder."""

import pathlib
from collections.abc import Iterable
from typing import NamedTuple

from data_pipelines.media.folders import OTHERS, SOUNDS, list_folder, walk


class NamedVideos(NamedTuple):
  """What lies below a folder; paths are those below it."""

  found: dict[str, str]  # a video's path by its name without suffix
  passed_over: dict[str, list[str]]  # other files, by the reason why

  def leave_out_unlisted(self, listed: Iterable[str]) -> dict[str, list[str]]:
    """All that is of no use when lists name these videos, by the reason why."""
    names = set(listed)
    unlisted = [path for name, path in self.found.items() if name not in names]
    return {**self.passed_over, 'videos that no list names': unlisted}


def find_named_videos(
  raw: pathlib.Path, lists: Iterable[pathlib.Path]
) -> NamedVideos:
  """Finds the videos below a folder.

  Of several of one name the first counts, an mp4 before others.

  Args:
    raw: the folder.
    lists: files there that are known, and not passed over.
  """
  known = set(lists)
  videos, pictures, sounds, others = [], [], [], []
  for folder in walk(raw):
    entries = list_folder(folder)
    videos += entries.videos
    pictures += entries.pictures
    sounds += entries.sounds
    others += [path for path in entries.others if path not in known]
  found, again = {}, []
  for path in sorted(videos, key=lambda path: path.suffix.lower() != '.mp4'):
    if found.setdefault(path.stem, path) != path:
      again.append(path)
  passed_over = {
    SOUNDS: sounds,
    OTHERS: others,
    'pictures where videos are listed': pictures,
    'second videos of one name': again,
  }
  return NamedVideos(
    {name: _below(raw, path) for name, path in found.items()},
    {
      why: [_below(raw, path) for path in paths]
      for why, paths in passed_over.items()
    },
  )


def _below(raw: pathlib.Path, path: pathlib.Path) -> str:
  return path.relative_to(raw).as_posix()
