"""Protocols: what is compared, and how, in a small file that can be shared.

Two methods that were scored by one protocol saw the same examples, frames and
sizes; its digest tells whether they did.
"""

import collections
import hashlib
import json
import pathlib
from typing import Any, NamedTuple

import numpy as np
from absl import logging

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.pair_lists import Pair, name_below
from dagan_jax.evaluation.written_files import open_written
from data_pipelines.errors.whole_files import write_whole
from data_pipelines.reading import video_folder
from data_pipelines.reading.video_folder import FoundClip

SAME, CROSS = 'same identity', 'cross identity'
_KIND = 'a protocol of dagan_jax'


class Protocol(NamedTuple):
  """The examples of an evaluation, and how they are looked at."""

  identity: str  # SAME: who drives is the truth; CROSS: drives another person
  pairs: tuple[Pair, ...]
  size: int = 256  # pixels: central squares are compared at this size
  skip: int = 0  # first frames of a video that are left out
  every: int = 1  # which of the others are compared
  most: int = 0  # frames of a video at most; 0: all
  seed: int = 0  # of the confidence intervals

  @property
  def digest(self) -> str:
    """sha256 of all of it."""
    text = json.dumps(self._asdict(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def describe(protocol: Protocol) -> dict[str, Any]:
  """All but the list, for a report."""
  said = protocol._asdict() | {'pairs': len(protocol.pairs)}
  return said | {'sha256': protocol.digest}


def list_folder(folder: pathlib.Path, flag: str) -> list[Pair]:
  """A pair for each video, or folder of frames, at or below a folder.

  The log names what is passed over.

  Args:
    folder: of clips.
    flag: what the user calls it, for messages.

  Raises:
    DataError: there is no such folder, or nothing in it.
  """
  return [
    Pair(name_below(folder, path), '', path.relative_to(folder).as_posix())
    for path in (clip.path for clip in _find_clips(folder, flag))
  ]


def draw_pairs(folder: pathlib.Path, count: int, seed: int) -> list[Pair]:
  """Pairs of clips of different people, drawn by lot.

  Args:
    folder: of clips; `video_folder` tells who is who by their names.
    count: of pairs; no pair comes twice.
    seed: of the lot.

  Raises:
    DataError: there is no such folder, or nothing in it.
    UsageError: there are not so many pairs.
  """
  if count < 1:
    raise UsageError(f'{count} pairs are no list: draw 1 or more')
  clips = _find_clips(folder, '--driving')
  people = collections.Counter(clip.identity for clip in clips)
  possible = len(clips) ** 2 - sum(n**2 for n in people.values())
  if possible < count:
    raise UsageError(
      f'{folder}: its {len(clips)} clips make {possible} pairs of different'
      f' people, and {count} are asked for'
    )
  lot = np.random.default_rng(seed)
  drawn: dict[tuple[int, int], None] = {}  # in the order of the lot
  while len(drawn) < count:
    source, driving = map(int, lot.integers(len(clips), size=2))
    if clips[source].identity != clips[driving].identity:
      drawn[source, driving] = None
  names = [clip.path.relative_to(folder).as_posix() for clip in clips]
  return [
    Pair(f'{number:06}', names[source], names[driving])
    for number, (source, driving) in enumerate(drawn)
  ]


def _find_clips(folder: pathlib.Path, flag: str) -> list[FoundClip]:
  found = video_folder.find(str(folder), flag)
  for why, names in found.passed_over.items():
    if names:
      logging.warning(
        '%s: %d files are passed over (%s), such as %s',
        folder,
        len(names),
        why,
        names[0],
      )
  return [clip for clips in found.clips.values() for clip in clips]


def write_protocol(path: pathlib.Path, protocol: Protocol) -> None:
  """Writes a protocol; a UsageError tells of a place that refuses it."""
  said = {'kind': _KIND, **protocol._asdict(), 'sha256': protocol.digest}
  with write_whole(path, error=UsageError) as partial:
    partial.write_text(json.dumps(said, indent=1) + '\n', encoding='utf-8')


def read_protocol(path: pathlib.Path) -> Protocol:
  """Reads a protocol.

  Raises:
    UsageError: it cannot be read, or was changed since it was written.
  """
  otherwise = (
    'no protocol; give a protocol.json that an evaluation wrote, or'
    ' --pairs=LIST.csv'
  )
  with open_written(path, _KIND, otherwise) as said:
    digest = said.pop('sha256')
    pairs = tuple(Pair(*map(str, pair)) for pair in said.pop('pairs'))
    protocol = Protocol(pairs=pairs, **said)
  if protocol.digest != digest:
    raise UsageError(
      f'{path}: was changed since it was written, its digest is another; write'
      ' it anew by an evaluation with the flags that you want'
    )
  return protocol
