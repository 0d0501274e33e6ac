"""Where somebody who speaks looks: fixations, and quick ways between them.

Mostly into the camera; away from it while thinking what to say, above all when
a phrase begins. Gaze is that before the camera, wherever the head turns.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

WIDEST = (24.0, 14.0)  # degrees of yaw and pitch, never exceeded
_CAMERA = 0.9  # degrees around the camera, deviation
_AWAY = (4.0, 8.0, 5.0)  # degrees: least yaw, and what is added, deviations
_THINKS = 0.55  # how often a phrase begins with a look away
_STRAYS = 0.22  # and any other fixation
_STAYS = {True: (1.3, 0.6), False: (0.55, 0.4)}  # seconds: median, spread
_LEAST = 0.2  # seconds of a fixation
_QUICK = (0.025, 0.0024)  # seconds of a saccade, and for each degree of it
_LARGE = 8.0  # degrees; with such saccades many blink
_BLINKS = 0.5


class Looks(NamedTuple):
  """Where eyes look in n frames."""

  gaze: np.ndarray  # float32 (n, 2) radians: yaw to the right, pitch down
  blinks: tuple[float, ...]  # seconds at which lids shut with a saccade


def look_around(
  times: np.ndarray,
  phrases: Sequence[tuple[float, float]],
  seed: tuple[int, ...],
) -> Looks:
  """Fixations and saccades.

  Args:
    times: (n,) seconds, ascending.
    phrases: seconds from and to which somebody speaks, in order.
    seed: another one looks elsewhere.
  """
  rng = np.random.default_rng(seed)
  place = _draw_target(rng, away=False)
  gaze, blinks = np.tile(place, (len(times), 1)), []
  begins = [begin for begin, _ in phrases]
  time, last = 0.0, times[-1] if len(times) else 0.0
  while time < last:
    thinks = bool(begins and time >= begins[0])
    if thinks:
      begins.pop(0)
    away = rng.random() < (_THINKS if thinks else _STRAYS)
    target = _draw_target(rng, away)
    size = float(np.hypot(*(target - place)))
    long = _QUICK[0] + _QUICK[1] * size
    share = np.clip((times - time) / long, 0, 1)[:, None]
    gaze = np.where(share > 0, place + share * (target - place), gaze)
    if size > _LARGE and rng.random() < _BLINKS:
      blinks.append(time)
    place = target
    median, spread = _STAYS[not away]
    stay = max(_LEAST, median * np.exp(spread * rng.standard_normal()))
    time += long + stay
    # Who begins to speak looks away at that moment, not when he is tired of it.
    if begins and time > begins[0] > time - stay + _LEAST:
      time = begins[0]
  return Looks(np.float32(np.radians(gaze)), tuple(blinks))


def _draw_target(rng, away: bool) -> np.ndarray:
  """Degrees (2,) to look at."""
  across, down = rng.standard_normal(2)
  target = _CAMERA * np.array([across, down])
  if away:
    least, more, spread = _AWAY
    target = np.array([across * more + least * np.sign(across), down * spread])
  return np.clip(target, -np.array(WIDEST), WIDEST)
