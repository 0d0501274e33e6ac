from fractions import Fraction

import numpy as np
import pytest

from data_pipelines.media.constant_rate import NEAREST, at_rate
from data_pipelines.media.timing import STILL_RATE, find_timing

MS = Fraction(1, 1000)
NTSC = Fraction(30000, 1001)


def even(rate, count, start=0):
  """Times of so many frames in whole milliseconds."""
  return [start + round(1000 * k / rate) for k in range(count)]


def seen(times, timing):
  """Which frames are shown at the ticks of a timing's rate."""
  begins = [(time - times[0]) * MS for time in times]
  lasts = [*np.diff(begins), timing.duration - begins[-1]]
  timed = zip(begins, lasts, range(len(times)), strict=True)
  return [*at_rate(timed, timing.rate, slack=NEAREST)]


@pytest.mark.parametrize('rate', [10, 12.5, 24, 25, NTSC, 30, 50, 60, 240])
@pytest.mark.parametrize('announced', [[], [Fraction(1000)], [Fraction(1)]])
def test_even_times_tell_their_rate_whatever_is_announced(rate, announced):
  timing = find_timing(even(rate, 300, start=70), MS, 0, announced)
  assert float(timing.rate) == pytest.approx(float(rate), rel=3e-4)
  assert timing.start == 70 * MS
  assert timing.frames == 300


def test_a_rate_that_agrees_with_rounded_times_is_taken_exactly():
  for announced in ([NTSC], []):
    assert find_timing(even(NTSC, 90), MS, 0, announced).rate == NTSC


UNEVEN = {
  'a burst among stills': [*even(60, 40), 2000, 3000, 4000],
  'a screen that moves now and then': [0, 40, 80, 200, 220, 240, 400],
  'a dropped frame now and then': [t for t in even(30, 300) if t % 7],
  'stills': [0, 2000, 4000, 9000],
}


@pytest.mark.parametrize('name', UNEVEN)
def test_at_the_rate_every_frame_is_seen(name):
  times = UNEVEN[name]
  timing = find_timing(times, MS, 0, [Fraction(1000)])
  shown = seen(times, timing)
  assert set(shown) == set(range(len(times)))
  assert abs(len(shown) - timing.frames) <= 1
  assert timing.rate <= 60


def test_cameras_that_jitter_keep_their_rate():
  lot = np.random.default_rng(0).normal(0, 3, 300).round().astype(int)
  times = [t + int(d) for t, d in zip(even(30, 300), lot, strict=True)]
  timing = find_timing(times, MS, 0, [Fraction(1000)])
  assert float(timing.rate) == pytest.approx(30, rel=1e-2)
  assert len(set(seen(times, timing))) >= 297


def test_one_frame_and_none_have_a_rate_and_a_length():
  for times in ([], [40]):
    timing = find_timing(times, MS, 0, [Fraction(1000), Fraction(50)])
    assert timing.rate == 50 and timing.frames == 1
    assert find_timing(times, MS).rate == STILL_RATE
