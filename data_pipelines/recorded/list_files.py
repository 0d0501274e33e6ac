"""The lists beside the records of data sets, as files: JSON with a format."""

import json
import os
import pathlib
from collections.abc import Callable
from typing import Any, TypeVar

from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.whole_files import write_whole
from data_pipelines.media import pictures

List = TypeVar('List')


def read_list(
  path: str | os.PathLike,
  what: str,
  number: int,
  build: str,
  parse: Callable[[dict[str, Any]], List],
) -> List:
  """What a list's file holds.

  Args:
    path: of the file.
    what: it is, for messages.
    number: of the format that is read.
    build: the command that builds such data sets, for messages.
    parse: makes the list of the fields; it raises ValueError, TypeError,
      LookupError or AttributeError for those that cannot be.

  Raises:
    DataError: there is no such file, it is damaged, or of another format.
  """
  pictures.check_file(path, what)
  try:
    fields = json.loads(pathlib.Path(path).read_text(encoding='utf-8'))
    found = fields.pop('format')
    if found == number:
      return parse(fields)
  except (ValueError, TypeError, LookupError, AttributeError) as error:
    raise DataError(
      f'{path}: damaged ({error}); copy it again, or build the data set'
      f' anew: {build}'
    ) from None
  raise DataError(
    f'{path}: of format {found}, while this program reads {number}; update'
    f' dagan_jax, or build the data set anew: {build}'
  )


def write_list(
  path: str | os.PathLike, number: int, fields: dict[str, Any]
) -> None:
  """Writes a list's file, whole or not at all.

  Raises:
    DataError: the place cannot be written.
  """
  with write_whole(path) as partial:
    partial.write_text(
      json.dumps({'format': number, **fields}, indent=1), encoding='utf-8'
    )
