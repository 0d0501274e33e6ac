"""Somebody who talks for a while, without a synthesiser."""

import itertools

import numpy as np
import pytest

from data_pipelines.media.waveform import RATE
from data_pipelines.speech import monologue
from data_pipelines.speech.monologue import record, talk
from data_pipelines.speech.voices import draw_voice
from tests.support.made_speech import say_letters

SECONDS = 4.0
INDICES = range(40)


@pytest.fixture(autouse=True)
def spoken(monkeypatch):
  monkeypatch.setattr(monologue, 'speak', say_letters)


def test_a_monologue_is_as_long_as_asked_for():
  said = talk(3, 'train', SECONDS)
  assert len(said.wave) == SECONDS * RATE
  assert said.phones[0].start == 0
  assert said.phones[-1].end == pytest.approx(SECONDS)


def test_phones_follow_one_another_without_gaps():
  phones = talk(3, 'train', SECONDS).phones
  for one, other in itertools.pairwise(phones):
    assert one.end == other.start
    assert one.start < one.end


def test_an_index_says_the_same_every_time_and_others_say_else():
  one, again, other = (talk(k, 'train', SECONDS) for k in (1, 1, 2))
  np.testing.assert_array_equal(one.wave, again.wave)
  assert one[1:] == again[1:]
  assert one.text != other.text


def test_held_out_speakers_have_voices_that_nobody_learns_from():
  learnt, held_out = (
    {draw_voice(k, split).manner.voice.split('+')[-1] for k in INDICES}
    for split in ('train', 'test')
  )
  assert not learnt & held_out


def test_a_thousand_speakers_to_learn_from_have_hundreds_of_voices():
  voices = {draw_voice(k, 'train').manner.voice for k in range(1000)}
  assert len(voices) > 300


def test_a_recording_is_no_longer_and_never_clips():
  wave = np.float32(np.sin(np.arange(RATE) / 20))
  for seed in range(8):
    heard = record(wave, (seed,))
    assert heard.shape == wave.shape
    assert np.abs(heard).max() <= 1
    assert heard.std() > 0.01
