"""Finds the same video under several people's names.

One of them would be in the train split and another one in the test split, and a
network would be judged by what it has learnt by heart.
"""

import collections
import hashlib
import pathlib
from collections.abc import Hashable, Iterable, Iterator
from typing import NamedTuple

from data_pipelines.errors.wording import list_few
from data_pipelines.media.file_ends import digest_ends, list_files

_PIECE = 2**20  # bytes that are hashed at once


class NamedVideo(NamedTuple):
  """A file, or a folder of frames, and who is said to be in it."""

  path: pathlib.Path
  name: str  # for messages
  identity: str


def describe_copies(videos: Iterable[NamedVideo]) -> list[str]:
  """A line for each video that bears several people's names, naming them all.

  Only files of one size are opened, and only those read as a whole that begin
  and end alike.
  """
  groups = [sorted(set(videos), key=lambda video: video.name)]
  for digest in (_size, digest_ends, _content):
    groups = [part for group in groups for part in _divide(group, digest)]
  return [
    f'{list_few(video.name for video in group)} are the same video under the'
    f' names of several people ({list_few(sorted(people))}): keep one, or who'
    ' is learnt may be tested'
    for group in groups
    if len(people := {video.identity for video in group}) > 1
  ]


def _divide(group: list[NamedVideo], digest) -> Iterator[list[NamedVideo]]:
  """Those of a group that are alike, two at least."""
  parts = collections.defaultdict(list)
  for video in group:
    try:
      parts[digest(video.path)].append(video)
    except OSError:
      continue  # whoever opens it will tell
  parts.pop(0, None)  # empty files are no videos
  return (part for part in parts.values() if len(part) > 1)


def _size(path: pathlib.Path) -> Hashable:
  sizes = [file.stat().st_size for file in list_files(path)]
  return tuple(sizes) if sum(sizes) else 0


def _content(path: pathlib.Path) -> Hashable:
  digest = hashlib.sha256()
  for part in list_files(path):
    with open(part, 'rb') as file:
      while piece := file.read(_PIECE):
        digest.update(piece)
  return digest.digest()
