"""Action units of faces, from CSV files that OpenFace or py-feat wrote.

A file is of one video or picture. Its header tells who wrote it:

  OpenFace  frame, confidence, success, AU01_r, ..., AU01_c, ...
            `_r` is an intensity from 0 to 5, `_c` whether the unit is there;
            frames count from 1
  py-feat   FaceScore, AU01, ..., frame
            a number from 0 to 1, above 0.5 the unit is there; frames count
            from 0
"""

import contextlib
import csv
import pathlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from dagan_jax.console.errors import UsageError
from data_pipelines.errors.mendable import DataError

_IS_THERE = 0.5  # py-feat's numbers above it
_OPENFACE, _PY_FEAT = 'OpenFace', 'py-feat'
_SURENESS = {_OPENFACE: 'confidence', _PY_FEAT: 'FaceScore'}  # columns

Rows = Iterator[tuple[int, dict[str, str]]]  # cells by column


class Face(NamedTuple):
  """The action units of a face; NaN: there is no face."""

  presence: Float[np.ndarray, 'p']  # 1: it is there, 0: it is not
  intensity: Float[np.ndarray, 'i']


class Layout(NamedTuple):
  """Which columns of a file hold what."""

  tool: str  # that wrote it
  presence: tuple[str, ...]  # columns
  intensity: tuple[str, ...]

  def describe(self) -> dict[str, Any]:
    """What tells units apart that must not be compared, for reports."""
    units = ' '.join(name.removesuffix('_c') for name in self.presence)
    return {
      'name': f'action units by {self.tool}',
      'version': f'{units}; {len(self.intensity)} intensities',
      'sha256': '',
    }


class ActionUnits:
  """The units of the faces of a video, by the frames' numbers from 0 on."""

  def __init__(self, path: pathlib.Path):
    """Reads a file.

    Of several faces in a frame the surest counts.

    Raises:
      DataError: the file cannot be read, or a line of it makes no sense.
      UsageError: it holds no action units.
    """
    self.path = path
    surest: dict[int, tuple[float, Face]] = {}
    with _open_table(path) as (layout, rows):
      for line, row in rows:
        try:
          number, sureness, face = _read_row(layout, row)
        except (ValueError, KeyError):
          raise DataError(
            f'{path}, line {line}: numbers are missing; let {layout.tool} write'
            ' the file anew'
          ) from None
        if number not in surest or sureness > surest[number][0]:
          surest[number] = sureness, face
    self._faces = {number: face for number, (_, face) in surest.items()}
    self._nobody = _find_nobody(layout)

  @property
  def frames(self) -> int:
    """How many frames it tells of, up to the last one."""
    return max(self._faces, default=-1) + 1

  def at(self, number: int) -> Face:
    """The face of a frame."""
    return self._faces.get(number, self._nobody)


def find_layout(paths: Iterable[pathlib.Path]) -> Layout:
  """The layout of all of some files, by their headers alone.

  Raises:
    UsageError: a file cannot be read, or holds no action units, or others than
      the first one.
  """
  first, *others = paths
  layout = _read_layout(first)
  for path in others:
    if _read_layout(path) != layout:
      raise UsageError(
        f'{path}: holds other action units, or those of another program, than'
        f' {first}; let one program write all files'
      )
  return layout


def _read_layout(path: pathlib.Path) -> Layout:
  try:
    with _open_table(path) as (layout, _):
      return layout
  except DataError as error:
    raise UsageError(str(error)) from None


@contextlib.contextmanager
def _open_table(path: pathlib.Path) -> Iterator[tuple[Layout, Rows]]:
  """The layout, and the rows below the header with their lines' numbers."""
  try:
    with open(path, newline='', encoding='utf-8-sig') as file:
      reader = csv.reader(file)
      header = [cell.strip() for cell in next(reader, ())]
      rows = (
        (reader.line_num, dict(zip(header, row, strict=False)))
        for row in reader
        if any(row)
      )
      yield _find_columns(path, header), rows
  except OSError as error:
    raise DataError(f'{path}: cannot be read ({error.strerror})') from None
  except (UnicodeDecodeError, csv.Error) as error:
    raise DataError(f'{path}: no CSV file that can be read: {error}') from None


def _find_columns(path: pathlib.Path, header: list[str]) -> Layout:
  graded, present, plain = (
    tuple(sorted(name for name in header if re.fullmatch(form, name)))
    for form in (r'AU\d+_r', r'AU\d+_c', r'AU\d+')
  )
  if present:
    return Layout(_OPENFACE, present, graded)
  if plain:
    return Layout(_PY_FEAT, plain, plain)
  raise UsageError(
    f'{path}: its first line names no action units (AU01_c as OpenFace, or AU01'
    ' as py-feat writes them); let one of the two write the file'
  )


def _read_row(
  layout: Layout, row: Mapping[str, str]
) -> tuple[int, float, Face]:
  """A face: its frame's number, how sure it is, and its units."""
  is_openface = layout.tool == _OPENFACE
  # Files of a single picture do not number it.
  number = int(float(row.get('frame', is_openface))) - is_openface
  if number < 0:
    raise ValueError
  presence, intensity = (
    np.array([float(row[name] or 'nan') for name in names])
    for names in (layout.presence, layout.intensity)
  )
  if not is_openface:
    there = np.where(presence > _IS_THERE, 1.0, 0.0)
    presence = np.where(np.isnan(presence), np.nan, there)
  face = Face(presence, intensity)
  sureness = float(row.get(_SURENESS[layout.tool]) or 0)
  is_lost = float(row.get('success') or 1) == 0
  if is_lost or not np.isfinite(np.concatenate(face)).all():
    return number, -np.inf, _find_nobody(layout)
  return number, sureness, face


def _find_nobody(layout: Layout) -> Face:
  return Face(*(np.full(len(names), np.nan) for names in layout[1:]))
