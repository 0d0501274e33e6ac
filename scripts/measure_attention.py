"""Measures where the attention of trained reenactors looks.

    python scripts/measure_attention.py --workdirs runs/daganpp [--people 8]

Held-out rendered people move by themselves. Printed are, for each level of the
generator, the share of its attention that goes to the person, and to the outer
ring of the picture, a sixteenth of its side wide; and the shares of the area
that they cover, which attention that is spread evenly would give them.
"""

import argparse
import sys

import jax
import numpy as np
from PIL import Image

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment.programs import Programs
from data_pipelines.errors.mendable import exit_code
from data_pipelines.synthetic import rendered_faces
from data_pipelines.synthetic.rendered_faces import FIRST_TEST_FACE

_APART = 0.8  # seconds from the source to the driving frame
_RING = 16  # of such rings' widths is a picture's side


def find_shares(workdir: str, people: int) -> dict[str, dict[str, float]]:
  """By level, 'area' first: shares of the person and of the ring.

  Raises:
    UsageError: no such workdir, or its network has no attention.
  """
  programs = Programs.open(workdir)
  if programs.reenactor.generator.fusion == 'none':
    raise UsageError(f'{workdir}: its network has no attention')
  found: dict[str, list[tuple[float, float]]] = {'area': []}
  for number in range(people):
    person = FIRST_TEST_FACE + number
    source, driving = (
      rendered_faces.frame(person, time, programs.size)
      for time in (0.0, _APART)
    )
    rendered = programs.render(
      programs.encode(source.image[None]),
      programs.analyse(driving.image[None]).keypoints,
      None,
      1.0,
      inside=True,
    )
    mask = driving.foreground.astype(np.float32)
    found['area'].append(_weigh(np.ones_like(mask), mask))
    for layer in jax.device_get(rendered.rendering.layers):
      if layer.attention is not None:
        attention = np.float32(layer.attention[0, ..., 0])
        name = 'features of {} x {}'.format(*layer.features.shape[1:3])
        found.setdefault(name, []).append(_weigh(attention, mask))
  return {
    name: dict(
      zip(('person', 'ring'), np.mean(shares, axis=0).tolist(), strict=True)
    )
    for name, shares in found.items()
  }


def _weigh(attention: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
  """The shares of attention (h, w) on a mask of any size, and in the ring."""
  height, width = attention.shape
  small = Image.fromarray(mask).resize((width, height), Image.Resampling.BOX)
  edge = max(height // _RING, 1)
  ring = np.ones_like(attention)
  ring[edge:-edge, edge:-edge] = 0
  total = attention.sum()
  return tuple(
    float((attention * where).sum() / total)
    for where in (np.asarray(small), ring)
  )


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--workdirs', nargs='+', required=True)
  parser.add_argument('--people', type=int, default=8)
  flags = parser.parse_args()
  print('| network | level | on the person | in the outer ring |')
  print('|---|---|---|---|')
  for workdir in flags.workdirs:
    for level, shares in find_shares(workdir, flags.people).items():
      print(
        f'| {workdir} | {level} | {shares["person"]:.0%} |'
        f' {shares["ring"]:.0%} |',
        flush=True,
      )


if __name__ == '__main__':
  sys.exit(exit_code(main))
