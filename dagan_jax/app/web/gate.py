"""What may pass to the page: few routes, small bodies, known names.

Gradio serves files by their paths, fetches addresses that it is given, and more
that this page has no use for. So only routes that are named here exist, and
files come and go by our own. A site elsewhere that a visitor has open, too, may
neither call the page (`Origin`) nor pass itself off for it (`Host`).
"""

import asyncio
import ipaddress
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException

from dagan_jax.app.web.limits import Limits, Serving

_SHORT = 1 << 20  # bytes of a body that holds no file
_OPEN = re.compile(
  r'/|/(config|theme\.css|favicon\.ico|robots\.txt|manifest\.json)/?'
  r'|/(static|assets|svelte|page)/.*'
  r'|/gradio_api/(info|startup-events|theme\.css|app_id|reset|cancel)/?'
  r'|/gradio_api/heartbeat/[^/]*|/gradio_api/queue/(join|data)/?'
  r'|/files|/files/[^/]*|/results/[^/]*|/live(/[^/]*)?|/animate'
)
_HEADERS = {
  # Nothing is loaded from, or sent to, anywhere else. Gradio's own scripts are
  # inline, and it makes functions of those of components.
  'content-security-policy': "default-src 'self'; script-src 'self'"
  " 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src"
  " 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:;"
  " connect-src 'self'; object-src 'none'; base-uri 'self'; form-action"
  " 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Gate:
  """An ASGI program before another one."""

  def __init__(self, app: Any, serving: Serving, limits: Limits):
    """Guards `app`."""
    self._app, self._names, self._limits = app, serving.names, limits

  async def __call__(
    self, scope: Message, receive: Receive, send: Send
  ) -> None:
    """Lets a request pass, or answers it."""
    if scope['type'] == 'lifespan':
      await self._app(scope, receive, send)
      return
    if scope['type'] != 'http':
      return
    headers = {
      name.decode('latin-1').lower(): value.decode('latin-1')
      for name, value in scope['headers']
    }

    has_begun = False

    async def send_guarded(message: Message) -> None:
      nonlocal has_begun
      if message['type'] == 'http.response.start':
        has_begun = True
        message['headers'] = [
          *message.get('headers', ()),
          *((k.encode(), v.encode()) for k, v in _HEADERS.items()),
        ]
      await send(message)

    if refused := self._refuse(scope, headers):
      await answer(send_guarded, *refused)
      return
    try:
      await self._app(scope, self._bound(receive, scope['path']), send_guarded)
    except asyncio.CancelledError:  # the server ends, which is no failure
      if not has_begun:
        await answer(send_guarded, 503, 'the page is being closed')

  def _refuse(
    self, scope: Message, headers: dict[str, str]
  ) -> tuple[int, str] | None:
    """Status and line for a request that may not pass."""
    if not self._is_known(headers.get('host', '')):
      return 421, 'this page is not served by that name'
    origin = headers.get('origin')
    is_own = origin is None or urlsplit(origin).netloc == headers['host']
    if not is_own and scope['method'] not in ('GET', 'HEAD'):
      return 403, 'another site may not call this page'
    if not _OPEN.fullmatch(scope['path']):
      return 404, 'there is no such page'
    length = headers.get('content-length', '0')
    most = self._most_bytes(scope['path'])
    if not length.isdecimal() or int(length) > most:
      return 413, self._tell_size()
    return None

  def _is_known(self, host: str) -> bool:
    try:
      name = (urlsplit(f'//{host}').hostname or '').lower()
    except ValueError:
      return False
    if name in self._names:
      return True
    try:
      ipaddress.ip_address(name)
    except ValueError:
      return False
    return True

  def _most_bytes(self, path: str) -> int:
    if path == '/files':
      return self._limits.most_bytes
    if path == '/animate':
      return 2 * self._limits.most_bytes + _SHORT
    return _SHORT

  def _bound(self, receive: Receive, path: str) -> Receive:
    """The same body; raises HTTPException as soon as it is too large."""
    count, most = 0, self._most_bytes(path)

    async def receive_bounded() -> Message:
      nonlocal count
      message = await receive()
      count += len(message.get('body', b''))
      if count > most:
        raise HTTPException(413, self._tell_size())
      return message

    return receive_bounded

  def _tell_size(self) -> str:
    most = self._limits.most_megabytes
    return f'more than {most:g} megabytes; send a smaller file'


async def answer(send: Send, status: int, line: str) -> None:
  """Answers with one line of JSON."""
  body = json.dumps({'error': line}).encode() + b'\n'
  headers = [
    (b'content-type', b'application/json'),
    (b'content-length', str(len(body)).encode()),
    (b'connection', b'close'),
  ]
  await send(
    {'type': 'http.response.start', 'status': status, 'headers': headers}
  )
  await send({'type': 'http.response.body', 'body': body})
