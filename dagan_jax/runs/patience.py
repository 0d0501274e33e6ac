"""Reads a checkpoint in spite of trouble that passes, on all hosts alike.

Damage is what reading finds each time, in the files, on every host. All else
may be a disk, a network or a memory that fails for the moment: then nothing is
moved, and no older checkpoint is taken for the newest.
"""

import time
from collections.abc import Callable
from typing import TypeVar

import jax
from absl import logging
from etils import epath

from dagan_jax.console.errors import UsageError
from dagan_jax.runs import hosts
from dagan_jax.runs.workdirs import one_line_of
from data_pipelines.errors.trouble import passing_reason

PAUSES = (0.5, 2.0)  # seconds, before what could not be read is tried again
# What reading raises where files are damaged or missing, and the words with
# which Orbax's store begins where it is the machine that fails, not the file.
_DAMAGE = (
  EOFError,
  FileNotFoundError,
  IsADirectoryError,
  LookupError,
  NotADirectoryError,
  TypeError,
  ValueError,
)
_PASSING = (
  'ABORTED',
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'INTERNAL',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'UNAUTHENTICATED',
  'UNAVAILABLE',
  'UNKNOWN',
)
_WHOLE, _DAMAGED, _UNREADABLE = range(3)  # what a host finds a checkpoint to be


Found = TypeVar('Found')


class Damaged(Exception):
  """The files of a checkpoint are damaged: reading them again does not help."""


class NotNow(UsageError):
  """A checkpoint cannot be read, which says nothing about its files."""


def read_on_all_hosts(
  folder: epath.Path, read: Callable[[], Found]
) -> Found | None:
  """What `read` gives on every host; None where all find damage.

  Raises:
    NotNow: one of them cannot read it.
  """
  found, why = None, 'another host cannot read it'
  try:
    found, seen = insist(folder, read), _WHOLE
  except Damaged as error:
    logging.warning('%s', error)
    seen, why = _DAMAGED, 'damaged for this host, not for another'
  except NotNow as error:
    if jax.process_count() == 1:
      raise
    logging.warning('%s', error)
    seen, why = _UNREADABLE, 'this host cannot read it'
  verdicts = hosts.gather(seen)
  if verdicts == {_WHOLE} or verdicts == {_DAMAGED}:
    return found
  raise _not_now(folder, why)


def insist(folder: epath.Path, read: Callable[[], Found]) -> Found:
  """What `read` gives, tried again where it fails.

  Raises:
    Damaged: it fails each time, by what is in the files.
    NotNow: it fails, by the disk, the network or the memory for all we know.
    UsageError: `read` raised it.
    jax.errors.JaxRuntimeError: as it was raised, for a device is in trouble.
  """
  proven = True
  for pause in (*PAUSES, None):
    try:
      return read()
    except (UsageError, jax.errors.JaxRuntimeError):
      raise
    except Exception as error:
      proven &= _shows_damage(error)
      told, last = one_line_of(error), error
    if pause is not None:
      time.sleep(pause)
  if proven:
    raise Damaged(f'{folder} is damaged: {told}') from last
  raise _not_now(folder, told) from last


def _shows_damage(error: Exception) -> bool:
  if passing_reason(error) or str(error).startswith(_PASSING):
    return False
  return isinstance(error, _DAMAGE)


def _not_now(folder: epath.Path, why: str) -> NotNow:
  return NotNow(
    f'{folder} cannot be read now ({why}), and nothing was changed: start the'
    ' same command again when that is mended; or move this checkpoint away, and'
    ' the one before is taken'
  )
