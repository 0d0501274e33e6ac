"""What is heard of a mouth, of vowels made of a buzz and its resonances."""

import numpy as np
import pytest

from data_pipelines.media.articulation import listen
from data_pipelines.media.voice_activity import VoiceActivity
from tests.support.spoken_sounds import RATE, speak

WORDS = ['', '', 'ah', 'ee', 'oo', 'ah', 's', 'ee', 'oo', 'ah', 'ee', '', '']
VOICE = speak(WORDS)
HEARD = listen([VOICE])
PER_WORD = 5  # frames


def during(values, word: str) -> np.ndarray:
  """Values in the middle frame of every such word."""
  middles = PER_WORD * np.arange(len(WORDS)) + PER_WORD // 2
  return values[middles][np.array(WORDS) == word]


def test_a_voice_is_told_from_silence_and_from_noise():
  assert (during(HEARD.speaking, '')[[0, 1, -1]] < 0.1).all()
  assert (during(HEARD.speaking, 'ah') > 0.9).all()
  noise = 0.1 * np.random.default_rng(0).standard_normal(2 * RATE)
  assert not listen([np.float32(noise)]).level.any()


def test_it_does_not_matter_in_which_pieces_a_sound_comes():
  pieces = np.split(VOICE, [1, 700, 701, 9000, 20000])
  for one, other in zip(HEARD, listen(pieces), strict=True):
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_quiet_recording_is_heard_as_a_loud_one():
  quiet = listen([0.2 * VOICE])
  loud = HEARD.level > 0.5
  np.testing.assert_allclose(quiet.level[loud], HEARD.level[loud], atol=0.1)
  assert (during(quiet.open, 'ah') > 0.9).all()


def test_vowels_differ_in_how_open_and_how_far_in_front_they_are():
  assert during(HEARD.open, 'ah').min() > during(HEARD.open, 'ee').max() + 0.5
  assert during(HEARD.open, 'ah').min() > during(HEARD.open, 'oo').max() + 0.5
  assert during(HEARD.front, 'ee').min() > during(HEARD.front, 'oo').max() + 0.5


def test_a_hiss_is_none_of_the_vowels():
  assert during(HEARD.hiss, 's').min() > 0.6
  assert max(during(HEARD.hiss, word).max() for word in ('ah', 'oo')) < 0.1


@pytest.mark.parametrize('samples', [0, 1, 639, 640, 641, 6400])
def test_every_begun_frame_counts_and_silence_is_silent(samples):
  heard = listen([np.zeros(samples, np.float32)])
  assert {len(values) for values in heard} == {-(-samples // 640)}
  assert not any(values.any() for values in heard)


def test_what_is_left_over_of_a_voice_is_heard_as_well():
  activity = VoiceActivity()
  shares = [*activity.add(VOICE[:1000]), *activity.add(VOICE[1000:1100])]
  assert len(shares) == 2
  assert len(activity.end()) == 1 and not len(activity.end())
