"""Who takes part in a run of many processes, as what started them tells.

Each launcher sets variables of its own. They are read here alone.
"""

import importlib.util
import os
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from dagan_jax.console.errors import UsageError

Environment = Mapping[str, str]

PORT = 8476  # where process 0 is reached, if nobody chooses another one
# What stands above all launchers; flags of the command set the same.
COORDINATOR = 'JAX_COORDINATOR_ADDRESS'
PROCESSES = 'JAX_NUM_PROCESSES'
PROCESS = 'JAX_PROCESS_ID'
SECONDS = 'DAGAN_JAX_JOIN_SECONDS'  # how long to wait for the others
DEVICES = 'JAX_LOCAL_DEVICE_IDS'  # which of this machine's to take: '0,1'


class Seat(NamedTuple):
  """One process's place in a run of many."""

  launcher: str  # in words: who says all this
  coordinator: str = ''  # host, or host:port, of process 0; '': unknown
  count: int | None = None
  index: int | None = None
  beside: tuple[int, int] = (0, 1)  # index, count among this machine's
  hosts: tuple[str, ...] = ()  # by process, where each has one to itself


def find_seat(environment: Environment = os.environ) -> Seat | None:
  """This process's seat; None where it runs by itself.

  Raises:
    UsageError: others take part, and it is not said who.
  """
  found = (launcher(environment) for launcher in LAUNCHERS)
  told = next((seat for seat in found if seat), None)
  count = number(environment, PROCESSES)
  if count == 1:
    return None
  by_hand = {
    'coordinator': environment.get(COORDINATOR),
    'count': count,
    'index': number(environment, PROCESS),
  }
  by_hand = {
    name: value for name, value in by_hand.items() if value not in (None, '')
  }
  if told is None and not by_hand:
    return None
  seat = (told or Seat('flags'))._replace(**by_hand)
  if seat.count == 1:
    return None
  _check_whole(seat)
  if ':' not in seat.coordinator:
    seat = seat._replace(coordinator=f'{seat.coordinator}:{PORT}')
  return seat


def share_devices(
  beside: tuple[int, int], environment: Environment = os.environ
) -> list[int] | None:
  """Which of this machine's GPUs a process takes; None: all that it sees.

  A process that is alone on its machine takes all. Several divide evenly what
  they see, unless the launcher has given each its own.

  Raises:
    UsageError: they cannot be divided evenly.
  """
  index, count = beside
  if count == 1 or environment.get(DEVICES):
    return None
  of_the_job = number(environment, 'SLURM_GPUS_ON_NODE')
  seen = of_the_job or len(list(Path('/dev').glob('nvidia[0-9]*')))
  if visible := environment.get('CUDA_VISIBLE_DEVICES'):
    seen = len(visible.split(','))
    if seen < (of_the_job or count):
      return None
  if not seen:
    return None
  if seen % count:
    raise UsageError(
      f'{count} processes on this machine cannot divide its {seen} GPUs evenly:'
      f' start one process per machine, or one per GPU, or say in {DEVICES}'
      ' which ones each process takes'
    )
  each = seen // count
  return list(range(index * each, (index + 1) * each))


def number(environment: Environment, name: str) -> int | None:
  """What a variable counts; None where it is not set or empty.

  Raises:
    UsageError: it is no number.
  """
  text = environment.get(name, '')
  if not text:
    return None
  if not text.isdigit():
    raise UsageError(f'{name} is {text!r}: it must be a number')
  return int(text)


def _open_mpi(environment: Environment) -> Seat | None:
  if 'OMPI_COMM_WORLD_SIZE' not in environment:
    return None
  # Where mpirun runs, which is as a rule where process 0 does. Open MPI 4 gives
  # its address, Open MPI 5 its name.
  address = re.search(
    r'tcp6?://\[?([^],]+?)[],:]', environment.get('OMPI_MCA_orte_hnp_uri', '')
  ) or re.match(r'prter?u?n?-(.+)-\d+@', environment.get('PMIX_NAMESPACE', ''))
  return _on_one_machine(
    Seat(
      'Open MPI',
      address[1] if address else '',
      number(environment, 'OMPI_COMM_WORLD_SIZE'),
      number(environment, 'OMPI_COMM_WORLD_RANK'),
      (
        number(environment, 'OMPI_COMM_WORLD_LOCAL_RANK') or 0,
        number(environment, 'OMPI_COMM_WORLD_LOCAL_SIZE') or 1,
      ),
    )
  )


def _mpich(environment: Environment) -> Seat | None:
  # SLURM sets PMI_RANK as well, but not what its neighbours are.
  if not {'PMI_RANK', 'PMI_SIZE', 'MPI_LOCALNRANKS'} <= environment.keys():
    return None
  return _on_one_machine(
    Seat(
      'MPICH',
      '',
      number(environment, 'PMI_SIZE'),
      number(environment, 'PMI_RANK'),
      (
        number(environment, 'MPI_LOCALRANKID') or 0,
        number(environment, 'MPI_LOCALNRANKS') or 1,
      ),
    )
  )


def _on_one_machine(seat: Seat) -> Seat:
  if seat.beside[1] == seat.count:
    return seat._replace(coordinator='127.0.0.1')
  return seat


