"""The route by which a browser asks to move a portrait with its camera."""

import asyncio
import json
import pathlib
import shutil
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from dagan_jax.app.web import folders
from dagan_jax.app.web.limits import Limits
from dagan_jax.app.web.live import LiveRequest
from dagan_jax.app.web.results import COOKIE
from dagan_jax.app.web.values import read_options
from dagan_jax.app.web.visitors import Visitor, Visitors
from dagan_jax.app.web.worker import Worker
from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment.settings import Settings
from data_pipelines.errors.mendable import DataError


def add_live(
  app: FastAPI,
  root: pathlib.Path,
  limits: Limits,
  visitors: Visitors,
  worker: Worker,
) -> None:
  """Adds the route.

  Args:
    app: of all routes.
    root: the folder of all passing files.
    limits: of how long.
    visitors: whose portraits they are.
    worker: meets browsers, see `open_live`.
  """
  running: set[asyncio.Task] = set()

  @app.post('/live')
  async def begin(request: Request) -> Response:
    if not limits.most_live_minutes:
      raise UsageError('the camera is not to be used here')
    if running:
      raise UsageError('somebody uses the camera now; come back in a minute')
    visitor = visitors.know(request.cookies.get(COOKIE))
    body = _read(await request.body())
    folder = folders.make_folder(root)
    try:
      asked = _make_request(body, visitor, folder)
    except BaseException:
      shutil.rmtree(folder, ignore_errors=True)
      raise
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def tell(description: str) -> None:
      loop.call_soon_threadsafe(answer.set_result, description)

    async def meet() -> None:
      try:
        await asyncio.to_thread(
          worker.do, asked, 60 * limits.most_live_minutes, tell
        )
      finally:
        shutil.rmtree(folder, ignore_errors=True)

    task = asyncio.ensure_future(meet())
    running.add(task)
    task.add_done_callback(running.discard)
    # What ended it is told here, or, once it runs, is of no interest.
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    await asyncio.wait({task, answer}, return_when=asyncio.FIRST_COMPLETED)
    if not answer.done():
      await task
      raise DataError('the camera was not begun')
    return JSONResponse({'type': 'answer', 'sdp': answer.result()})


def _read(body: bytes) -> dict[str, Any]:
  """Raises UsageError for what is no request."""
  try:
    read = json.loads(body)
  except ValueError:
    read = None
  kinds = {'sdp': str, 'portrait': dict, 'values': dict}
  if not isinstance(read, dict) or any(
    not isinstance(read.get(name), kind) for name, kind in kinds.items()
  ):
    raise UsageError('choose a portrait first')
  return read


def _make_request(
  body: dict[str, Any], visitor: Visitor, folder: pathlib.Path
) -> LiveRequest:
  """Raises UsageError where the portrait or an option is of no use."""
  chosen, values = body['portrait'], dict(body['values'])
  held = visitor.find(str(chosen.get('token')))
  if chosen.get('crop'):
    values['crop'] = chosen['crop']
  read_options(Settings, values)
  path = folder / f'portrait{held.path.suffix}'
  path.hardlink_to(held.path)
  return LiveRequest(body['sdp'], str(path), values)
