"""Batches of examples: sample, then decode, shard, batch, prefetch.

The stream is one global sequence of examples, a pure function of `data.seed`.
Of n hosts, host k takes every n-th from the k-th on; together they see each
global batch once, whatever n is. Neither the number of workers nor when a run
was interrupted changes a bit.

Threads (`data.workers` 0) read stored frames fastest: decoding leaves Python's
lock, and processes pay for passing batches on. Processes gain where Python
itself is the limit: with many cores, or with rendered faces.
"""

import functools
import logging
import multiprocessing
import os
import re
import signal
import sys
import time
import weakref
from collections.abc import Sequence
from typing import Any

import grain
import numpy as np
from absl import flags

from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.workers import (
  STOPS,
  deaf_to_stops,
  end_with_parent,
)
from data_pipelines.reading import samplers
from data_pipelines.reading.clips import Listed
from data_pipelines.reading.examples import SAMPLERS, Wanted
from data_pipelines.reading.sources import SOURCES

ENDLESS = 2**50  # examples; Grain's own infinity overflows in small batches
STARTING = 60.0  # seconds: no system takes longer to start its processes
WORKER = 'grain-process-prefetch'  # how Grain's worker processes are called

log = logging.getLogger(__name__)


def make_iterator(
  data: Any, split: str, *, shard: tuple[int, int] = (0, 1)
) -> grain.DatasetIterator:
  """Returns the batches of a split: endless for train, one pass for test.

  A batch is a dict of NumPy arrays, b = data.batch_size / number of shards:
    weight: float32 (b,), 0 where a test example only fills up the last batch.
    place: int32 (b,), of a test example in the list that `listed` gives.

  If data.sampler is 'pairs', also:
    source: uint8 (b, h, w, 3), the frame that keeps its identity.
    driving: uint8 (b, h, w, 3), the frame whose motion it takes on.
    landmarks: float32 (b, 2, 68, 2) in the train split with data.landmarks, of
      source and driving, shares of the picture's sides; NaN: not known.

  If it is 'motion_pairs', of spoken_faces, the same and
    motion: float32 (b, 27, 72), around the driving frame.

  If it is 'neighbours', with t = data.views:
    frames: uint8 (b, t, h, w, 3), of one moment, in the order of time.
    In the test split also the source's truth about them (see sources): for
    rendered faces depth (b, t, h, w, 1) and more, for videos nothing. In the
    train split with data.truth likewise, but videos are refused.

  If it is 'sequences', with t = data.sequence, of speeches:
    mel_windows (b, t, 80, 16), pose_condition (b, t, 320), expression
      (b, t, 64), pose (b, t, 6), gaze (b, t, 2), all float32; speaking and
      bilabial: bool (b, t). See `speeches.Speeches.sequence`.

  Of a test split with more than `data.eval_clips` clips so many are shown,
  spread evenly over all; 0 shows all.

  get_state() tells the place in the stream, which any number of hosts, workers
  and examples in a batch goes on from; close() the iterator when it is no
  longer needed, so that its workers end.

  Args:
    data: the fields of `config.data`.
    split: 'train' or 'test'.
    shard: this host's index, and the number of hosts.

  Raises:
    DataError: there is nothing to read, or settings contradict each other. The
      iterator raises it as well, when data vanish while it runs, or a worker
      dies.
  """
  _check_main_is_guarded()
  count = shard[1]
  if data.batch_size % count:
    raise DataError(
      f'data.batch_size {data.batch_size} cannot be divided among {count}'
      ' hosts; make it a multiple'
    )
  sampler = _row(SAMPLERS, 'sampler', data.sampler)
  source_type = _row(SOURCES, 'source', data.source)
  if not hasattr(source_type, sampler.asks):
    raise DataError(
      f'data.sampler {data.sampler!r} does not go with data.source'
      f' {data.source!r}, which has no {sampler.asks}; take another of the two'
    )
  source = source_type(data, split)
  shown = []
  if split == 'train':
    draw = sampler.random(source.clips, data)
    samples = grain.MapDataset.range(ENDLESS).map(draw)
  else:
    chosen = samplers.spread_clips(len(source.clips), data.eval_clips)
    if len(chosen) < len(source.clips):
      log.info(
        'of %d held-out clips %d are scored, spread over all (data.eval_clips)',
        len(source.clips),
        len(chosen),
      )
    listed = [
      sample._replace(clip=chosen[sample.clip], place=place)
      for place, sample in enumerate(
        sampler.list_all([source.clips[k] for k in chosen], data)
      )
    ]
    digest = functools.cache(source.digest)  # reads files: only if asked
    shown = [
      Listed(
        source.clips[s.clip].name,
        s.frames,
        functools.partial(digest, s.clip),
      )
      for s in listed
    ]
    listed = samplers.fill_up(listed, data.batch_size)
    samples = grain.MapDataset.source(listed)
  wanted = Wanted(split)
  if split == 'train':
    wanted = Wanted(split, data.landmarks, data.get('truth', False))
  decode = functools.partial(sampler.decode, source, wanted)
  examples = samples.map(decode)
  return Batches(
    examples, data.batch_size, shard, data.workers, data.prefetch, shown
  )


