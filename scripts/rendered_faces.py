"""Shows rendered faces, and how fast they are drawn.

python scripts/rendered_faces.py --contact_sheet=faces.png
"""

import argparse
import time as clock

import numpy as np

from data_pipelines.media import pictures
from data_pipelines.synthetic import rendered_faces
from data_pipelines.synthetic.person import person


def contact_sheet(
  identities: int = 8, moments: int = 6, size: int = 256
) -> np.ndarray:
  """One row per identity, one column per moment: (rows, columns, 3) uint8."""
  rows = [
    np.concatenate(
      [rendered_faces.image(i, 0.9 * n, size) for n in range(moments)], axis=1
    )
    for i in range(identities)
  ]
  return np.concatenate(rows)


def _speed(size: int, seconds: float = 2.0) -> tuple[float, float]:
  """Frames per processor second, and milliseconds to build an identity."""
  people = 4
  begin = clock.process_time()
  for index in range(people):
    person(index, size)
  built = clock.process_time()
  count = 0
  while clock.process_time() < built + seconds:
    rendered_faces.image(count % people, count / 25, size)
    count += 1
  spent = clock.process_time() - built
  return count / spent, 1000 * (built - begin) / people


def main() -> None:
  """Prints the speed on this machine; writes a contact sheet if asked."""
  parser = argparse.ArgumentParser(description=main.__doc__)
  parser.add_argument('--contact_sheet', metavar='PATH', help='a PNG to write')
  arguments = parser.parse_args()
  for size in (64, 128, 256):
    rate, build = _speed(size)
    print(
      f'{size:3d} px: {rate:6.1f} frames/s on one core, '
      f'{build:4.0f} ms once per identity'
    )
  if arguments.contact_sheet:
    pictures.write_picture(arguments.contact_sheet, contact_sheet())
    print(f'wrote {arguments.contact_sheet}')


if __name__ == '__main__':
  main()
