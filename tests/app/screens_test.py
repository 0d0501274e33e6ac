import io
import shutil
import subprocess
import time

import av
import numpy as np
import pytest

from dagan_jax.app import screens
from dagan_jax.app.screens import REST, STOP, Pipe, VirtualCamera, Window
from dagan_jax.console.errors import UsageError


def pictures(count, height=32, width=48):
  return [np.full((height, width, 3), 40 * n, np.uint8) for n in range(count)]


def test_a_pipe_carries_pictures_as_they_come():
  file = io.BytesIO()
  pipe = Pipe(file, 25)
  sizes = []
  for picture in pictures(3, 33, 49):  # an odd row and column are left out
    pipe.show(picture)
    sizes.append(file.tell())
  pipe.close()
  assert sizes[0] > 32 * 48 and sizes[2] - sizes[1] == sizes[1] - sizes[0]
  file.seek(0)
  with av.open(file) as video:
    assert video.streams.video[0].average_rate == 25
    shown = [frame.to_ndarray(format='rgb24') for frame in video.decode()]
  assert [frame.shape for frame in shown] == [(32, 48, 3)] * 3
  assert [int(frame.mean()) for frame in shown] == pytest.approx(
    [0, 40, 80], abs=2
  )


def test_a_pipe_to_a_terminal_is_refused():
  class Terminal(io.BytesIO):
    def isatty(self):
      return True

  with pytest.raises(UsageError, match='pipe them into a program'):
    Pipe(Terminal(), 25)


def test_a_virtual_camera_gets_even_pictures(monkeypatch):
  sent = []

  class Fake:
    class Camera:
      def __init__(self, width, height, rate):
        sent.append((width, height, rate))

      def send(self, picture):
        sent.append(picture.shape)

      def close(self):
        sent.append('closed')

  monkeypatch.setitem(screens.sys.modules, 'pyvirtualcam', Fake)
  camera = VirtualCamera(30)
  camera.show(np.zeros((33, 49, 3), np.uint8))
  camera.close()
  assert sent == [(48, 32, 30.0), (32, 48, 3), 'closed']


def test_no_virtual_camera_is_one_line(monkeypatch):
  class Fake:
    @staticmethod
    def Camera(*_):
      raise RuntimeError('No device\nfound.')

  monkeypatch.setitem(screens.sys.modules, 'pyvirtualcam', Fake)
  with pytest.raises(UsageError, match=r'No device found\.; on Linux load'):
    VirtualCamera(30).show(np.zeros((32, 32, 3), np.uint8))
  monkeypatch.setitem(screens.sys.modules, 'pyvirtualcam', None)
  with pytest.raises(UsageError, match=r"pip install 'dagan_jax\[live\]'"):
    VirtualCamera(30)


def test_without_a_display_a_window_is_one_line(monkeypatch):
  pytest.importorskip('tkinter')
  monkeypatch.delenv('DISPLAY', raising=False)
  with pytest.raises(UsageError, match=r'no window can be opened.*pipe'):
    Window()


@pytest.fixture
def display(monkeypatch):
  """A screen without a monitor."""
  pytest.importorskip('tkinter')
  if not (xvfb := shutil.which('Xvfb')):
    pytest.skip('Xvfb is not installed')
  server = subprocess.Popen(
    [xvfb, '-displayfd', '1', '-screen', '0', '640x640x24'],
    stdout=subprocess.PIPE,
    stderr=subprocess.DEVNULL,
  )
  number = server.stdout.readline().decode().strip()
  monkeypatch.setenv('DISPLAY', f':{number}')
  yield f':{number}'
  server.terminate()
  server.wait()


def photograph(display):
  options = {'video_size': '640x640'}
  with av.open(display, format='x11grab', options=options) as screen:
    return next(screen.decode(video=0)).to_ndarray(format='rgb24')


def test_a_window_shows_pictures_large_and_hears_keys(display):
  window = Window()
  green = np.zeros((64, 64, 3), np.uint8)
  green[..., 1] = 200
  window.show(green)
  window.show(green)
  window.tell('25 frames/s')
  seen = photograph(display)
  share = (seen == (0, 200, 0)).all(axis=-1).mean()
  assert share == pytest.approx((512 / 640) ** 2, abs=0.02)
  window._root.focus_force()
  for key, wish in (('space', REST), ('q', STOP)):
    window._root.event_generate(f'<{key}>')
    wishes, ends = set(), time.monotonic() + 5
    while not wishes and time.monotonic() < ends:
      window.refresh()
      wishes = window.take_wishes()
    assert wishes == {wish}
  window.close()
