import asyncio
import time

import numpy as np
import pytest

from dagan_jax.app.screens import REST, STOP, Screen
from dagan_jax.app.web.live import Peer, _meet
from data_pipelines.errors.mendable import DataError

aiortc = pytest.importorskip('aiortc')
av = pytest.importorskip('av')


@pytest.fixture(autouse=True)
def addresses(monkeypatch):
  """What serving at one address changes is changed back."""
  ice = pytest.importorskip('aioice.ice')
  monkeypatch.setattr(ice, 'get_host_addresses', lambda **_: ['127.0.0.1'])


class Grey(aiortc.VideoStreamTrack):
  """A camera that sees grey."""

  def __init__(self, size=64):
    super().__init__()
    self.size = size

  async def recv(self):
    pts, time_base = await self.next_timestamp()
    picture = np.full((self.size, self.size, 3), 200, np.uint8)
    frame = av.VideoFrame.from_ndarray(picture, format='rgb24')
    frame.pts, frame.time_base = pts, time_base
    return frame


def invert(peer):
  """Shows the camera's frames inverted, and says so."""
  for frame in peer.frames():
    peer.show(255 - frame)
    peer.tell('inverted')
    if STOP in (wishes := peer.take_wishes()):
      return
    if REST in wishes:
      peer.tell('rested')


async def visit(show, *, size=64, most_pixels=1e6, stays=True):
  """What a browser sees and is told; `show` works as in `_meet`."""
  browser = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
  camera, told, seen = Grey(size), [], []
  browser.addTrack(camera)
  channel = browser.createDataChannel('words')
  channel.on('message', told.append)
  channel.on('open', lambda: channel.send(REST))
  shown = asyncio.get_running_loop().create_future()
  browser.on('track', shown.set_result)
  await browser.setLocalDescription(await browser.createOffer())
  answered = asyncio.get_running_loop().create_future()
  meeting = asyncio.ensure_future(
    _meet(
      browser.localDescription.sdp,
      '127.0.0.1',
      most_pixels,
      answered.set_result,
      show,
    )
  )
  try:
    answer = aiortc.RTCSessionDescription(await answered, 'answer')
    await browser.setRemoteDescription(answer)
    track = await shown
    while stays and not ('rested' in told and len(seen) >= 3):
      frame = await asyncio.wait_for(track.recv(), 20)
      seen.append(frame.to_ndarray(format='rgb24'))
    if stays:
      await browser.close()
    await asyncio.wait_for(meeting, 20)
  finally:
    await browser.close()
  return seen, told, answer.sdp


def test_a_browser_sees_what_its_camera_moves_and_is_heard():
  seen, told, sdp = asyncio.run(visit(invert))
  assert seen[-1].shape == (64, 64, 3)
  assert abs(seen[-1].mean() - 55) < 8
  assert {'inverted', 'rested'} <= set(told)
  addresses = {
    line.split()[4] for line in sdp.splitlines() if 'a=candidate' in line
  }
  assert addresses == {'127.0.0.1'}


def test_a_camera_of_absurd_pictures_is_left():
  asyncio.run(visit(invert, size=128, most_pixels=1e4, stays=False))


def test_what_is_no_offer_is_one_clear_line():
  with pytest.raises(DataError, match='offers no camera'):
    asyncio.run(_meet('v=0\r\nnonsense', '127.0.0.1', 1e6, print, invert))


def test_a_browser_is_a_screen():
  async def look():
    peer = Peer(asyncio.get_running_loop())
    assert isinstance(peer, Screen)
    peer.show(np.zeros((4, 4, 3), np.uint8))
    peer.wish(REST)
    assert peer.take_wishes() == {REST} and not peer.take_wishes()
    peer.leave()
    assert peer.take_wishes() == {STOP} and list(peer.frames()) == []
    began = time.monotonic()
    await asyncio.wait_for(peer.arrived.wait(), 5)
    assert time.monotonic() - began < 5

  asyncio.run(look())
