"""Finds out what a data set of speeches holds, and what is wrong with it.

Every file and every record is held against the list: hashes, lengths, order.
"""

import pathlib
from collections.abc import Iterator

import numpy as np

from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.recorded import manifest, speech_list
from data_pipelines.recorded.inspection import TFDS_FILES, align_columns
from data_pipelines.recorded.shards import Shards
from data_pipelines.recorded.speech_list import (
  ListedSpeech,
  SpeechList,
  SpeechSplit,
)
from data_pipelines.recorded.speeches import Speech, parse_speech

_GAP = 1e-3  # seconds between two phones that follow one another


def inspect(path: str) -> int:
  """Prints what a data set holds and what is wrong; returns how much is.

  Args:
    path: the folder of a data set of speeches, or one above it.

  Raises:
    DataError: there is no such data set.
  """
  folder = manifest.find(path, speech_list.NAME, speech_list.BUILD)
  whole = SpeechList.read(folder)
  print(f'{folder}: speeches, {FRAME_RATE} frames/s')
  print(table(whole))
  count = 0
  for problem in problems(folder, whole):
    print(problem)
    count += 1
  print(f'problems: {count or "none"}')
  return count


def problems(folder: pathlib.Path, whole: SpeechList) -> Iterator[str]:
  """Yields what is wrong with a data set, one line each."""
  for name in TFDS_FILES:
    if not (folder / name).is_file():
      yield f'{name} is missing: TFDS itself cannot read this'
  people = [{x.identity for x in s.speeches} for s in whole.splits.values()]
  for identity in sorted(set.intersection(*people) if people[1:] else ()):
    yield f'{identity} speaks in every split'
  for title, split in whole.splits.items():
    yield from _split_problems(folder, title, split)


def table(whole: SpeechList) -> str:
  """A row for each split: what it holds, in columns."""
  rows = [('split', 'speeches', 'people', 'voices', 'hours')]
  for name, split in whole.splits.items():
    frames = sum(speech.frames for speech in split.speeches)
    rows.append(
      (
        name,
        f'{len(split.speeches):,}',
        f'{len({speech.identity for speech in split.speeches}):,}',
        f'{len({speech.voice for speech in split.speeches}):,}',
        f'{frames / FRAME_RATE / 3600:.2f}',
      )
    )
  return align_columns(rows)


def _split_problems(
  folder: pathlib.Path, title: str, split: SpeechSplit
) -> Iterator[str]:
  shards = Shards(folder, split.shards)
  broken = dict(shards.problems())
  for name, shard in split.shards.items():
    if name in broken:
      yield f'{name} {broken[name]}'
    elif manifest.sha256(folder / name) != shard.sha256:
      yield f'{name} is not as it was written: its SHA-256 differs'
  if len(shards) != len(split.speeches):
    yield (
      f'{len(split.speeches)} {title} speeches are listed, {len(shards)} are'
      ' there'
    )
  for number, listed in enumerate(split.speeches[: len(shards)]):
    name, position = shards.place(number)
    if name in broken:  # told of the file
      continue
    try:
      _check(parse_speech(shards.read(number)), listed)
    except ValueError as error:
      yield f'record {position} of {name}, speech {listed.name}: {error}'


def _check(speech: Speech, listed: ListedSpeech) -> None:
  """Raises ValueError where a speech is not the listed one, or no sense."""
  found = speech.name, speech.identity, speech.frames
  if found != (listed.name, listed.identity, listed.frames):
    raise ValueError('it is {} of {}, {} frames'.format(*found))
  for name in ('expression', 'pose', 'gaze'):
    if not np.isfinite(getattr(speech, name)).all():
      raise ValueError(f'numbers of its {name} are not finite')
  edges = [0.0, *(phone.end for phone in speech.phones)]
  starts = [phone.start for phone in speech.phones]
  starts.append(speech.frames / FRAME_RATE)
  if np.abs(np.subtract(edges, starts)).max() > _GAP:
    raise ValueError('its phones do not follow one another from begin to end')
