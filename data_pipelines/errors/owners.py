"""Names a process so that others can tell later whether it still lives.

A number alone does not: it is given again, and two machines or containers that
share a disk give the same one at once.
"""

import functools
import hashlib
import os
import pathlib
import platform
import re
import uuid

PATTERN = r'[0-9a-f]{8}-\d+-\d+'  # machine, number, moment of its start

_PROC = pathlib.Path('/proc')


def name_this_process() -> str:
  """Letters, digits and hyphens; see PATTERN."""
  number = os.getpid()
  return f'{_machine()}-{number}-{_start(number)}'


def is_surely_dead(owner: str) -> bool:
  """Whether a process that was named so has ended; False where unknown."""
  machine, number, start = re.fullmatch(PATTERN, owner)[0].split('-')
  return machine == _machine() and str(_start(int(number))) != start


@functools.cache
def _machine() -> str:
  """This start of this machine, or this container on it."""
  try:
    known = [
      (_PROC / 'sys/kernel/random/boot_id').read_text(),
      os.readlink(_PROC / 'self/ns/pid'),
    ]
  except OSError:  # no Linux
    known = [platform.node(), str(uuid.getnode())]
  return hashlib.sha256('\n'.join(known).encode()).hexdigest()[:8]


def _start(number: int) -> int | None:
  """When a process started, in the kernel's own count; None: it has ended."""
  if not _PROC.is_dir():
    try:
      os.kill(number, 0)
    except ProcessLookupError:
      return None
    except PermissionError:
      pass
    return 0
  try:
    text = (_PROC / str(number) / 'stat').read_text()
  except OSError:
    return None
  # The name, in parentheses, may hold anything; a zombie writes no more.
  state, *others = text.rpartition(')')[2].split()
  return None if state in 'ZX' else int(others[18])
