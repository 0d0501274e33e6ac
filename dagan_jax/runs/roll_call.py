"""Calls the roll: waits until all processes of a run are there.

JAX waits as well, but where one does not come it ends the others with a stack
of C++ and no name. So process 0 counts heads first, at the address where JAX's
own service starts right after. Each process sends one line of JSON, and gets
one back when all are there or the time is over.
"""

import contextlib
import json
import socket
import time
from collections.abc import Sequence

from absl import logging

from dagan_jax.console.errors import UsageError

SAID = 30.0  # seconds of silence after which it is said who is waited for
_LONGEST = 4096  # bytes of a line: anybody may knock at the port
_MANY = 8  # names that a message shows


def call_roll(
  coordinator: str,
  count: int,
  index: int,
  *,
  hosts: Sequence[str] = (),
  seconds: float = 300.0,
) -> None:
  """Returns when all `count` processes have come.

  Args:
    coordinator: host:port of process 0.
    count: of processes.
    index: this process's own.
    hosts: their machines, by process, where they are known.
    seconds: after which it gives up.

  Raises:
    UsageError: names who is missing, or who came twice, to all that are there.
  """
  host, _, port = coordinator.rpartition(':')
  if not host or not port.isdigit():
    raise UsageError(f'coordinator {coordinator!r}: it must be HOST:PORT')
  address, last_moment = (host.strip('[]'), int(port)), _now() + seconds
  if index:
    answer = _report(address, count, index, last_moment, seconds)
  else:
    answer = _count_heads(address[1], count, hosts, last_moment, seconds)
  if answer:
    raise UsageError(answer)


def _count_heads(
  port: int,
  count: int,
  hosts: Sequence[str],
  last_moment: float,
  seconds: float,
) -> str:
  """As process 0: tells all that came the outcome; '' where all are there."""
  came = {0: (socket.gethostname(), None)}  # host, connection
  try:
    listener = socket.create_server(
      ('', port), family=_family(), dualstack_ipv6=socket.has_dualstack_ipv6()
    )
  except OSError as error:
    return (
      f'process 0 cannot listen at port {port} of {socket.gethostname()}'
      f' ({error.strerror}): choose another one, --coordinator=HOST:PORT'
    )
  outcome, said = '', _now()
  with listener:
    while len(came) < count and not outcome:
      listener.settimeout(max(min(last_moment - _now(), 1.0), 0.01))
      with contextlib.suppress(TimeoutError):
        outcome = _take_one(listener.accept()[0], count, came)
      _forget_gone(came)
      missing = _names(sorted(set(range(count)) - came.keys()), hosts)
      if _now() > last_moment and len(came) < count:
        outcome = (
          f'{len(came)} of {count} processes came within {seconds:.0f} s;'
          f' missing: {missing}. See whether they run, and whether they reach'
          f' port {port} of {socket.gethostname()}'
        )
      elif _now() > said + SAID:
        said = _now()
        logging.info('waiting for %s', missing)
  for _, connection in came.values():
    if connection:
      with connection:
        _send(connection, {'outcome': outcome})
  return outcome


def _take_one(connection: socket.socket, count: int, came: dict) -> str:
  """Notes who knocked; what is wrong with that, if anything is."""
  said = _receive(connection, 5.0)
  index, host = said.get('process'), str(said.get('host'))[:64]
  if not isinstance(index, int):
    connection.close()  # somebody else: a scanner, a health check
    return ''
  _forget_gone(came)  # it may be one of them, who comes again
  before = came.get(index)
  came[count if before else index] = host, connection
  if before:
    return f'there are two of process {index}: on {before[0]} and on {host}'
  if said.get('of') != count:
    return (
      f'process {index} on {host} counts {said.get("of")} processes, process 0'
      f' on {came[0][0]} counts {count}: start all with the same command'
    )
  if not 0 <= index < count:
    return f'process {index} on {host} is none of 0 to {count - 1}'
  return ''


def _forget_gone(came: dict) -> None:
  """Takes off the list who came and went away since."""
  for gone in [k for k, (_, c) in came.items() if c and not _is_open(c)]:
    came.pop(gone)[1].close()


def _report(
  address: tuple[str, int],
  count: int,
  index: int,
  last_moment: float,
  seconds: float,
) -> str:
  """As any other process: what process 0 says, as soon as it says it."""
  line = {'process': index, 'of': count, 'host': socket.gethostname()}
  why = ''
  while _now() < last_moment:
    try:
      with socket.create_connection(address, timeout=5.0) as connection:
        _send(connection, line)
        # Process 0 began earlier or later than this one.
        said = _receive(connection, last_moment - _now() + 2 * seconds)
        if 'outcome' in said:
          return said['outcome']
        why = 'it went away'
    except OSError as error:
      why = error.strerror or str(error)
    time.sleep(0.2)
  return (
    f'process {index} of {count} did not reach process 0 at'
    f' {address[0]}:{address[1]} within {seconds:.0f} s ({why}). See whether it'
    ' runs there; if it runs elsewhere, say where: --coordinator=HOST:PORT'
  )


def _send(connection: socket.socket, said: dict) -> None:
  with contextlib.suppress(OSError):  # who went away needs no answer
    connection.sendall(json.dumps(said).encode() + b'\n')


def _receive(connection: socket.socket, seconds: float) -> dict:
  """A line of JSON; {} for anything else."""
  connection.settimeout(seconds)
  try:
    with connection.makefile('rb') as file:
      said = json.loads(file.readline(_LONGEST))
  except (OSError, ValueError):
    return {}
  return said if isinstance(said, dict) else {}


def _is_open(connection: socket.socket) -> bool:
  connection.setblocking(False)
  try:
    return connection.recv(1) != b''
  except BlockingIOError:
    return True
  except OSError:
    return False


def _names(missing: Sequence[int], hosts: Sequence[str]) -> str:
  shown = [
    f'{k} ({hosts[k]})' if k < len(hosts) else str(k) for k in missing[:_MANY]
  ]
  more = len(missing) - len(shown)
  return ', '.join(shown) + (f' and {more} more' if more > 0 else '')


def _family() -> socket.AddressFamily:
  return socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET


_now = time.monotonic
