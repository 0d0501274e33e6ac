"""From phones with their times to how a mouth moves.

Each sound pulls the mouth to its own shape, before it is heard and after, and
what is seen is a mean of all that pull [Cohen and Massaro 1993]. But where lips
or teeth must touch for a sound, they do, whatever is around.
"""

from collections.abc import Sequence

import numpy as np

from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.speech.phones import BILABIAL, SILENCE, Phone
from data_pipelines.synthetic.anatomy import EXPRESSIONS
from data_pipelines.synthetic.speaking.mouth_shapes import (
  LABIODENTAL,
  ROUNDING,
  VOWELS,
  firmness,
  mouth_shape,
)

REACH = 0.07  # seconds that a sound pulls beyond its own
ROUNDING_REACH = 0.13  # seconds; lips are made round early
# Seconds that lips stay shut at least: more than a frame, so that it is seen.
LEAST_CLOSURE = 1.25 / FRAME_RATE
_CLOSING = 0.05  # seconds in which lips come together, or part
_PRESS = 1.0  # of PP's shape in a closure
_BITE = 0.9  # how far teeth on the lip hide what is around
_BREATH = 0.5  # of silence's firmness: a mouth is ready early


def frame_times(count: int) -> np.ndarray:
  """Seconds (n,) of the middles of so many frames, 25 a second."""
  return (np.arange(count) + 0.5) / FRAME_RATE


def move_mouth(
  phones: Sequence[Phone],
  times: np.ndarray,
  effort: np.ndarray | None = None,
) -> np.ndarray:
  """Weights (n, 52) float32 of EXPRESSIONS, of the mouth alone.

  0 wherever it has been silent for ROUNDING_REACH and will be; lips are shut in
  every frame within a bilabial, and in one at least for each.

  Args:
    phones: one after another.
    times: (n,) seconds, of the frames.
    effort: (p,) how far each phone opens the mouth, times the usual; None: 1.
  """
  letters = split_letters(phones, effort)
  shapes = np.array([mouth_shape(x.name) * force for x, force in letters])
  firm = np.array(
    [_BREATH if x.name == SILENCE else firmness(x.name) for x, _ in letters]
  )
  mouth = np.zeros((len(times), len(EXPRESSIONS)))
  for reach, columns in (
    (REACH, np.delete(np.arange(len(EXPRESSIONS)), ROUNDING)),
    (ROUNDING_REACH, np.array(ROUNDING)),
  ):
    pulls = firm[:, None] * np.array(
      [_pull(x, times, reach) for x, _ in letters]
    )
    total = np.maximum(pulls.sum(0), 1e-9)
    mouth[:, columns] = (pulls / total).T @ shapes[:, columns]
  for names, shape, share in (
    (LABIODENTAL, mouth_shape('f'), _BITE),
    (BILABIAL, _PRESS * mouth_shape('m'), 1.0),
  ):
    shut = share * closure([x for x, _ in letters], times, names)[:, None]
    mouth = (1 - shut) * mouth + shut * shape
  return np.float32(np.clip(mouth, 0, 1))


def closure(
  phones: Sequence[Phone], times: np.ndarray, names: frozenset[str]
) -> np.ndarray:
  """How far (n,) what must touch for some phones does, 1 in each of them."""
  shut = np.zeros(len(times))
  for name, start, end in phones:
    if name in names:
      more = max(LEAST_CLOSURE - (end - start), 0) / 2
      wide = Phone(name, start - more, end + more)
      np.maximum(shut, _pull(wide, times, _CLOSING), out=shut)
  return shut


def split_letters(
  phones: Sequence[Phone], effort: np.ndarray | None = None
) -> list[tuple[Phone, float]]:
  """Each letter as a phone of its own, with the effort of its vowel.

  Diphthongs and affricates are shared out evenly among their letters.
  """
  force = np.ones(len(phones)) if effort is None else effort
  letters = []
  for (name, start, end), strength in zip(phones, force, strict=True):
    parts = max(len(name), 1)
    edges = np.linspace(start, end, parts + 1)
    for letter, begin, until in zip(
      name or [SILENCE], edges[:-1], edges[1:], strict=True
    ):
      phone = Phone(letter, float(begin), float(until))
      letters.append((phone, float(strength) if letter in VOWELS else 1.0))
  return letters


def _pull(phone: Phone, times: np.ndarray, reach: float) -> np.ndarray:
  """1 within a phone, falling smoothly to 0 within `reach` seconds of it."""
  beyond = np.maximum(phone.start - times, times - phone.end)
  share = np.clip(1 - beyond / reach, 0, 1)
  return share * share * (3 - 2 * share)
