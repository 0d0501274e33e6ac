"""The routes of our own: files, results, and `POST /animate`."""

import asyncio
import contextlib
import pathlib
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import (
  FileResponse,
  JSONResponse,
  Response,
  StreamingResponse,
)
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from dagan_jax.app.web import folders
from dagan_jax.app.web.checks import KINDS
from dagan_jax.app.web.jobs import Job
from dagan_jax.app.web.limits import Limits
from dagan_jax.app.web.look import Wish
from dagan_jax.app.web.requests import Request as JobRequest
from dagan_jax.app.web.results import COOKIE, Desk
from dagan_jax.app.web.uploads import save_upload
from dagan_jax.app.web.values import check_names, read_options
from dagan_jax.app.web.visitors import Visitors
from dagan_jax.app.web.worker import Crew, Worker
from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment.settings import Settings
from data_pipelines.errors.mendable import MendableError

BROWSER = pathlib.Path(__file__).parent / 'browser'
EXAMPLES = pathlib.Path(__file__).parent / 'examples'
_SWEEP = 20.0  # seconds between two looks for what is to be removed
_LOOK = 30.0  # seconds that looking at one file may take
_MOST_LOOKS = 100  # files that wait to be looked at
_PIECE = 1 << 16
_LISTENS = 1.0  # seconds between two looks at whether a caller is there
_TYPES = {
  '.mp4': 'video/mp4', '.png': 'image/png', '.ply': 'application/octet-stream',
}  # fmt: skip


def build_site(
  root: pathlib.Path,
  limits: Limits,
  visitors: Visitors,
  desk: Desk,
  lookers: Worker | Crew,
) -> FastAPI:
  """All routes but Gradio's.

  Args:
    root: the folder of all passing files.
    limits: of what is sent.
    visitors: whose files they are.
    desk: does jobs.
    lookers: who look at files, see `Look`.
  """

  @contextlib.asynccontextmanager
  async def sweep(_: FastAPI) -> AsyncIterator[None]:
    async def go_on() -> None:
      while True:
        await asyncio.sleep(_SWEEP)
        visitors.sweep()

    task = asyncio.create_task(go_on())
    yield
    task.cancel()

  app = FastAPI(openapi_url=None, lifespan=sweep)
  app.mount('/page/examples', StaticFiles(directory=EXAMPLES))
  app.mount('/page', StaticFiles(directory=BROWSER))
  app.exception_handler(MendableError)(_refuse)
  app.exception_handler(HTTPException)(_refuse_plainly)
  looks = calls = 0  # files and calls under way

  @app.post('/files')
  async def take_file(
    request: Request, place: str = '', kind: str = '', name: str = ''
  ) -> Response:
    nonlocal looks
    if kind not in KINDS or not place.replace('-', '').isalpha():
      raise UsageError('this page sends no such file')
    if len(place) > 40 or looks >= _MOST_LOOKS:
      raise UsageError('too many files at once; try again')
    folder = folders.make_folder(root)
    looks += 1
    try:
      stem = place.rpartition('-')[2]
      path = await save_upload(
        request.stream(), folder, stem, name, limits, visitors.check_room
      )
      seen = await asyncio.to_thread(lookers.do, Wish(str(path), kind), _LOOK)
      secret, visitor = visitors.greet(request.cookies.get(COOKIE))
      token = visitor.keep(path, place)
    finally:
      looks -= 1
      shutil.rmtree(folder, ignore_errors=True)
    response = JSONResponse({'token': token, **seen._asdict()})
    response.set_cookie(COOKIE, secret, httponly=True, samesite='strict')
    return response

  @app.get('/results/{token}')
  async def give_result(
    request: Request, token: str, download: bool = False
  ) -> Response:
    held = visitors.know(request.cookies.get(COOKIE)).find(token)
    name = held.place + held.path.suffix if download else None
    return FileResponse(
      held.path,
      media_type=_TYPES[held.path.suffix],
      filename=name,
      headers={'cache-control': 'private, no-store'},
    )

  @app.post('/animate')
  async def animate(request: Request) -> Response:
    nonlocal calls
    # Of those whose files still come, some more than may wait.
    if calls > 2 * limits.most_waiting:
      raise UsageError('too many calls at once; come back later')
    folder = desk.make_folder()
    calls += 1
    try:
      files, values = await _read_form(
        request, folder, limits, visitors.check_room
      )
      check_names(values, Settings)
      read_options(Settings, values)
      job = Job(JobRequest('animate', files, values), folder)
      made = await _unless_gone(request, desk.finish(job))
      return _stream_and_forget(pathlib.Path(made.files['video']))
    finally:
      calls -= 1
      shutil.rmtree(folder, ignore_errors=True)

  return app


async def _read_form(
  request: Request,
  folder: pathlib.Path,
  limits: Limits,
  check_room: Callable[[], None],
) -> tuple[dict[str, str], dict[str, str]]:
  """The files of a call, by what jobs call them, and its other fields."""
  places = {'source': 'portrait', 'driving': 'driving'}
  files, values = {}, {}
  async with request.form(max_files=2, max_fields=50) as form:
    for name, value in form.multi_items():
      if not isinstance(value, UploadFile):
        values[name] = value
      elif name in places:
        place = places[name]
        path = await save_upload(
          _read(value), folder, place, value.filename or '', limits, check_room
        )
        files[place] = str(path)
      else:
        raise UsageError(f'{name[:40]!r} is no file; send source and driving')
  for name, place in places.items():
    if place not in files:
      raise UsageError(f'{name} is missing: send it as a file')
  return files, values


async def _read(file: UploadFile) -> AsyncIterator[bytes]:
  while piece := await file.read(_PIECE):
    yield piece


async def _unless_gone(request: Any, work: Any) -> Any:
  """What comes of some work, which is given up when its caller hangs up.

  Raises:
    UsageError: it was.
  """
  task = asyncio.ensure_future(work)
  while not task.done():
    await asyncio.wait({task}, timeout=_LISTENS)
    if not task.done() and await request.is_disconnected():
      task.cancel()
      await asyncio.wait({task})
      raise UsageError('who called has hung up')
  return await task


def _stream_and_forget(path: pathlib.Path) -> Response:
  """A file, which is gone from the disk before the first byte is sent."""
  file = open(path, 'rb')  # noqa: SIM115 - the answer closes it
  size = path.stat().st_size

  def read() -> Iterator[bytes]:
    with file:
      while piece := file.read(_PIECE):
        yield piece

  return StreamingResponse(
    read(),
    media_type=_TYPES[path.suffix],
    headers={
      'content-length': str(size),
      'content-disposition': 'attachment; filename="result.mp4"',
    },
  )


async def _refuse(_: Request, error: Exception) -> Response:
  line = ' '.join(str(error).split())
  return _tell(line, 400)


async def _refuse_plainly(_: Request, error: Exception) -> Response:
  return _tell(str(error.detail), error.status_code)


def _tell(line: str, status: int) -> Response:
  body = JSONResponse({'error': line}, status).body + b'\n'
  return Response(body, status, media_type='application/json')
