"""Reads back what an evaluation wrote as JSON."""

import contextlib
import json
import pathlib
from collections.abc import Iterator
from typing import Any

from dagan_jax.console.errors import UsageError


@contextlib.contextmanager
def open_written(
  path: pathlib.Path, kind: str, otherwise: str
) -> Iterator[dict[str, Any]]:
  """Gives what a file of that kind says, but its kind, to be made sense of.

  Raises:
    UsageError: the file cannot be read; or it is of another kind, or makes no
      sense inside of the `with`, for which `otherwise` says what to give.
  """
  try:
    said = json.loads(path.read_text(encoding='utf-8'))
    if said.pop('kind') != kind:
      raise ValueError
    yield said
  except OSError as error:
    raise UsageError(f'{path}: cannot be read ({error.strerror})') from None
  except (ValueError, KeyError, TypeError, AttributeError):
    raise UsageError(f'{path}: {otherwise}') from None
