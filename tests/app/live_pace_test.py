import pytest

from dagan_jax.app import live_pace
from dagan_jax.app.live_pace import Pace


@pytest.fixture
def clock(monkeypatch):
  class Clock:
    now = 100.0

  monkeypatch.setattr(live_pace.time, 'perf_counter', lambda: Clock.now)
  return Clock


def test_rate_and_delays_are_told(clock):
  pace = Pace()
  for number in range(101):
    clock.now = 100 + 0.04 * number
    pace.note(clock.now - (0.2 if number % 10 == 0 else 0.03))
  assert pace.describe_all(7) == (
    '101 frames shown, 7 dropped, 25.0 a second; 30 ms late, 95 % within 200 ms'
  )
  assert pace.describe_now(7) == '25.0 frames/s, 30 ms late, 7 dropped'


def test_news_come_once_a_second(clock):
  pace, told = Pace(), 0
  for number in range(76):
    clock.now = 100 + 0.04 * number
    pace.note(clock.now)
    told += pace.is_news()
  assert told == 4


def test_nothing_is_nothing():
  assert Pace().describe_all(0).startswith('0 frames shown, 0 dropped, 0.0')
