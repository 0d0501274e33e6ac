from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_pipelines.media.constant_rate import at_rate


def timed(*milliseconds, last=40):
  """Items that are called after the times at which they appear."""
  ends = [*milliseconds[1:], milliseconds[-1] + last]
  return [
    (Fraction(begin, 1000), Fraction(end - begin, 1000), begin)
    for begin, end in zip(milliseconds, ends, strict=True)
  ]


def test_a_video_of_that_rate_is_left_as_it_is():
  assert list(at_rate(timed(0, 40, 80, 120), Fraction(25))) == [0, 40, 80, 120]


@pytest.mark.parametrize('rate', [Fraction(30), Fraction(30000, 1001)])
def test_times_rounded_to_milliseconds_neither_repeat_nor_drop(rate):
  shown = [round(1000 * k / rate) for k in range(300)]
  assert list(at_rate(timed(*shown, last=33), rate)) == shown


def test_a_slower_video_repeats_and_a_faster_one_drops():
  slow, fast = timed(0, 80, 160, last=80), timed(*range(0, 240, 20), last=20)
  assert list(at_rate(slow, Fraction(25))) == [0, 0, 80, 80, 160, 160]
  assert list(at_rate(fast, Fraction(25))) == [0, 40, 80, 120, 160, 200]


def test_a_frame_stays_until_the_next_one_comes():
  uneven = timed(0, 40, 200, 230, 240)
  expected = [0, 40, 40, 40, 40, 200, 240]
  assert list(at_rate(uneven, Fraction(25))) == expected


def test_the_first_frame_is_shown_before_it_appears():
  assert list(at_rate(timed(80, 120), Fraction(25))) == [80, 80, 80, 120]


def test_nothing_comes_of_nothing():
  assert list(at_rate([], Fraction(25))) == []


def test_an_interval_ends_before_the_rest_is_read():
  def endless():
    yield from timed(*range(0, 400, 40))
    raise AssertionError('read on')

  picked = at_rate(endless(), Fraction(25), Fraction(1, 10), Fraction(3, 10))
  assert list(picked) == [80, 120, 160, 200, 240]


@given(
  st.lists(st.integers(1, 300), min_size=1, max_size=30),
  st.sampled_from([Fraction(10), Fraction(25), Fraction(60)]),
)
def test_as_many_ticks_as_the_video_is_long(gaps, rate):
  times = [sum(gaps[:index]) for index in range(len(gaps))]
  picked = list(at_rate(timed(*times, last=gaps[-1]), rate))
  assert abs(len(picked) - sum(gaps) * rate / 1000) <= 1
  assert picked == sorted(picked)
