"""What tests let a process of the page do; it imports nothing large."""

import os
import time

from data_pipelines.errors.mendable import DataError


def open_odd(wish):
  """Work that does what it is told; see `worker_test`."""
  if wish == 'refuse to open':
    raise DataError('there is no network')
  return _do_odd


def _do_odd(request, tell):
  match request:
    case 'die':
      os.kill(os.getpid(), 9)
    case 'hang':
      time.sleep(60)
    case 'fail':
      raise RuntimeError('nobody foresaw this')
    case 'refuse', path:
      raise DataError(f'{path}: no picture')
    case 'number':
      return os.getpid()
  tell('frame', 1, 2)
  return request
