"""Speeches drawn: moments of faces above the curves of sound and lips."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from data_pipelines.media.voice import FRAME, FRAME_RATE
from data_pipelines.recorded.speeches import Speech
from data_pipelines.speech.phones import BILABIAL
from data_pipelines.synthetic.anatomy import EXPRESSIONS, anatomy
from data_pipelines.synthetic.coefficients import (
  Coefficients,
  from_coefficients,
)
from data_pipelines.synthetic.render import rotation

ROWS, MOMENTS, SIDE, CURVES, CAPTION = 8, 12, 96, 64, 16  # pixels
SECONDS = 4.0  # of a row
INNER_LIPS = ([61, 62, 63], [67, 66, 65])  # landmarks above and below
_WIDEST = 20.0  # mm between lips, at the top of the curves
_DECIBELS = 60.0  # of the sound, from the bottom to the top
_SCALE, _MIDDLE = 0.42, 25.0  # pixels a millimetre; mm below the eyes
_LINES = (
  range(17), range(17, 22), range(22, 27), range(27, 31), range(31, 36),
  [*range(36, 42), 36], [*range(42, 48), 42], [*range(48, 60), 48],
  [*range(60, 68), 60],
)  # fmt: skip
_PAPER, _INK, _SOUND, _SHUT = 'white', 'black', '#b8c8d8', '#d03020'


def draw_sheet(speeches: Sequence[Speech]) -> np.ndarray:
  """Some speeches, a row each: uint8 (rows * 176, 12 * 96, 3).

  Above, the landmarks of the face at moments of some seconds; below, how loud
  the sound is (blue), how far the inner lips are apart (black), and when they
  are to be shut (red).
  """
  places = np.linspace(0, len(speeches) - 1, min(ROWS, len(speeches)))
  rows = [_draw_row(speeches[round(place)]) for place in places]
  return np.concatenate([np.asarray(row) for row in rows])


def measure_lip_gaps(expression: np.ndarray) -> np.ndarray:
  """Millimetres (n,) between the inner lips of the shared head.

  Args:
    expression: (n, 52 or more) weights of EXPRESSIONS.
  """
  marks = anatomy().base[anatomy().landmarks]
  above, below = INNER_LIPS
  moves = _moves()[..., 1]
  rest = marks[below, 1].mean() - marks[above, 1].mean()
  opens = (moves[:, below] - moves[:, above]).mean(1)
  return rest + expression[:, : len(EXPRESSIONS)] @ opens


def _draw_row(speech: Speech) -> Image.Image:
  count = min(speech.frames, round(SECONDS * FRAME_RATE))
  begin = (speech.frames - count) // 2
  row = Image.new('RGB', (MOMENTS * SIDE, CAPTION + SIDE + CURVES), _PAPER)
  pen = ImageDraw.Draw(row)
  pen.text((4, 2), f'{speech.name}: {speech.voice}, {speech.language}', _INK)
  frames = begin + (np.arange(MOMENTS) + 0.5) * count / MOMENTS
  for place, marks in enumerate(_pose_landmarks(speech, frames.astype(int))):
    middle = (place + 0.5) * SIDE, CAPTION + SIDE / 2
    points = _SCALE * (marks - [0, _MIDDLE]) + middle
    for line in _LINES:
      pen.line([tuple(points[number]) for number in line], _INK)
  _draw_curves(pen, speech, begin, count)
  return row


def _draw_curves(pen, speech: Speech, begin: int, count: int) -> None:
  width, bottom = MOMENTS * SIDE, CAPTION + SIDE + CURVES - 1
  across = (np.arange(count) + 0.5) * width / count
  parts = np.float64(speech.waveform).reshape(-1, FRAME)[begin:][:count]
  loud = 20 * np.log10(np.sqrt(np.mean(parts**2, 1)) / 2**15 + 1e-6)
  heights = {
    'sound': np.clip((loud + _DECIBELS) / _DECIBELS, 0, 1),
    'lips': np.clip(
      measure_lip_gaps(speech.expression[begin:][:count]) / _WIDEST, 0, 1
    ),
  }
  ups = {name: bottom - (CURVES - 4) * x for name, x in heights.items()}
  curves = {
    name: list(zip(across, up, strict=True)) for name, up in ups.items()
  }
  pen.polygon([(0, bottom), *curves['sound'], (width, bottom)], _SOUND)
  start = begin / FRAME_RATE
  scale = width * FRAME_RATE / count
  for phone in speech.phones:
    left, right = (scale * (x - start) for x in (phone.start, phone.end))
    if phone.name in BILABIAL and right > 0 and left < width:
      pen.rectangle((left, bottom - 3, right, bottom), _SHUT)
  pen.line(curves['lips'], _INK, width=2)


def _pose_landmarks(speech: Speech, frames: np.ndarray) -> np.ndarray:
  """Landmarks (n, 68, 2) of the shared head in some frames, mm."""
  found = Coefficients(
    speech.expression[frames], speech.pose[frames], speech.gaze[frames]
  )
  turns = from_coefficients(found).turns
  weights = found.expression[:, : len(EXPRESSIONS)]
  marks = anatomy().base[anatomy().landmarks]
  marks = marks + np.einsum('ne,ekd->nkd', weights, _moves())
  flat = np.stack([rotation(*turn)[:2] for turn in turns])
  return np.einsum('nij,nkj->nki', flat, marks)


def _moves() -> np.ndarray:
  """How each expression moves the landmarks (52, 68, 3), mm."""
  shared = anatomy()
  moves = np.zeros((len(EXPRESSIONS), len(shared.base), 3))
  for number, (vertices, by) in enumerate(shared.expressions):
    moves[number, vertices] = by
  return moves[:, shared.landmarks]