class Batches(grain.DatasetIterator):
  """Iterates over one host's shares of batches.

  Its state is the number of examples that all hosts together gave out. Grain's
  own counts per host and worker, so that a run could only be resumed with as
  many of them as it had. `listed` holds all examples of a test split.
  """

  def __init__(
    self,
    examples: grain.MapDataset,
    batch_size: int,
    shard: tuple[int, int],
    workers: int,
    prefetch: int,
    listed: Sequence[Listed] = (),
  ):
    super().__init__()
    self.listed = listed
    self._examples, self._batch_size, self._shard = examples, batch_size, shard
    self._workers, self._prefetch = workers, prefetch
    self._given = 0
    self._running = []  # the iterator that runs, if any
    self._processes = []  # its workers
    self._others = []  # processes that ran before
    # Whoever forgets to close: workers end before Python takes itself apart.
    weakref.finalize(self, self._close_all, self._running)

  def __next__(self) -> dict[str, np.ndarray]:
    self._assert_not_closed()
    self.start_prefetch()
    try:
      batch = next(self._running[0])
    except DataError as error:  # Grain adds lines about its own traceback
      self._close_all(self._running)
      raise DataError(str(error).splitlines()[0]) from None
    except RuntimeError as error:  # Grain's, soon after a worker's death
      codes = [p.exitcode for p in self._processes if p.exitcode]
      codes += re.findall(r'unexpectedly with exit code (-?\d+)', str(error))
      if not codes:
        raise
      self._close_all(self._running)
      raise DataError(
        f'a process that decodes examples died (exit code {codes[0]}): as a'
        ' rule for want of memory, /dev/shm included; make data.workers,'
        ' data.prefetch or data.batch_size smaller and start the same command'
        ' again, which goes on from the last checkpoint'
      ) from None
    self._given += self._batch_size
    if self._workers:  # out of the shared memory: it must not outlive workers
      batch = {name: np.array(value) for name, value in batch.items()}
    return batch

  def get_state(self) -> dict[str, int]:
    return {'examples': self._given}

  def set_state(self, state: dict[str, int]) -> None:
    self._close_all(self._running)
    self._processes = []
    self._given = state['examples']

  def rewind(self) -> None:
    """Goes back to the first batch; until one is asked for, no worker runs.

    Cheaper than a new iterator, which finds and lists all clips again.
    """
    self.set_state({'examples': 0})

  def start_prefetch(self) -> None:
    """Starts the workers, if they do not run yet."""
    if self._running:
      return
    index, count = self._shard
    share = self._examples[self._given + index :: count]
    rest = share.batch(self._batch_size // count)
    self._processes, self._others = [], multiprocessing.active_children()
    with deaf_to_stops():
      self._running.append(_start(rest, self._workers, self._prefetch))
      # Grain makes what it starts here when it is asked for the state, or
      # else not before the first example.
      self._running[0].get_state()
      self._running[0].start_prefetch()
      self._find_workers()

  def _find_workers(self) -> None:
    """Waits until all workers run: Grain starts them in a thread.

    Of one that dies later, nothing but its process knows the exit code.
    """
    last_moment = time.monotonic() + STARTING
    while len(self._processes) < self._workers:
      self._processes = [
        child
        for child in multiprocessing.active_children()
        if child.name.startswith(WORKER) and child not in self._others
      ]
      if time.monotonic() > last_moment:
        return  # they died at once: the first example tells why
      time.sleep(0.01)

  def close(self) -> None:
    """Ends the workers; nothing more can be read."""
    self._close_all(self._running)
    super().close()

  @staticmethod  # Python may have forgotten the module's names by then
  def _close_all(running: list[grain.DatasetIterator]) -> None:
    while running:
      running.pop().close()


def _row(table: dict[str, Any], field: str, name: str) -> Any:
  if name not in table:
    raise DataError(f'data.{field} {name!r} is none of {", ".join(table)}')
  return table[name]


def _start(
  batches: grain.MapDataset, workers: int, prefetch: int
) -> grain.DatasetIterator:
  if not workers:
    threads = min(prefetch, os.cpu_count())
    options = grain.ReadOptions(threads, prefetch_buffer_size=prefetch)
    return iter(batches.to_iter_dataset(options))
  if not flags.FLAGS.is_parsed():  # Grain's workers ask for its flags
    flags.FLAGS.mark_as_parsed()
  options = grain.ReadOptions(num_threads=1, prefetch_buffer_size=1)
  processes = grain.MultiprocessingOptions(
    workers, per_worker_buffer_size=max(prefetch, 1)
  )
  dataset = batches.to_iter_dataset(options)
  return iter(dataset.mp_prefetch(processes, _prepare_worker))


def _prepare_worker(worker: int, workers: int) -> None:
  """Runs first in every worker.

  It shall not take memory on a GPU or a TPU, nor end at a stop that is sent to
  all processes of the run: the run still saves, and then ends its workers.
  """
  for number in STOPS:
    signal.signal(number, signal.SIG_IGN)
  end_with_parent()
  os.environ['CUDA_VISIBLE_DEVICES'] = '-1'
  os.environ['JAX_PLATFORMS'] = 'cpu'
  if 'jax' in sys.modules:  # Grain imports it: the variable comes too late
    sys.modules['jax'].config.update('jax_platforms', 'cpu')


def _check_main_is_guarded() -> None:
  """Workers import the main script: it must not start workers in turn."""
  if multiprocessing.current_process().name.startswith(WORKER):
    raise RuntimeError(
      'a script that reads data with workers must do so below `if __name__ =='
      " '__main__':`, for its workers import it; or set data.workers = 0"
    )
