"""How loud and how high a voice is."""

import numpy as np
import pytest

from data_pipelines.media.voice import FRAME, FRAME_RATE
from data_pipelines.media.waveform import RATE
from data_pipelines.speech.phones import Phone
from data_pipelines.speech.prosody import (
  find_phrases,
  find_pitch,
  find_stresses,
  hear_prosody,
)

COUNT = 3 * FRAME_RATE
TIME = np.arange(COUNT * FRAME) / RATE
PHONES = (Phone('', 0, 0.5), Phone('a', 0.5, 2.5), Phone('', 2.5, 3.0))


def buzz(hertz, loudness=1.0):
  phase = np.cumsum(np.broadcast_to(hertz, TIME.shape)) / RATE
  parts = [np.cos(2 * np.pi * k * phase) / k for k in range(1, 8)]
  return np.float32(0.1 * loudness * sum(parts))


@pytest.mark.parametrize('hertz', [90.0, 140.0, 250.0])
def test_the_pitch_of_a_buzz_is_found(hertz):
  found = find_pitch(buzz(hertz))
  assert found[5:-5] == pytest.approx(hertz, rel=0.03)


def test_noise_and_silence_have_no_pitch():
  noise = np.random.default_rng(0).standard_normal(len(TIME)) * 0.1
  assert np.isnan(find_pitch(np.zeros(len(TIME)))).all()
  assert np.isnan(find_pitch(noise)).mean() > 0.9


def test_what_is_louder_or_higher_than_around_is_stressed():
  moment = np.exp(-(((TIME - 1.5) / 0.1) ** 2))
  for wave in (buzz(120.0, 0.3 + 0.7 * moment), buzz(120 * (1 + 0.4 * moment))):
    prosody = hear_prosody(wave, PHONES)
    number, strength = max(find_stresses(prosody), key=lambda pair: pair[1])
    assert number / FRAME_RATE == pytest.approx(1.5, abs=0.12)
    assert strength > 0.15


def test_silence_has_no_level_and_no_stress():
  prosody = hear_prosody(np.zeros(len(TIME), np.float32), PHONES[:1])
  assert not prosody.level.any()
  assert not find_stresses(prosody)


def test_phrases_end_at_long_pauses_alone():
  phones = [
    Phone('a', 0, 1), Phone('', 1, 1.1), Phone('b', 1.1, 2), Phone('', 2, 2.5),
    Phone('a', 2.5, 3),
  ]  # fmt: skip
  assert find_phrases(phones) == [(0, 2), (2.5, 3)]
