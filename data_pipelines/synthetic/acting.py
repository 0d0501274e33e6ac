"""A rendered person who acts what is to be seen, as a video."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.synthetic import camera, render
from data_pipelines.synthetic.performance import Performance
from data_pipelines.synthetic.person import person as person_of

ACTOR = 30  # who acts: a large face that nothing covers


class ActedVideo:
  """The frames of a performance, in order; going through them again is as good.

  Iterating gives uint8 (size, size, 3): a face before a camera without faults.
  """

  rate = Fraction(FRAME_RATE)

  def __init__(self, performance: Performance, size: int, actor: int = ACTOR):
    """Args:
    performance: what is acted.
    size: width and height in pixels.
    actor: the index of a rendered person.
    """
    self._performance, self._size, self._actor = performance, size, actor

  def __len__(self) -> int:
    return self._performance.count

  def __iter__(self) -> Iterator[np.ndarray]:
    person = person_of(self._actor, self._size)
    for number in range(len(self)):
      moment = self._performance.moment(number)
      posed = render.pose(person, moment)
      light = render.light(person, moment, posed, self._size)
      yield camera.develop(light, camera.SPOTLESS_CAMERA, (number,))
