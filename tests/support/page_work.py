"""The routes of the page without its processes."""

import contextlib
import pathlib

from dagan_jax.app.origins import Signing
from dagan_jax.app.web.jobs import Line
from dagan_jax.app.web.limits import Limits, Serving
from dagan_jax.app.web.look import Look
from dagan_jax.app.web.visitors import Visitors
from dagan_jax.app.web.work import Work
from dagan_jax.app.web.worker import Worker, hide_folders
from data_pipelines.errors.mendable import DataError, MendableError


class Here(Worker):
  """A worker that works in this process."""

  def __init__(self, do):
    self._do = do

  def start(self):
    pass

  def do(self, request, seconds, tell=lambda *_: None):
    try:
      return self._do(request, tell)
    except MendableError as error:
      raise DataError(hide_folders(str(error))) from None

  def stop(self):
    pass

  def close(self):
    pass


@contextlib.contextmanager
def open_page(root: pathlib.Path, limits: Limits, do=None, workdir=None):
  """The page's routes without Gradio's, and without processes."""
  from dagan_jax.app.web.gate import Gate
  from dagan_jax.app.web.results import Desk
  from dagan_jax.app.web.site import build_site

  serving = Serving(workdir=workdir)
  do = do or Work(serving, limits, Signing()).do
  visitors = Visitors(root, limits)
  with Line(Here(do), limits.most_waiting, 60.0) as line:
    desk = Desk(root, visitors, line)
    app = build_site(root, limits, visitors, desk, Here(Look(limits)))
    yield Gate(app, serving, limits), desk, visitors
