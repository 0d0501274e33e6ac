"""Cameras, as the system names them, by libav's own drivers."""

import sys
import time
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
from absl import logging

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.newest_frames import PATIENCE
from data_pipelines.media.screen import Screen
from data_pipelines.media.streams import moving_pictures

_DRIVERS = {'linux': 'v4l2', 'darwin': 'avfoundation', 'win32': 'dshow'}
# What most cameras do; one that does not is opened as it likes.
_ASKED = {'framerate': '30', 'video_size': '640x480'}
_PAUSE = 0.5  # seconds between two tries to find a camera again
_FAILURES = (av.FFmpegError, OSError, ValueError)


class Camera:
  """The frames of a camera, for as long as it is there: uint8 (h, w, 3) RGB.

  One that goes away may come back within some seconds, at the same place.

  Attributes:
    name: for messages.
    rate: frames per second, as announced.
  """

  def __init__(
    self, place: str, *, driver: str = '', patience: float = PATIENCE
  ):
    """Opens it.

    Args:
      place: its number, from 0, or what the system calls it: /dev/video2, or on
        Windows its name.
      driver: of libav, instead of the system's for cameras.
      patience: seconds that it may be away.

    Raises:
      DataError: there is no such camera, it is in use, or may not be used.
    """
    self.name = f'camera {place}'
    self._patience = patience
    self._driver = driver or _DRIVERS.get(sys.platform, '')
    if not self._driver:
      raise DataError(f'{self.name}: no cameras are known on {sys.platform}')
    self._place = self._find(place)
    try:
      self._container = self._open()
    except _FAILURES as error:
      raise DataError(
        f'{self.name}: cannot be opened ({_tell(error)}){self._list_others()}'
      ) from None
    (stream,) = moving_pictures(self._container)[:1]
    self.rate = Fraction(stream.average_rate or 30)

  def __iter__(self) -> Iterator[np.ndarray]:
    """The frames, once.

    Raises:
      DataError: the camera went away and did not come back.
    """
    count, screen = 0, Screen()
    while True:
      try:
        with self._container as container:
          for frame in container.decode(video=0):
            yield screen.show(frame, None)
            count += 1
      except _FAILURES as error:
        reason = _tell(error)
      else:
        reason = 'it ended'
      self._wait_for_return(count, reason)

  def _wait_for_return(self, count: int, reason: str) -> None:
    logging.warning(
      '%s went away (%s): it has %g seconds to come back',
      self.name,
      reason,
      self._patience,
    )
    ends = time.perf_counter() + self._patience
    while time.perf_counter() < ends:
      time.sleep(min(_PAUSE, self._patience))
      try:
        self._container = self._open()
      except _FAILURES:
        continue
      logging.info('%s is back', self.name)
      return
    raise DataError(f'{self.name}: went away after {count} frames ({reason})')

  def _open(self) -> av.container.InputContainer:
    try:
      return av.open(self._place, format=self._driver, options=_ASKED)
    except _FAILURES:
      return av.open(self._place, format=self._driver)

  def _find(self, place: str) -> str:
    if not place.isdecimal():
      return place
    match self._driver:
      case 'v4l2':
        return f'/dev/video{place}'
      case 'avfoundation':
        return f'{place}:none'  # of pictures, and no sound
      case 'dshow':
        names = [device.description for device in self._list()]
        if int(place) < len(names):
          return f'video={names[int(place)]}'
    return place

  def _list(self) -> list[av.DeviceInfo]:
    try:
      return av.enumerate_input_devices(self._driver)
    except _FAILURES:
      return []

  def _list_others(self) -> str:
    names = ', '.join(device.name for device in self._list())
    return f'; there are {names}' if names else '; no camera is connected'


def _tell(error: Exception) -> str:
  return getattr(error, 'strerror', None) or str(error)
