"""Whether all hosts of a run see the same workdir."""

import os
import socket
import time

import jax

from dagan_jax.console.errors import UsageError
from dagan_jax.runs import hosts
from dagan_jax.runs.workdirs import PathLike, locate

SECONDS = 20.0  # that a file takes at most to be seen on other machines


def check_shared(workdir: PathLike) -> None:
  """Makes sure that all hosts mean the same folder by `workdir`, which exists.

  The first one leaves a file there, which all others must see. Its name is a
  new one each time, so that no file system can answer from memory.

  Raises:
    UsageError: on all hosts: it names those that see another folder.
  """
  if jax.process_count() == 1:
    return
  mark = (
    locate(workdir) / f'seen-by-all-{hosts.from_first(os.urandom(8).hex())}'
  )
  first = jax.process_index() == 0
  if first:
    mark.write_text('')
  hosts.gather(0)  # nobody looks before it is there
  blind = hosts.gather_texts('' if _appears(mark) else socket.gethostname())
  if first:
    mark.unlink(missing_ok=True)
  apart = ', '.join(
    f'{index} on {name}' for index, name in enumerate(blind) if name
  )
  if apart:
    raise UsageError(
      f'{workdir} is another folder for process {apart} than for process 0:'
      ' name one that all machines share, as a network drive or a bucket'
    )


def _appears(path) -> bool:
  last_moment = time.monotonic() + SECONDS
  while not path.exists():
    if time.monotonic() > last_moment:
      return False
    time.sleep(0.2)
  return True