def _slurm(environment: Environment) -> Seat | None:
  # SLURM_NTASKS is set in a batch script as well, which is no task.
  count = number(environment, 'SLURM_STEP_NUM_TASKS')
  nodes = expand_nodes(environment.get('SLURM_STEP_NODELIST', ''))
  if not count or not nodes:
    return None
  index = number(environment, 'SLURM_PROCID')
  tasks = _repeat(environment.get('SLURM_STEP_TASKS_PER_NODE', ''))
  node = number(environment, 'SLURM_NODEID') or 0
  beside = (
    number(environment, 'SLURM_LOCALID') or 0,
    tasks[node] if node < len(tasks) else 1,
  )
  # Jobs that share a node must not share a port: the end of the number, in
  # the range that the system leaves to programs.
  port = 61440 + (number(environment, 'SLURM_JOB_ID') or 0) % 4096
  hosts = tuple(nodes) if len(nodes) == count else ()
  return Seat('SLURM', f'{nodes[0]}:{port}', count, index, beside, hosts)


def _tpu_pod(environment: Environment) -> Seat | None:
  """A slice, or several, as GKE tells in variables or GCE where it is asked."""
  get = environment.get
  names = get('TPU_PROCESS_ADDRESSES') or get('TPU_WORKER_HOSTNAMES')
  if names:
    index = number(environment, 'TPU_WORKER_ID')
  elif _on_tpu(environment):
    names = _metadata(environment, 'worker-network-endpoints')
    told = _metadata(environment, 'agent-worker-number')
    if not names or not told:
      return None
    index = int(told)
    rows = re.findall(
      r"(?m)^(MEGASCALE_\w+): *'?([^'\n]*)'?",
      _metadata(environment, 'tpu-env') or '',
    )
    get = (dict(rows) | dict(environment)).get
  else:
    return None
  # 'host', 'host:port', or GCE's older 'name:number:address'.
  parts = [name.strip().split(':') for name in names.split(',')]
  hosts = [part[2] if len(part) == 3 else part[0] for part in parts]
  slices = int(get('MEGASCALE_NUM_SLICES') or 1)
  if slices == 1:
    return Seat('the TPU pod', hosts[0], len(hosts), index, hosts=tuple(hosts))
  first = (get('MEGASCALE_COORDINATOR_ADDRESS') or '').split(':')[0]
  before = int(get('MEGASCALE_SLICE_ID') or 0) * len(hosts)
  count = slices * len(hosts)
  return Seat('the TPU slices', first, count, (index or 0) + before)


def _kubernetes(environment: Environment) -> Seat | None:
  """A pod of an indexed Job; how many there are, no pod is told."""
  if 'JOB_COMPLETION_INDEX' not in environment:
    return None
  index = number(environment, 'JOB_COMPLETION_INDEX')
  name, _, rest = socket.getfqdn().partition('.')
  coordinator = ''
  if rest and name.endswith(f'-{index}'):
    coordinator = f'{name.removesuffix(f"-{index}")}-0.{rest}'
  return Seat('Kubernetes', coordinator, None, index)


# MPI first: where it runs in a job of SLURM, it sets the variables of both.
LAUNCHERS: tuple[Callable[[Environment], Seat | None], ...] = (
  _open_mpi,
  _mpich,
  _slurm,
  _tpu_pod,
  _kubernetes,
)


def expand_nodes(text: str) -> list[str]:
  """SLURM's 'a[08-10,12],b' -> a08, a09, a10, a12, b."""
  return [
    name
    for entry in re.findall(r'(?:[^,\[]|\[[^\]]*\])+', text)
    for name in _expand_entry(entry)
  ]


def _expand_entry(entry: str) -> Iterator[str]:
  before, bracket, rest = entry.partition('[')
  if not bracket:
    yield entry
    return
  numbers, _, after = rest.partition(']')
  for part in numbers.split(','):
    first, _, last = part.partition('-')
    for number in range(int(first), int(last or first) + 1):
      for end in _expand_entry(after):
        yield f'{before}{number:0{len(first)}}{end}'


def _repeat(text: str) -> list[int]:
  """SLURM's '2(x3),1' -> 2, 2, 2, 1."""
  found = re.findall(r'(\d+)(?:\(x(\d+)\))?', text)
  return [int(value) for value, times in found for _ in range(int(times or 1))]


def _check_whole(seat: Seat) -> None:
  """Raises a UsageError unless it is said who takes part."""
  missing = []
  if not seat.coordinator:
    missing.append('--coordinator=HOST:PORT (of process 0)')
  if seat.count is None:
    missing.append('--processes=N')
  if seat.index is None:
    missing.append('--process=K (0 to N - 1)')
  if missing:
    who = 'a process' if seat.index is None else f'process {seat.index}'
    raise UsageError(
      f'this is {who} of several, says {seat.launcher}: add'
      f' {" and ".join(missing)}; or --processes=1, if each shall run by itself'
    )
  if not seat.index < seat.count:
    raise UsageError(
      f'process {seat.index} of {seat.count}: they are counted from 0 to'
      f' {seat.count - 1}'
    )


def _on_tpu(environment: Environment) -> bool:
  chips = ('accel[0-9]*', 'vfio/[0-9]*')
  return (
    'TPU_SKIP_MDS_QUERY' not in environment
    and importlib.util.find_spec('libtpu') is not None
    and any(any(Path('/dev').glob(pattern)) for pattern in chips)
  )


def _metadata(environment: Environment, name: str) -> str | None:
  """What Google's machine knows of itself; None where nobody answers."""
  host = environment.get('GCE_METADATA_IP', 'metadata.google.internal')
  request = urllib.request.Request(
    f'http://{host}/computeMetadata/v1/instance/attributes/{name}',
    headers={'Metadata-Flavor': 'Google'},
  )
  try:
    with urllib.request.urlopen(request, timeout=5) as answer:
      return answer.read().decode()
  except (OSError, urllib.error.URLError):
    return None
