"""Figures as SVG, small enough to stand in a page: histograms and curves."""

from collections.abc import Callable
from html import escape

import numpy as np

_WIDTH, _HEIGHT, _LEFT, _RIGHT = 300.0, 150.0, 46.0, 292.0  # pixels
_TOP, _BOTTOM = 16.0, 120.0
_BINS = 20
_COLOUR = '#3564a8'


def draw_histogram(values: np.ndarray, title: str) -> str:
  """How many examples have which value.

  Args:
    values: finite, of examples.
    title: of the counts.
  """
  counts, edges = np.histogram(values, bins=min(_BINS, max(1, len(values))))
  across = _scale(edges[0], edges[-1], _LEFT, _RIGHT)
  up = _scale(0.0, float(counts.max()), _BOTTOM, _TOP)
  bars = [
    f'<rect x="{across(left):.1f}" y="{up(count):.1f}"'
    f' width="{max(across(right) - across(left) - 1, 1):.1f}"'
    f' height="{up(0) - up(count):.1f}" fill="{_COLOUR}"/>'
    for count, left, right in zip(counts, edges, edges[1:], strict=False)
  ]
  ends = (edges[0], edges[-1]), (0.0, float(counts.max()))
  return _frame(''.join(bars), *ends, 'value', title)


def draw_curve(values: np.ndarray, title: str, across_title: str) -> str:
  """A line over equal steps from 0 to 1; a gap where a value is not finite.

  Args:
    values: at the steps; some are finite.
    title: of what the values are.
    across_title: of the steps.
  """
  low, high = np.nanmin(values), np.nanmax(values)
  if low == high:  # as a histogram of one value does
    low, high = low - 0.5, high + 0.5
  across = _scale(0.0, max(len(values) - 1.0, 1.0), _LEFT, _RIGHT)
  up = _scale(low, high, _BOTTOM, _TOP)
  points, pen = [], 'M'
  for step, value in enumerate(values):
    if np.isfinite(value):
      points.append(f'{pen}{across(step):.1f} {up(value):.1f}')
    pen = 'L' if np.isfinite(value) else 'M'
  line = (
    f'<path d="{" ".join(points)}" fill="none" stroke="{_COLOUR}"'
    ' stroke-width="1.5"/>'
  )
  return _frame(line, (0.0, 1.0), (low, high), across_title, title)


def _scale(
  low: float, high: float, start: float, end: float
) -> Callable[[float], float]:
  """A function from values to pixels."""
  span = high - low or 1.0
  return lambda value: start + (value - low) / span * (end - start)


def _frame(
  inside: str,
  across: tuple[float, float],
  up: tuple[float, float],
  across_title: str,
  up_title: str,
) -> str:
  """A figure with two axes, whose ends are named."""
  texts = [
    (_LEFT, _BOTTOM + 12, 'start', f'{across[0]:.3g}'),
    (_RIGHT, _BOTTOM + 12, 'end', f'{across[1]:.3g}'),
    ((_LEFT + _RIGHT) / 2, _BOTTOM + 25, 'middle', across_title),
    (_LEFT - 4, _BOTTOM, 'end', f'{up[0]:.3g}'),
    (_LEFT - 4, _TOP + 8, 'end', f'{up[1]:.3g}'),
    (_LEFT, _TOP - 5, 'start', up_title),
  ]
  labels = ''.join(
    f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
    f'{escape(text)}</text>'
    for x, y, anchor, text in texts
  )
  return (
    f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" width="{_WIDTH:g}"'
    f' height="{_HEIGHT:g}" role="img">'
    f'<path d="M{_LEFT} {_TOP}V{_BOTTOM}H{_RIGHT}" fill="none"'
    f' stroke="#888"/>{inside}{labels}</svg>'
  )
