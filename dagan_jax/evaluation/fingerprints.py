"""What tells an example from others that have had its name."""

import hashlib

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.examples import Example
from data_pipelines.media.file_ends import digest_ends, list_files


def fingerprint(example: Example) -> str:
  """A key for an example's scores: its files, what they hold, and their times.

  Raises:
    UsageError: one of them cannot be looked at.
  """
  said = [example.name]
  try:
    for path in example.list_files():
      said.append(digest_ends(path))
      said += [f'{p} {p.stat().st_mtime_ns}' for p in list_files(path)]
  except OSError as error:
    raise _gone(error) from None
  return hashlib.sha256('\n'.join(said).encode()).hexdigest()


def digest_truth(example: Example) -> str:
  """A digest of what an answer is compared with, wherever the files lie.

  Raises:
    UsageError: they cannot be looked at.
  """
  try:
    said = [
      digest_ends(path) if path is not None else ''
      for path in (example.driving, example.source)
    ]
    said += [digest_ends(example.units.driving)] if example.units else []
  except OSError as error:
    raise _gone(error) from None
  return hashlib.sha256('\n'.join(said).encode()).hexdigest()


def _gone(error: OSError) -> UsageError:
  return UsageError(
    f'{error.filename}: cannot be read ({error.strerror}); leave the folders as'
    ' they are while they are scored'
  )
