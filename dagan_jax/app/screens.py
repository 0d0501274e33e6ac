"""Where live pictures go: a window, a virtual camera, or a pipe."""

import contextlib
import io
import sys
import threading
from fractions import Fraction
from typing import Protocol, runtime_checkable

import av
import numpy as np
from PIL import Image

from dagan_jax.console.errors import UsageError
from data_pipelines.errors.mendable import DataError

OUTPUTS = ('window', 'virtual_camera', 'pipe')
REST, STOP = 'rest', 'stop'  # what a user may ask for
_KEYS = {'space': REST, 'Return': REST, 'q': STOP, 'Escape': STOP}
_TITLE = 'dagan_jax'
_LEAST_SIDE = 512  # pixels of a window


@runtime_checkable
class Screen(Protocol):
  """What shows pictures; a context manager."""

  keys: str  # what the user may press, in a sentence

  def show(self, picture: np.ndarray) -> None:
    """Shows uint8 (h, w, 3); all pictures of a stream have one size."""

  def tell(self, line: str) -> None:
    """Shows a line about the stream."""

  def refresh(self) -> None:
    """Does what is to be done now and then while no picture comes."""

  def take_wishes(self) -> set[str]:
    """What of REST and STOP the user asked for since the last call."""


def open_screen(
  output: str, rate: Fraction | float | int
) -> contextlib.AbstractContextManager[Screen]:
  """A screen.

  Args:
    output: one of OUTPUTS.
    rate: frames per second, as far as one knows.

  Raises:
    UsageError: what it needs is not installed, or is not there.
  """
  match output:
    case 'window':
      return contextlib.closing(Window())
    case 'virtual_camera':
      return contextlib.closing(VirtualCamera(rate))
    case _:
      return contextlib.closing(Pipe(sys.stdout.buffer, rate))


class Window:
  """A window of Tk, as large as one likes."""

  keys = 'space: this pose is rest; q: end'

  def __init__(self):
    """Raises UsageError where no window can be opened."""
    other = 'or give --output=pipe or --output=virtual_camera'
    try:
      import tkinter

      from PIL import ImageTk
    except ImportError:
      raise UsageError(
        f'--output=window: this Python has no Tk; install python3-tk, {other}'
      ) from None
    try:
      self._root = tkinter.Tk(className=_TITLE)
    except tkinter.TclError as error:
      raise UsageError(
        f'--output=window: no window can be opened ({error}); {other}'
      ) from None
    self._wishes: set[str] = set()
    self._photo = ImageTk.PhotoImage
    self._shown = None
    self._root.title(f'{_TITLE} - {self.keys}')
    self._root.configure(background='black')
    self._label = tkinter.Label(self._root, borderwidth=0)
    self._label.pack(expand=True)
    self._root.protocol('WM_DELETE_WINDOW', lambda: self._wishes.add(STOP))
    for key, wish in _KEYS.items():
      self._root.bind(f'<{key}>', lambda _, wish=wish: self._wishes.add(wish))

  def show(self, picture: np.ndarray) -> None:
    """See Screen. It is enlarged to the window's size."""
    height, width = picture.shape[:2]
    if self._shown is None:
      scale = max(1.0, _LEAST_SIDE / max(height, width))
      size = f'{round(scale * width)}x{round(scale * height)}'
      self._root.geometry(size)
      self._root.update()
    room = self._root.winfo_width(), self._root.winfo_height()
    scale = min(room[0] / width, room[1] / height)
    size = max(1, round(scale * width)), max(1, round(scale * height))
    image = Image.fromarray(picture)
    if size != image.size:
      image = image.resize(size, Image.Resampling.BILINEAR)
    if self._shown is None or (
      (self._shown.width(), self._shown.height()) != size
    ):
      self._shown = self._photo(image)
      self._label.configure(image=self._shown)
    else:
      self._shown.paste(image)
    self._root.update()

  def tell(self, line: str) -> None:
    """See Screen."""
    self._root.title(f'{_TITLE} - {line} - {self.keys}')

  def refresh(self) -> None:
    """See Screen."""
    self._root.update()

  def take_wishes(self) -> set[str]:
    """See Screen."""
    wishes, self._wishes = self._wishes, set()
    return wishes

  def close(self) -> None:
    """Removes the window."""
    self._root.destroy()


