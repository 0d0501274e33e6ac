"""Keeps scores of frames as they come, so that a run can go on where it ended.

A file of one JSON object a line. The first line says by what was measured;
where another measure is asked for, the file is begun anew.
"""

import hashlib
import json
import os
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from absl import logging

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.examples import Example
from dagan_jax.evaluation.scoring import Scored


class ScoredFrames:
  """Scores of examples by their files; an example changed since is unknown."""

  def __init__(self, path: pathlib.Path, measure: dict[str, Any]):
    """Opens the file, or makes it.

    Args:
      path: of the file.
      measure: what scores depend on besides the example's files.

    Raises:
      UsageError: it cannot be written.
    """
    self._places: dict[str, int] = {}  # by fingerprint: where its line begins
    first = json.dumps(measure, sort_keys=True)
    try:
      path.parent.mkdir(parents=True, exist_ok=True)
      self._file = open(path, 'a+b')  # noqa: SIM115 - closed by __exit__
      self._file.seek(0)
      if self._file.readline().decode().strip() == first:
        self._find_lines()
      else:
        self._file.truncate(0)
        self._file.write(first.encode() + b'\n')
        self._file.flush()
    except OSError as error:
      raise UsageError(
        f'{path}: cannot be written ({error.strerror}); choose another --output'
      ) from None
    if self._places:
      logging.info(
        '%s: goes on, %d examples are scored', path, len(self._places)
      )

  def knows(self, example: Example) -> bool:
    """Whether it is scored already."""
    return _fingerprint(example) in self._places

  def add(self, example: Example, scored: Scored) -> None:
    """Keeps an example's scores."""
    self._file.seek(0, os.SEEK_END)
    key = _fingerprint(example)
    values = {
      name: [float(f'{v:.7g}') if np.isfinite(v) else None for v in of_frames]
      for name, of_frames in scored.values.items()
    }
    said = {'files': key, **scored._asdict(), 'values': values}
    place = self._file.tell()
    self._file.write(json.dumps(said).encode() + b'\n')
    self._file.flush()
    self._places[key] = place

  def read(self, example: Example) -> Scored:
    """The scores of an example that it knows."""
    self._file.seek(self._places[_fingerprint(example)])
    said = json.loads(self._file.readline())
    values = {
      name: [np.nan if v is None else v for v in of_frames]
      for name, of_frames in said.pop('values').items()
    }
    del said['files']
    return Scored(values=values, **said)

  def __enter__(self):
    return self

  def __exit__(self, *_):
    self._file.close()

  def _find_lines(self) -> None:
    """Notes where each line begins; from a damaged one on all are cut off."""
    for place, line in _lines(self._file):
      try:
        key = json.loads(line)['files']
      except (ValueError, KeyError, TypeError):  # a killed run left half a line
        self._file.truncate(place)
        break
      self._places[key] = place


def _lines(file: Any) -> Iterator[tuple[int, bytes]]:
  while True:
    place = file.tell()
    line = file.readline()
    if not line:
      return
    yield place, line


def _fingerprint(example: Example) -> str:
  """The example's files, their sizes and times."""
  said = [example.name]
  for path in (example.generated, example.driving, example.source):
    if path is not None:
      inside = sorted(path.iterdir()) if path.is_dir() else [path]
      said += [f'{p} {p.stat().st_size} {p.stat().st_mtime_ns}' for p in inside]
  return hashlib.sha256('\n'.join(said).encode()).hexdigest()
