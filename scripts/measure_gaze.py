"""Measures whether eyes look where they are told.

    python scripts/measure_gaze.py [--actors 30 ...] [--size 256]

A rendered person, whose head moves as in silence, is told to look in fifteen
directions, as `speak --gaze=yaw,pitch` tells it. MediaPipe finds the irises in
the pictures, as for `speak --gaze=film.mp4`; another person acts what was
found, and is looked at in turn. Printed is the mean angle, in degrees, between
what was told and what is seen, and between the two films.
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
from data_pipelines.synthetic.performance import Performance, perform

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
    ahead = compare(performance.gaze, np.zeros_like(seen))
    print(
      f'actor {actor}: told and seen {compare(performance.gaze, seen):.1f},'
      f' film and its copy {compare(seen, again):.1f}, told and ahead'
      f' {ahead:.1f}',
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
