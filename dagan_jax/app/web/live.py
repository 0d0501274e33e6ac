"""A browser's camera moves a portrait, over WebRTC, in a process of its own.

Pictures go straight between the browser and that process. Nobody in between is
asked for addresses: whoever reaches the page reaches it, too.
"""

import asyncio
import collections
import contextlib
import pathlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from dagan_jax.app.animation import open_reenactor
from dagan_jax.app.live import Driver, compile_live, show_driver
from dagan_jax.app.screens import REST, STOP
from dagan_jax.app.web.checks import check_file
from dagan_jax.app.web.limits import Limits, Serving
from dagan_jax.app.web.values import read_options
from dagan_jax.inference import compile_cache, memory
from dagan_jax.inference.reenactment.settings import Settings
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures

_RATE = Fraction(30)  # frames a second, until they are measured
_PATIENCE = 20.0  # seconds until a browser is connected
_CLOCK = 90_000  # ticks a second, of pictures that are sent
_ANY = ('0.0.0.0', '::')


class LiveRequest(NamedTuple):
  """What a browser asks for.

  Attributes:
    offer: its description of itself (SDP).
    portrait: a path.
    values: options by name.
  """

  offer: str
  portrait: str
  values: dict[str, Any]


class Live:
  """One network, and one browser at a time."""

  def __init__(self, serving: Serving, limits: Limits):
    """Opens the network; raises UsageError where there is none."""
    self._serving, self._limits = serving, limits
    self._animator = open_reenactor(
      serving.workdir, Settings(precision=serving.precision)
    )

  def __call__(self, request: LiveRequest, tell: Callable[[str], None]) -> None:
    """Moves a portrait until the browser is gone.

    Args:
      request: all of it.
      tell: is told our description, which the browser waits for.

    Raises:
      DataError, UsageError: the portrait or an option is of no use, or the
        browser does not come.
    """
    settings = read_options(
      Settings, request.values, precision=self._serving.precision
    )
    self._animator.check_panels(settings.panels)
    path = pathlib.Path(request.portrait)
    check_file(path, 'picture', self._limits)
    picture = pictures.read_picture(path)
    portrait = self._animator.prepare(picture, settings, name=str(path))
    compile_live(self._animator, portrait, settings)

    def show(peer: 'Peer') -> None:
      driver = Driver(peer, peer.frames(), _RATE, 'the camera')
      show_driver(self._animator, portrait, driver, peer, settings)

    most = 1e6 * self._limits.most_megapixels
    asyncio.run(_meet(request.offer, self._serving.host, most, tell, show))


class Peer:
  """A browser: frames come of it, and pictures go to it; a `Screen`."""

  keys = ''

  def __init__(self, loop: asyncio.AbstractEventLoop):
    """Makes ready; it is connected later."""
    self.pictures: collections.deque[np.ndarray] = collections.deque(maxlen=1)
    self.has_come, self.is_gone = threading.Event(), False
    self.arrived = asyncio.Event()
    self.channel: Any = None
    self._loop = loop
    self._frames: queue.Queue[np.ndarray | None] = queue.Queue()
    self._wishes: set[str] = set()

  def take(self, frame: np.ndarray | None) -> None:
    """Takes a frame of the camera; None: there is no other one."""
    self.has_come.set()
    self._frames.put(frame)

  def wish(self, wish: str) -> None:
    """Takes what the user asks for."""
    self._wishes.add(wish)

  def leave(self) -> None:
    """Ends all."""
    self.is_gone = True
    self.take(None)

  def frames(self) -> Iterator[np.ndarray]:
    """The camera's frames, as they come."""
    while (frame := self._frames.get()) is not None:
      yield frame

  def show(self, picture: np.ndarray) -> None:
    """See Screen."""
    self.pictures.append(picture)
    with contextlib.suppress(RuntimeError):  # the loop has ended
      self._loop.call_soon_threadsafe(self.arrived.set)

  def tell(self, line: str) -> None:
    """See Screen."""

    def send() -> None:
      if self.channel is not None and self.channel.readyState == 'open':
        self.channel.send(line)

    with contextlib.suppress(RuntimeError):
      self._loop.call_soon_threadsafe(send)

  def refresh(self) -> None:
    """See Screen; there is nothing to be done."""

  def take_wishes(self) -> set[str]:
    """See Screen."""
    wishes, self._wishes = self._wishes, set()
    return wishes | ({STOP} if self.is_gone else set())


async def _meet(
  offer: str,
  host: str,
  most_pixels: float,
  tell: Callable[[str], None],
  show: Callable[[Peer], None],
) -> None:
  """Connects a browser, and shows it what `show` makes, until it is gone."""
  # Only the page's extra brings what these import.
  import aioice.ice
  import av
  from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
  )
  from aiortc.mediastreams import MediaStreamError

  if host not in _ANY:
    # Served at one address alone, and that may be the one of the machine for
    # itself, which aioice would leave out.
    aioice.ice.get_host_addresses = lambda **_: [host]

  class Moved(MediaStreamTrack):
    """The pictures, as they are made."""

    kind = 'video'

    async def recv(self) -> av.VideoFrame:
      await peer.arrived.wait()
      peer.arrived.clear()
      frame = av.VideoFrame.from_ndarray(peer.pictures[-1], format='rgb24')
      frame.pts = round((time.monotonic() - began) * _CLOCK)
      frame.time_base = Fraction(1, _CLOCK)
      return frame

  async def read(track: MediaStreamTrack) -> None:
    try:
      while not peer.is_gone:
        frame = await track.recv()
        if frame.width * frame.height > most_pixels:
          break
        peer.take(frame.to_ndarray(format='rgb24'))
    except MediaStreamError:
      pass  # the camera was put out
    peer.leave()

  peer, began = Peer(asyncio.get_running_loop()), time.monotonic()
  # No server is asked who we are.
  connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
  reading: list[asyncio.Task] = []

  @connection.on('track')
  def on_track(track: MediaStreamTrack) -> None:
    if track.kind == 'video' and not reading:
      reading.append(asyncio.ensure_future(read(track)))

  @connection.on('datachannel')
  def on_channel(channel: Any) -> None:
    peer.channel = channel
    channel.on('message', lambda text: text == REST and peer.wish(REST))

  @connection.on('connectionstatechange')
  def on_change() -> None:
    if connection.connectionState in ('failed', 'closed'):
      peer.leave()

  try:
    try:
      description = RTCSessionDescription(offer, 'offer')
      await connection.setRemoteDescription(description)
      connection.addTrack(Moved())
      await connection.setLocalDescription(await connection.createAnswer())
    except Exception as error:  # foreign text breaks its reader in any way
      raise DataError('this browser offers no camera') from error
    tell(connection.localDescription.sdp)
    if not await asyncio.to_thread(peer.has_come.wait, _PATIENCE):
      raise DataError('no picture of the camera came')
    await asyncio.to_thread(show, peer)
  finally:
    peer.leave()
    for task in reading:
      task.cancel()
    await connection.close()


def open_live(
  serving: Serving, limits: Limits
) -> Callable[[LiveRequest, Callable[[str], None]], None]:
  """What meets browsers, for a process of its own; raises as `Live` does."""
  compile_cache.keep()
  memory.keep_freed_memory()
  return Live(serving, limits)
