"""Takes what a visitor asks for to the line, and tells him how it goes."""

import asyncio
import pathlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from dagan_jax.app.web import folders
from dagan_jax.app.web.jobs import Job, Line, State
from dagan_jax.app.web.requests import CROPS, Made, Request
from dagan_jax.app.web.visitors import Visitor, Visitors
from dagan_jax.console import progress
from dagan_jax.console.errors import UsageError
from data_pipelines.errors.mendable import MendableError

COOKIE = 'dagan_jax_visitor'
_LOOKS = 0.3  # seconds between two looks at a job
_SHOWN = 300  # characters of a note

Told = dict[str, Any]


class Desk:
  """Where visitors ask and are answered."""

  def __init__(self, root: pathlib.Path, visitors: Visitors, line: Line):
    """Jobs get their folders below a root."""
    self._root, self._visitors, self._line = root, visitors, line

  async def run(
    self,
    task: str,
    cookies: Mapping[str, str],
    files: Mapping[str, Any],
    values: Mapping[str, Any],
  ) -> AsyncIterator[Told]:
    """Does a job; gives what the page shows of it, again and again.

    Ends the job where nobody waits for it any more.

    Args:
      task: one of `requests.TASKS`.
      cookies: of the browser.
      files: {token, crop} of each file by what it is; None: there is none.
      values: of the controls.
    """
    try:
      for place, chosen in files.items():
        if not isinstance(chosen, dict) or not chosen.get('token'):
          raise UsageError(f'{place}: choose a file first')
      visitor = self._visitors.know(cookies.get(COOKIE))
      job = self._make_job(task, visitor, files, dict(values))
    except MendableError as error:
      yield {'error': str(error)}
      return
    try:
      async for told in self._follow(job, visitor):
        yield told
      yield self._hand_over(task, job, visitor)
    finally:
      self._line.stop(job)
      job.remove()

  async def finish(self, job: Job) -> Made:
    """Does a job; raises UsageError where nothing comes of it."""
    try:
      self._line.add(job)
      while not job.is_over:
        await asyncio.sleep(_LOOKS / 3)
    finally:
      self._line.stop(job)
    if job.made is None:
      raise UsageError(job.error)
    return job.made

  def make_folder(self) -> pathlib.Path:
    """A folder for a job; raises UsageError where there is no room for one."""
    self._line.check_room()
    self._visitors.check_room()
    return folders.make_folder(self._root)

  def _make_job(
    self,
    task: str,
    visitor: Visitor,
    files: Mapping[str, Any],
    values: dict[str, Any],
  ) -> Job:
    held = {}
    for place, chosen in files.items():
      held[place] = visitor.find(str(chosen['token']))
      if place in CROPS and chosen.get('crop'):
        for prefix in {name.rpartition('.')[0] for name in values} or {''}:
          name = CROPS[place]
          values[f'{prefix}.{name}' if prefix else name] = chosen['crop']
    folder = self.make_folder()
    paths = {}
    for place, file in held.items():
      path = folder / (place + file.path.suffix)
      path.hardlink_to(file.path)
      paths[place] = str(path)
    job = Job(Request(task, paths, values), folder)
    try:
      self._line.add(job)
    except UsageError:
      job.remove()
      raise
    return job

  async def _follow(self, job: Job, visitor: Visitor) -> AsyncIterator[Told]:
    while not job.is_over:
      visitor.touch()
      yield describe(self._line.describe(job))
      await asyncio.sleep(_LOOKS)

  def _hand_over(self, task: str, job: Job, visitor: Visitor) -> Told:
    if job.made is None:
      return {'error': job.error}
    addresses = {
      what: f'results/{visitor.keep(pathlib.Path(path), f"{task}-{what}")}'
      for what, path in job.made.files.items()
    }
    notes = [note[:_SHOWN] for note in job.made.notes]
    return {'files': addresses, 'notes': notes}


def describe(state: State) -> Told:
  """What the page shows of a job that goes on."""
  if state.before:
    jobs = 'one job' if state.before == 1 else f'{state.before} jobs'
    return {'stage': f'waiting for {jobs} to be done first', 'share': None}
  stage = f'{state.stage} ...'
  if state.left is not None:
    stage = f'{state.stage}: about {progress.duration(state.left + 0.5)} left'
  return {'stage': stage, 'share': state.share or None}
