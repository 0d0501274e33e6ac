"""Does all jobs in several processes, except those that were done before.

When a process dies, out of memory or by a damaged video that crashes a decoder,
all jobs under way are lost with it. Each of them is then tried once more, alone
in a process, and only the job that ends its process again is given up; for good
unless somebody killed it, as a system does that is out of memory.
"""

import contextlib
import functools
import multiprocessing
import pathlib
import signal
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from concurrent.futures.process import BrokenProcessPool

import tqdm

from data_pipelines.builders.work import job_files
from data_pipelines.builders.work.job_files import Outcome
from data_pipelines.builders.work.jobs import AnyJob, Recipe
from data_pipelines.builders.work.process import process
from data_pipelines.errors.workers import end_with_parent

# From jobs to be done, something for each that is done, in any order.
Runner = Callable[[Sequence[AnyJob], Recipe, pathlib.Path], Iterator[object]]


def do_jobs(
  jobs: Sequence[AnyJob], recipe: Recipe, folder: pathlib.Path, run: Runner
) -> list[Outcome]:
  """Does what is not done yet; returns what came of each job.

  Raises:
    DataError: the folder cannot be written, or what finds faces is missing.
  """
  paths = {job: folder / f'{job.key(recipe)}.zip' for job in jobs}
  waiting = [job for job in jobs if _read_outcome(paths[job]) is None]
  done = len(jobs) - len(waiting)
  bar = tqdm.tqdm(
    desc='videos', initial=done, total=len(jobs), unit='video', disable=None
  )
  with bar:
    for _ in run(waiting, recipe, folder):
      bar.update()
  return [job_files.read(paths[job]) for job in jobs]


def do_in_processes(
  jobs: Sequence[AnyJob], recipe: Recipe, folder: pathlib.Path, count: int
) -> Iterator[pathlib.Path]:
  """Does jobs in so many processes; in this one if it is 1."""
  do = functools.partial(process, recipe=recipe, folder=folder)
  if count == 1:
    yield from map(do, jobs)
    return
  waiting = list(reversed(jobs))
  while waiting:
    running: dict[futures.Future, AnyJob] = {}
    try:
      with _pool(count) as pool:
        while waiting or running:
          # No more than are worked on: of a pool that breaks, we want to know
          # who was in it.
          while waiting and len(running) < count:
            future = pool.submit(do, waiting[-1])
            running[future] = waiting.pop()
          done, _ = futures.wait(running, return_when=futures.FIRST_COMPLETED)
          for future in done:
            path = future.result()
            del running[future]
            yield path
    except BrokenProcessPool:
      for job in running.values():
        yield _do_alone(job, recipe, folder)


def _do_alone(
  job: AnyJob, recipe: Recipe, folder: pathlib.Path
) -> pathlib.Path:
  others = multiprocessing.active_children()
  with _pool(1) as pool:
    try:
      done = pool.submit(process, job, recipe, folder)
      worker = set(multiprocessing.active_children()).difference(others)
      return done.result()
    except BrokenProcessPool:
      path = folder / f'{job.key(recipe)}.zip'
      with job_files.write(path, recipe.encoding, recipe.quality) as file:
        if any(_is_killed(one) for one in worker):
          file.trouble = 'its process was killed, as a rule for want of memory'
        file.rejected.append('ends the process that reads it; export it again')
      return path


def _is_killed(worker: multiprocessing.Process) -> bool:
  worker.join()
  return worker.exitcode == -signal.SIGKILL


@contextlib.contextmanager
def _pool(count: int) -> Iterator[futures.ProcessPoolExecutor]:
  context = multiprocessing.get_context('spawn')
  pool = futures.ProcessPoolExecutor(count, context, _prepare_worker)
  try:
    yield pool
  except BaseException:  # Ctrl-C, above all: nobody waits for the videos' ends
    for child in multiprocessing.active_children():
      child.terminate()
    raise
  finally:
    pool.shutdown(cancel_futures=True)


def _prepare_worker() -> None:
  """A worker ends with its parent, and at a Ctrl-C without a word."""
  signal.signal(signal.SIGINT, signal.SIG_DFL)
  end_with_parent()


def _read_outcome(path: pathlib.Path) -> Outcome | None:
  """What came of a job; None where it is not done, or its file is damaged."""
  try:
    outcome = job_files.read(path)
    if not outcome.trouble:
      return outcome
  except FileNotFoundError:
    return None
  except (zipfile.BadZipFile, KeyError, ValueError, TypeError):
    pass
  path.unlink()
  return None
