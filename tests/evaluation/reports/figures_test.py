import re
from xml.etree import ElementTree

import numpy as np
import pytest

from dagan_jax.evaluation.reports.figures import draw_curve, draw_histogram

SVG = '{http://www.w3.org/2000/svg}'


def parse(drawn):
  return ElementTree.fromstring(
    drawn.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
  )


def test_bars_are_as_high_as_examples_are_many():
  drawn = parse(draw_histogram(np.array([0.0, 0.1, 0.9, 1.0]), 'y < 1'))
  heights = [float(bar.get('height')) for bar in drawn.iter(f'{SVG}rect')]
  assert max(heights) == 104 and sum(heights) == 2 * 104
  texts = [text.text for text in drawn.iter(f'{SVG}text')]
  assert texts == ['0', '1', 'value', '0', '2', 'y < 1']


def test_one_value_is_one_bar():
  bars = list(parse(draw_histogram(np.array([3.0]), 'y')).iter(f'{SVG}rect'))
  assert len(bars) == 1


def test_a_curve_goes_from_its_least_to_its_largest_value_with_gaps():
  values = np.array([1.0, 2.0, np.nan, 3.0, 5.0])
  *_, line = parse(draw_curve(values, 'y', 'x')).iter(f'{SVG}path')
  moves = re.findall(r'([ML])([\d.]+) ([\d.]+)', line.get('d'))
  assert [pen for pen, _, _ in moves] == ['M', 'L', 'M', 'L']
  heights = [float(y) for _, _, y in moves]
  assert heights == pytest.approx([120, 94, 68, 16])


def test_a_level_curve_lies_half_way_up():
  drawn = parse(draw_curve(np.ones(3), 'y', 'x'))
  *_, line = drawn.iter(f'{SVG}path')
  assert set(re.findall(r' ([\d.]+)', line.get('d'))) == {'68.0'}
  texts = [text.text for text in drawn.iter(f'{SVG}text')]
  assert texts[3:5] == ['0.5', '1.5']