class _Terminal:
  """What a user types while pictures go somewhere else."""

  keys = 'Enter: this pose is rest; q and Enter: end'

  def __init__(self):
    self._wishes: set[str] = set()
    if sys.stdin and sys.stdin.isatty():
      threading.Thread(target=self._read, daemon=True).start()
    else:
      self.keys = 'Ctrl-C: end'

  def _read(self) -> None:
    for line in sys.stdin:
      self._wishes.add(STOP if line.strip().lower() == 'q' else REST)

  def tell(self, line: str) -> None:
    """See Screen."""
    if sys.stderr.isatty():
      print(f'\r{line}\x1b[K', end='', file=sys.stderr, flush=True)

  def refresh(self) -> None:
    """See Screen; there is nothing to be done."""

  def take_wishes(self) -> set[str]:
    """See Screen."""
    wishes, self._wishes = self._wishes, set()
    return wishes


class VirtualCamera(_Terminal):
  """A camera that other programs, such as those of video calls, can choose."""

  def __init__(self, rate: Fraction | float | int):
    """Raises UsageError where there can be none."""
    try:
      import pyvirtualcam
    except ImportError:
      raise UsageError(
        "--output=virtual_camera needs pip install 'dagan_jax[live]'"
      ) from None
    super().__init__()
    self._open = pyvirtualcam.Camera
    self._rate, self._camera = float(rate), None

  def show(self, picture: np.ndarray) -> None:
    """See Screen. An odd row or column is left out.

    Raises:
      UsageError: the system has no virtual camera.
    """
    picture = _make_even(picture)
    if self._camera is None:
      height, width = picture.shape[:2]
      try:
        self._camera = self._open(width, height, self._rate)
      except RuntimeError as error:
        raise UsageError(
          f'--output=virtual_camera: {" ".join(str(error).split())}; on Linux'
          ' load v4l2loopback, elsewhere install OBS'
        ) from None
    self._camera.send(picture)

  def close(self) -> None:
    """Gives the camera back."""
    if self._camera is not None:
      self._camera.close()


class Pipe(_Terminal):
  """Raw pictures, YUV4MPEG, which ffmpeg, mpv and OBS read as they come."""

  def __init__(self, file: io.BufferedIOBase, rate: Fraction | float | int):
    """Raises UsageError where the file is a terminal."""
    super().__init__()
    if file.isatty():
      raise UsageError(
        '--output=pipe writes raw pictures: pipe them into a program, as in'
        ' ... --output=pipe | ffplay -'
      )
    self._rate = Fraction(rate).limit_denominator(1001)
    self._file, self._container = file, None

  def show(self, picture: np.ndarray) -> None:
    """See Screen. An odd row or column is left out.

    Raises:
      BrokenPipeError: who reads has ended.
    """
    picture = _make_even(picture)
    if self._container is None:
      options = {'format': 'yuv4mpegpipe', 'options': {'flush_packets': '1'}}
      self._container = av.open(self._file, 'w', **options)
      stream = self._container.add_stream('wrapped_avframe', self._rate)
      stream.height, stream.width = picture.shape[:2]
      stream.pix_fmt = 'yuv420p'
      self._stream = stream
    frame = av.VideoFrame.from_ndarray(picture, format='rgb24')
    try:
      self._container.mux(self._stream.encode(frame.reformat(format='yuv420p')))
      self._file.flush()
    except av.FFmpegError as error:
      raise DataError(f'the pipe cannot be written ({error})') from None

  def close(self) -> None:
    """Ends the stream."""
    with contextlib.suppress(OSError, av.FFmpegError):
      if self._container is not None:
        self._container.close()


def _make_even(picture: np.ndarray) -> np.ndarray:
  """Without an odd last row or column."""
  height, width = (n - n % 2 for n in picture.shape[:2])
  return np.ascontiguousarray(picture[:height, :width])
