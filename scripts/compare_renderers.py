"""Processor time and pictures of the renderers of two checkouts, in turns.

  python scripts/compare_renderers.py OLD NEW [--size=128]

Prints milliseconds for a picture and for building a person, and how much the
pictures differ. One process draws with both, so that the machine is as busy
for one as for the other.
"""

import argparse
import importlib
import sys
import time

import numpy as np

PEOPLE = range(100, 112)
TIMES = (0.3, 1.0, 1.7, 2.4, 3.1)
ROUNDS = 3


def load(path: str):
  """The modules `rendered_faces` and `person` of a checkout."""
  for name in [n for n in sys.modules if n.split('.')[0] == 'data_pipelines']:
    del sys.modules[name]
  sys.path.insert(0, path)
  names = ('rendered_faces', 'person')
  modules = [
    importlib.import_module(f'data_pipelines.synthetic.{n}') for n in names
  ]
  sys.path.pop(0)
  return modules


def milliseconds(call, *arguments, **named) -> float:
  """Processor time of one call."""
  start = time.process_time()
  call(*arguments, **named)
  return 1000 * (time.process_time() - start)


def main() -> None:
  """Measures and prints."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('old', help='a folder that holds data_pipelines')
  parser.add_argument('new', help='another one')
  parser.add_argument('--size', type=int, default=128, help='pixels')
  flags = parser.parse_args()
  size = flags.size
  both = [load(flags.old), load(flags.new)]
  for _, person in both:
    person.person(99, size)  # what all people share
  builds = [
    [milliseconds(person.person, index, size) for _, person in both]
    for index in PEOPLE
  ]
  old, new = np.median(builds, 0)
  print(f'build a person: {old:.0f} and {new:.0f} ms')
  for clean in (True, False):
    least, most, changed = [], 0, 0
    for index in PEOPLE:
      for moment in TIMES:
        turns = [
          [
            milliseconds(faces.image, index, moment, size, clean=clean)
            for faces, _ in both
          ]
          for _ in range(ROUNDS)
        ]
        least.append(np.min(turns, 0))
        one, other = (
          faces.image(index, moment, size, clean=clean).astype(int)
          for faces, _ in both
        )
        most = max(most, np.abs(one - other).max())
        changed += (one != other).any(-1).sum()
    old, new = np.mean(least, 0)
    print(
      f'{"clean" if clean else "with the camera"}: {old:.2f} and {new:.2f} ms,'
      f' {new / old:.3f} times; differ by at most {most} of 255,'
      f' {changed} pixels in all'
    )


if __name__ == '__main__':
  main()
