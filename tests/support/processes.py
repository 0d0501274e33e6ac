"""Real processes that join over the loopback, as those of a cluster do."""

import os
import socket
import subprocess
import sys
from typing import NamedTuple

from dagan_jax.runs import launchers


class Ended(NamedTuple):
  """How a process ended."""

  code: int
  told: str  # on its standard error


def run_together(code: str, count: int, *arguments: str) -> list[Ended]:
  """Runs Python code in `count` processes of one device each, to their ends."""
  with socket.create_server(('127.0.0.1', 0)) as free:
    port = free.getsockname()[1]
  processes = [
    subprocess.Popen(
      [sys.executable, '-c', code, *arguments],
      stderr=subprocess.PIPE,
      text=True,
      env=os.environ
      | {
        launchers.COORDINATOR: f'127.0.0.1:{port}',
        launchers.PROCESSES: str(count),
        launchers.PROCESS: str(index),
        'JAX_NUM_CPU_DEVICES': '1',
      },
    )
    for index in range(count)
  ]
  try:
    told = [process.communicate(timeout=900)[1] for process in processes]
  finally:
    for process in processes:
      process.kill()
  return [
    Ended(process.returncode, text)
    for process, text in zip(processes, told, strict=True)
  ]
