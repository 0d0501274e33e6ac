"""The newest frame of what does not wait: a camera, or a video at its rate."""

import collections
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

import numpy as np

from data_pipelines.errors.mendable import DataError

PATIENCE = 10.0  # seconds without a frame after which a source is given up
_SLICE = 0.03  # seconds between two looks at what else is to be done
_STEADY = 0.1  # share of a new interval in the mean of those before


class NewestFrames:
  """Gives the newest frame of a source, each once; a context manager.

    with NewestFrames(camera, 'camera 0') as frames:
      for frame in frames:
        ...

  A thread reads all frames as they come. Whoever asks gets the latest: what
  came in between is dropped and counted, so that nothing lags behind.

  Attributes:
    arrivals: when each frame that was given had come, in the seconds of
      `time.perf_counter`; whoever shows them takes the first one off. The last
      thousand are kept.
    dropped: how many frames were replaced by newer ones so far.
    rate: frames per second as they are given, a mean of the last ones; at first
      the source's.
  """

  def __init__(
    self,
    source: Iterable[np.ndarray],
    name: str,
    *,
    rate: Fraction | float | int = 25,
    while_waiting: Callable[[], object] = lambda: None,
    patience: float = PATIENCE,
  ):
    """Makes ready; nothing is read yet.

    Args:
      source: uint8 (h, w, 3); it is gone through in the thread.
      name: of the source, for messages.
      rate: that the source announces, frames per second.
      while_waiting: is called again and again while no frame is there.
      patience: seconds.
    """
    self.arrivals: collections.deque[float] = collections.deque(maxlen=1000)
    self.dropped = 0
    self._last: float | None = None
    self.rate = float(rate)
    self._source, self._name, self._patience = source, name, patience
    self._while_waiting = while_waiting
    self._changed = threading.Condition()
    self._newest: tuple[np.ndarray, float] | None = None
    self._error: BaseException | None = None
    self._is_over = self._is_stopped = False

  def __enter__(self) -> 'NewestFrames':
    # A camera that hangs must not keep the program from ending.
    threading.Thread(target=self._read, daemon=True).start()
    return self

  def __exit__(self, *_) -> None:
    self._is_stopped = True

  def __iter__(self) -> Iterator[np.ndarray]:
    """The newest frames, until the source ends.

    Raises:
      DataError: the source says so, or no frame came for too long.
    """
    while (found := self._wait()) is not None:
      frame, arrived = found
      if self._last is not None:
        interval = _STEADY * (arrived - self._last)
        self.rate = 1 / (interval + (1 - _STEADY) / self.rate)
      self._last = arrived
      self.arrivals.append(arrived)
      yield frame

  def is_ready(self) -> bool:
    """Whether a frame is there, or nothing more will come."""
    return self._newest is not None or self._is_over

  def _wait(self) -> tuple[np.ndarray, float] | None:
    """The newest frame as soon as there is one; None after the last one."""
    began = time.perf_counter()
    while True:
      with self._changed:
        if self._newest is None and not self._is_over:
          self._changed.wait(_SLICE)
        found, self._newest = self._newest, None
        is_over = self._is_over
      if found is not None:
        return found
      if is_over:
        if self._error:
          raise self._error
        return None
      if time.perf_counter() - began > self._patience:
        raise DataError(
          f'{self._name}: no frame for {self._patience:g} seconds'
        )
      self._while_waiting()

  def _read(self) -> None:
    try:
      for frame in self._source:
        if self._is_stopped:
          return
        with self._changed:
          self.dropped += self._newest is not None
          self._newest = frame, time.perf_counter()
          self._changed.notify()
    except BaseException as error:  # told where frames are asked for
      self._error = error
    finally:
      with self._changed:
        self._is_over = True
        self._changed.notify()


def at_its_rate(
  frames: Iterable[np.ndarray], rate: Fraction | float | int
) -> Iterator[np.ndarray]:
  """Frames of a video when a player would show them, as from a camera.

  One that is read too late comes at once, and those after it when they are due.
  """
  began = time.perf_counter()
  for number, frame in enumerate(frames):
    time.sleep(max(0.0, began + number / float(rate) - time.perf_counter()))
    yield frame
