"""Joins the processes of a run, on one machine or many."""

import functools
import multiprocessing
import os
import socket
from collections.abc import Callable
from typing import Any, TypeVar

import jax
from absl import logging

from dagan_jax.console.errors import UsageError
from dagan_jax.runs.failures import share_failures
from dagan_jax.runs.launchers import (
  PROCESSES,
  SECONDS,
  Seat,
  find_seat,
  number,
  share_devices,
)
from dagan_jax.runs.roll_call import call_roll

HEARTBEAT = 45  # seconds of silence after which JAX itself ends all

Work = TypeVar('Work', bound=Callable[..., Any])


def together(work: Work) -> Work:
  """Makes of a function what all processes of a run do together.

  They join first; what fails on one of them then ends all.
  """

  @functools.wraps(work)
  def join_and_work(*args: Any, **kwargs: Any) -> Any:
    join()
    with share_failures():
      return work(*args, **kwargs)

  return join_and_work


def join() -> None:
  """Joins the other processes of a run, if there are any; else does nothing.

  Must come before anything touches a device. Who takes part is said by the
  flags of the command, or by TPU pods, SLURM, Open MPI, MPICH or Kubernetes
  (see `launchers`). Worker processes of the data pipeline never join.

  Raises:
    UsageError: who takes part is not said, or somebody does not come in time.
  """
  if multiprocessing.parent_process() is not None:
    return
  if jax.distributed.is_initialized():
    return
  seat = find_seat()
  if seat is None:
    _refuse_to_run_beside_others()
    return
  taken = share_devices(seat.beside)
  call_roll(
    seat.coordinator,
    seat.count,
    seat.index,
    hosts=seat.hosts,
    seconds=float(number(os.environ, SECONDS) or 300),
  )
  jax.distributed.initialize(
    seat.coordinator,
    seat.count,
    seat.index,
    local_device_ids=taken,
    cluster_detection_method='deactivate',
    heartbeat_timeout_seconds=HEARTBEAT,
  )
  _tell(seat)


def _tell(seat: Seat) -> None:
  if jax.process_count() != seat.count:
    raise UsageError(
      f'{seat.launcher} counts {seat.count} processes, their devices belong to'
      f' {jax.process_count()}: start one process on each host'
    )
  logging.info(
    'process %d of %d (%s) on %s takes %d of %d devices',
    seat.index,
    seat.count,
    seat.launcher,
    socket.gethostname(),
    jax.local_device_count(),
    jax.device_count(),
  )


def _refuse_to_run_beside_others() -> None:
  """Each host of a pod would start a run of its own in the one workdir.

  Raises:
    UsageError: the devices belong to a pod that nobody has joined.
  """
  if (count := jax.process_count()) > 1:
    raise UsageError(
      f'this host is one of {count} that share their devices, and nothing says'
      ' how they reach one another: add --coordinator=HOST:PORT,'
      ' --processes=N and --process=K on each'
    )
  tasks = os.environ.get('SLURM_NTASKS', '1')
  if tasks != '1' and PROCESSES not in os.environ:
    logging.warning(
      'this job of SLURM has %s tasks, and this process is none of them: it'
      ' runs alone. `srun python ...` starts all',
      tasks,
    )
