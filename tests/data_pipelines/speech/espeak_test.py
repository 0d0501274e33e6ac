"""When espeak-ng's stops begin, on a made-up sound."""

import numpy as np
import pytest

from data_pipelines.speech.espeak import shut_stops

RATE = 16_000
RNG = np.random.default_rng(0)


def sound(*parts: tuple[float, float]) -> np.ndarray:
  """Noise of so many seconds, so loud, one part after another."""
  return np.concatenate(
    [
      loudness * RNG.standard_normal(round(seconds * RATE))
      for seconds, loudness in parts
    ]
  )


def seconds(phones) -> list[tuple[str, float, float]]:
  return [(name, start / RATE, end / RATE) for name, start, end in phones]


def told(*ends: tuple[str, float]):
  """Phones by their names and ends in seconds."""
  starts = [0.0, *(end for _, end in ends)]
  return [
    (name, start * RATE, end * RATE)
    for (name, end), start in zip(ends, starts, strict=False)
  ]


def test_a_stop_is_the_quiet_before_its_burst():
  wave = sound((0.2, 0.3), (0.06, 1e-4), (0.04, 0.1), (0.2, 0.3))
  phones = told(('a', 0.26), ('p', 0.3), ('a', 0.5))
  found = seconds(shut_stops(phones, wave, RATE))
  assert [name for name, *_ in found] == ['a', 'p', 'a']
  assert found[1][1:] == pytest.approx((0.2, 0.27), abs=0.008)
  assert found[0][2] == found[1][1]
  assert found[2] == ('a', found[1][2], 0.5)


def test_an_affricate_keeps_its_end():
  wave = sound((0.2, 0.3), (0.05, 1e-4), (0.08, 0.1), (0.2, 0.3))
  phones = told(('a', 0.25), ('tʃ', 0.33), ('a', 0.53))
  found = seconds(shut_stops(phones, wave, RATE))
  assert found[1][1:] == pytest.approx((0.2, 0.33), abs=0.008)


def test_a_stop_after_silence_shuts_a_moment_before():
  wave = sound((0.2, 1e-5), (0.04, 0.1), (0.2, 0.3))
  phones = told(('', 0.2), ('b', 0.24), ('a', 0.44))
  assert seconds(shut_stops(phones, wave, RATE))[1][1] == pytest.approx(0.15)


def test_sounds_without_stops_stay_as_they_are():
  wave = sound((0.5, 0.3))
  phones = told(('', 0.1), ('m', 0.2), ('a', 0.5))
  assert shut_stops(phones, wave, RATE) == phones


def test_a_stop_leaves_something_to_the_sound_before():
  wave = sound((0.03, 1e-4), (0.04, 0.1), (0.2, 0.3))
  phones = told(('s', 0.03), ('t', 0.07), ('a', 0.27))
  assert seconds(shut_stops(phones, wave, RATE))[0][2] >= 0.4 * 0.03
