"""Measures whether eyes look where they are told.

    python scripts/measure_gaze.py [--actors 30 ...] [--size 256]

A rendered person, whose head moves as in silence, is told to look in fifteen
directions, as `speak --gaze=yaw,pitch` tells it. MediaPipe finds the irises in
the pictures, as for `speak --gaze=film.mp4`; another person acts what was
found, and is looked at in turn. Printed is the mean angle, in degrees, between
what was told and how the mesh's eyes turn, what was told and what is seen, and
the two films; and by what share of what was told that which is seen moves.
"""

import argparse
import itertools
import sys

import jax.numpy as jnp
import numpy as np

from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice.watched_face import watch_face
from dagan_jax.metrics.sequences import gaze_error
from data_pipelines.errors.mendable import exit_code
from data_pipelines.media.articulation import Articulation
from data_pipelines.synthetic.acting import ACTOR, ActedVideo
from data_pipelines.synthetic.head import eye_axes
from data_pipelines.synthetic.performance import Performance, perform
from data_pipelines.synthetic.render import rotation

DIRECTIONS = tuple(itertools.product((-20, -10, 0, 10, 20), (-10, 0, 10)))
HELD = 8  # frames of each


def look_around(seed: int) -> Performance:
  """A head that moves idly, whose eyes look in DIRECTIONS, one by one."""
  told = np.repeat(np.float32(DIRECTIONS), HELD, axis=0)
  silence = Articulation(*np.zeros((5, len(told)), np.float32))
  return perform(silence, seed)._replace(gaze=np.radians(told))


def find_gaze(performance: Performance, size: int, actor: int) -> np.ndarray:
  """Radians (n, 2) that a film of an actor shows."""
  film = list(ActedVideo(performance, size, actor))
  return watch_face(film, Settings(), 'the film', with_gaze=True).gaze


def find_drawn(performance: Performance) -> np.ndarray:
  """Radians (n, 2) that the mesh's eyes look before the camera, their mean."""
  gaze = np.empty_like(performance.gaze)
  for number in range(performance.count):
    moment = performance.moment(number)
    turn = rotation(moment.yaw, moment.pitch, moment.roll)
    looks = [turn @ -np.cross(*eye_axes(*eye)) for eye in moment.gaze]
    gaze[number] = np.mean(
      [(np.arctan2(x, -z), np.arcsin(y)) for x, y, z in looks], axis=0
    )
  return gaze


def compare(told: np.ndarray, seen: np.ndarray) -> float:
  both = (jnp.degrees(jnp.asarray(x))[None] for x in (told, seen))
  return float(gaze_error(*both)[0])


def measure(actors: list[int], size: int) -> None:
  """Prints a line for each actor.

  Raises:
    DataError: what finds irises is not installed.
  """
  for number, actor in enumerate(actors):
    performance = look_around(number)
    seen = find_gaze(performance, size, actor)
    again = find_gaze(performance._replace(gaze=seen), size, actor + 1)
    moved = [
      np.polyfit(*pair, deg=1)[0]
      for pair in zip(performance.gaze.T, seen.T, strict=True)
    ]
    told = performance.gaze
    print(
      f'actor {actor}: told and drawn'
      f' {compare(told, find_drawn(performance)):.1f}, told and seen'
      f' {compare(told, seen):.1f}, film and its copy'
      f' {compare(seen, again):.1f}, told and ahead'
      f' {compare(told, np.zeros_like(seen)):.1f}; seen moves by'
      f' {moved[0]:.2f} across, {moved[1]:.2f} down',
      flush=True,
    )


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--actors', type=int, nargs='+', default=[ACTOR])
  parser.add_argument('--size', type=int, default=256, help='pixels')
  flags = parser.parse_args()
  measure(flags.actors, flags.size)


if __name__ == '__main__':
  sys.exit(exit_code(main))
