"""Keeps scores of frames as they come, so that a run can go on where it ended.

A file of one JSON object a line. The first line says by what was measured;
where another measure is asked for, the file is begun anew. Of many hosts each
writes a file of its own, into a folder that all share, and reads those of all.
"""

import base64
import json
import os
import pathlib
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
from absl import logging
from jaxtyping import Float

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.scoring import Scored

_HALF = '<f2'  # what features are kept as


class KeptScores:
  """Scores of examples by a key, which tells what they depend on."""

  def __init__(self, folder: pathlib.Path):
    self._folder = folder
    # By key: the file and where in it the line begins.
    self._places: dict[str, tuple[pathlib.Path, int]] = {}

  def read_files(self) -> None:
    """Notes what all hosts have scored, whatever measured it.

    Raises:
      UsageError: that cannot be read.
    """
    try:
      for path in self._list_files():
        with open(path, 'rb') as file:
          file.readline()
          self._note_lines(path, file)
    except OSError as error:
      raise UsageError(
        f'{error.filename}: cannot be read ({error.strerror})'
      ) from None

  def knows(self, key: str) -> bool:
    """Whether that is scored already."""
    return key in self._places

  def read(self, key: str) -> Scored:
    """The scores of an example that it knows."""
    path, place = self._places[key]
    with open(path, 'rb') as file:
      file.seek(place)
      said = json.loads(file.readline())
    values = {
      name: [np.nan if v is None else v for v in of_frames]
      for name, of_frames in said.pop('values').items()
    }
    features = {
      name: _unpack(packed, said['frames'])
      for name, packed in said.pop('features').items()
    }
    del said['key']
    return Scored(values=values, features=features, **said)

  def _list_files(self) -> list[pathlib.Path]:
    return sorted(self._folder.glob('frames*.jsonl'))

  def _note_lines(self, path: pathlib.Path, file: IO[bytes]) -> int:
    """Notes where each line begins; returns where the last whole one ends."""
    for place, line in _lines(file):
      try:
        if not line.endswith(b'\n'):
          raise ValueError
        key = json.loads(line)['key']
      except (ValueError, KeyError, TypeError):  # a killed run left half a line
        return place
      self._places[key] = path, place
    return file.tell()


class ScoredFrames(KeptScores):
  """The scores that a measure gives, which are added to."""

  def __init__(
    self, folder: pathlib.Path, measure: dict[str, Any], host: int = 0
  ):
    """Opens this host's file, or makes it, and reads those of all.

    Args:
      folder: of the files.
      measure: what all scores depend on, besides what the keys tell.
      host: this host's number.

    Raises:
      UsageError: they cannot be written.
    """
    super().__init__(folder)
    self._first = json.dumps(measure, sort_keys=True)
    self._path = folder / (f'frames.{host}.jsonl' if host else 'frames.jsonl')
    try:
      folder.mkdir(parents=True, exist_ok=True)
      self._file = open(self._path, 'a+b')  # noqa: SIM115 - closed by __exit__
      self._file.seek(0)
      if not self._is_alike(self._file):
        self._file.truncate(0)
        self._file.write(self._first.encode() + b'\n')
      else:
        self._file.truncate(self._note_lines(self._path, self._file))
      self._file.flush()
      self.read_other_hosts()
    except OSError as error:
      raise UsageError(
        f'{self._path}: cannot be written ({error.strerror}); choose another'
        ' --output'
      ) from None
    if self._places:
      logging.info(
        '%s: goes on, %d examples are scored', folder, len(self._places)
      )

  def read_other_hosts(self) -> None:
    """Notes what other hosts have scored up to now."""
    for path in self._list_files():
      if path != self._path:
        with open(path, 'rb') as file:
          if self._is_alike(file):
            self._note_lines(path, file)

  def add(self, key: str, scored: Scored) -> None:
    """Keeps an example's scores."""
    self._file.seek(0, os.SEEK_END)
    values = {
      name: [float(f'{v:.7g}') if np.isfinite(v) else None for v in of_frames]
      for name, of_frames in scored.values.items()
    }
    said = {'key': key, **scored._asdict(), 'values': values}
    said['features'] = {
      name: _pack(array) for name, array in scored.features.items()
    }
    place = self._file.tell()
    self._file.write(json.dumps(said).encode() + b'\n')
    self._file.flush()
    self._places[key] = self._path, place

  def __enter__(self):
    return self

  def __exit__(self, *_):
    self._file.close()

  def _is_alike(self, file: IO[bytes]) -> bool:
    """Whether its first line, which it reads, tells of the same measure."""
    return file.readline().decode(errors='replace').strip() == self._first


def _pack(features: Float[np.ndarray, 't c']) -> str:
  return base64.b64encode(features.astype(_HALF).tobytes()).decode()


def _unpack(packed: str, frames: int) -> Float[np.ndarray, 't c']:
  features = np.frombuffer(base64.b64decode(packed), _HALF)
  return features.reshape(frames, -1).astype(np.float32)


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
  while True:
    place = file.tell()
    line = file.readline()
    if not line:
      return
    yield place, line
