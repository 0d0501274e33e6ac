"""Serves the page until it is stopped."""

import contextlib
import os
import pathlib
import socket
import webbrowser
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from absl import logging

from dagan_jax.app.origins import Signing
from dagan_jax.app.web.folders import open_root
from dagan_jax.app.web.jobs import Line
from dagan_jax.app.web.limits import Limits, Serving
from dagan_jax.app.web.visitors import Visitors
from dagan_jax.app.web.worker import Crew, Worker
from dagan_jax.console.errors import UsageError

_MOST_CONNECTIONS = 500
_LOOKERS = 4  # files that are looked at at once


def serve(serving: Serving, limits: Limits, signing: Signing) -> None:
  """Serves until Ctrl-C.

  Raises:
    UsageError: the extra is not installed, the address is taken, or there is no
      network that animates.
    DataError: the certificate cannot sign.
  """
  _check_extra()
  with (
    _listen(serving) as listener,
    open_app(serving, limits, signing) as app,
  ):
    import uvicorn

    host, port = listener.getsockname()[:2]
    shown = f'[{host}]' if ':' in host else host
    address = f'http://{shown}:{port}'
    print(f'The page is at {address} (Ctrl-C ends it)', flush=True)
    if serving.open_browser:
      webbrowser.open(address)
    server = uvicorn.Server(
      uvicorn.Config(
        app,
        log_level='warning',
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=2,
      )
    )
    server.run(sockets=[listener])


@contextlib.contextmanager
def open_app(
  serving: Serving,
  limits: Limits,
  signing: Signing,
) -> Iterator[Any]:
  """The whole page as an ASGI program, and all that works behind it.

  Raises: as `serve`.
  """
  from dagan_jax.app.web.live import open_live
  from dagan_jax.app.web.look import Look
  from dagan_jax.app.web.work import open_work

  with (
    open_root() as root,
    contextlib.closing(Crew(_LOOKERS, Look, limits)) as lookers,
    contextlib.closing(Worker(open_live, serving, limits)) as camera,
    Line(
      Worker(open_work, serving, limits, signing),
      limits.most_waiting,
      limits.most_job_seconds,
    ) as line,
    ThreadPoolExecutor(1) as beside,
  ):
    # Reading the network and importing Gradio both take their time.
    ready = beside.submit(line.make_ready)
    app = _build(root, serving, limits, line, lookers, camera)
    ready.result()
    yield app


def _build(
  root: pathlib.Path,
  serving: Serving,
  limits: Limits,
  line: Line,
  lookers: Crew,
  camera: Worker,
) -> Any:
  # Gradio tells its makers of what it is used for, unless it is told not to.
  os.environ['GRADIO_ANALYTICS_ENABLED'] = 'False'
  os.environ['HF_HUB_OFFLINE'] = '1'
  os.environ['GRADIO_TEMP_DIR'] = str(root / 'unused')
  import gradio as gr

  from dagan_jax.app.web.gate import Gate
  from dagan_jax.app.web.live_routes import add_live
  from dagan_jax.app.web.results import Desk
  from dagan_jax.app.web.site import build_site
  from dagan_jax.app.web.tabs import build_page

  visitors = Visitors(root, limits)
  desk = Desk(root, visitors, line)
  app = build_site(root, limits, visitors, desk, lookers)
  add_live(app, root, limits, visitors, camera)
  page = build_page(desk, has_live=limits.most_live_minutes > 0)
  page.queue(max_size=None, api_open=False)
  plain = ['system-ui', 'sans-serif']  # none that is fetched from elsewhere
  gr.mount_gradio_app(
    app,
    page,
    path='/',
    server_name=serving.host,
    footer_links=[],
    run_history=False,
    ssr_mode=False,
    pwa=False,
    enable_monitoring=False,
    mcp_server=False,
    show_error=False,
    max_file_size=1,
    theme=gr.themes.Soft(font=plain, font_mono=['monospace']),
  )
  return Gate(app, serving, limits)


def _check_extra() -> None:
  try:
    import gradio
  except ImportError:
    raise UsageError("the page needs pip install 'dagan_jax[web]'") from None
  major = int(gradio.__version__.partition('.')[0])
  if major < 6:
    raise UsageError(
      f"gradio {gradio.__version__} is too old: pip install 'dagan_jax[web]'"
    )


@contextlib.contextmanager
def _listen(serving: Serving) -> Iterator[socket.socket]:
  """The socket, so that a taken address is told before anything is read."""
  family = socket.AF_INET6 if ':' in serving.host else socket.AF_INET
  with socket.socket(family, socket.SOCK_STREAM) as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
      listener.bind((serving.host, serving.port))
    except OSError as error:
      logging.debug('%s', error)
      raise UsageError(
        f'--host={serving.host} --port={serving.port}: cannot be served at'
        f' ({error.strerror}); give another port, or 0 for any'
      ) from None
    yield listener
