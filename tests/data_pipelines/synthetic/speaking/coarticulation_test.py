"""How a mouth moves in speech, as phones tell."""

import numpy as np
import pytest

from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.speech.phones import BILABIAL, Phone, during
from data_pipelines.synthetic.anatomy import EXPRESSIONS, anatomy
from data_pipelines.synthetic.speaking.coarticulation import (
  LEAST_CLOSURE,
  REACH,
  ROUNDING_REACH,
  frame_times,
  move_mouth,
)
from data_pipelines.synthetic.speech import NUMBERS
from tests.support.made_speech import phones_of

TEXT = '      mapa sin bobu fiva tipusa   apapa ubumu kiɡa       '
PHONES = phones_of(TEXT, 0.08)
TIMES = frame_times(round(0.08 * len(TEXT) * FRAME_RATE))
MOUTH = move_mouth(PHONES, TIMES)
ABOVE, BELOW = [61, 62, 63], [67, 66, 65]  # landmarks of lips' inner edges


def lip_gap(weights):
  """Millimetres (n,) between the shared head's lips, beyond those at rest."""
  shared = anatomy()
  moves = np.zeros((len(EXPRESSIONS), len(shared.base)))
  for number, (vertices, by) in enumerate(shared.expressions):
    moves[number, vertices] = by[:, 1]
  moves = moves[:, shared.landmarks]
  return weights @ (moves[:, BELOW] - moves[:, ABOVE]).mean(1)


def test_lips_are_shut_in_every_frame_of_a_bilabial():
  shut = during(PHONES, TIMES, BILABIAL)
  assert shut.sum() > 15
  assert lip_gap(MOUTH)[shut].max() < -1


@pytest.mark.parametrize('shift', np.linspace(0, 1 / FRAME_RATE, 9))
def test_the_shortest_bilabial_is_seen_in_one_frame_at_least(shift):
  start = 1.0 + shift
  phones = [
    Phone('a', 0, start),
    Phone('b', start, start + 0.005),
    Phone('a', start + 0.005, 3),
  ]
  gap = lip_gap(move_mouth(phones, frame_times(60)))
  assert gap.min() < -1
  assert LEAST_CLOSURE > 1 / FRAME_RATE


def test_the_mouth_is_still_and_shut_in_silence():
  speaking = during(PHONES, TIMES)
  wide = round(ROUNDING_REACH * FRAME_RATE) + 1
  near = np.convolve(speaking, np.ones(2 * wide + 1), 'same') > 0
  assert (~near).sum() > 10
  assert not MOUTH[~near].any()


def test_open_vowels_drop_the_jaw_and_round_ones_the_lips():
  def middle(letter, name):
    mouth = move_mouth(phones_of(f' {letter} ', 0.3), frame_times(22))
    return mouth[11, NUMBERS[name]]

  assert middle('a', 'jawOpen') > 2 * middle('i', 'jawOpen')
  assert middle('u', 'mouthPucker') > 0.4 > middle('i', 'mouthPucker')
  assert middle('i', 'mouthSmileLeft') > 0.1 > middle('u', 'mouthSmileLeft')


def test_lips_are_rounded_before_a_round_vowel_is_heard():
  spread, rounded = (
    move_mouth(phones_of(f' is{vowel} ', 0.1), frame_times(12))
    for vowel in 'iu'
  )
  before = round(2.5 * 0.1 * FRAME_RATE)  # in the middle of s
  pucker = NUMBERS['mouthPucker']
  assert rounded[before, pucker] > spread[before, pucker] + 0.1


def test_a_phone_far_away_changes_nothing():
  far = round(0.7 * FRAME_RATE)
  one, other = (
    move_mouth(phones_of(f'{"a" * 9}{last}', 0.1), frame_times(25))
    for last in 'pu'
  )
  np.testing.assert_array_equal(one[:far], other[:far])
  assert REACH < 0.2


def test_a_mouth_moves_smoothly_and_within_its_limits():
  assert (MOUTH >= 0).all() and (MOUTH <= 1).all()
  assert np.abs(np.diff(MOUTH, axis=0)).max() < 0.5


def test_effort_opens_vowels_and_leaves_lips_shut():
  efforts = np.full(len(PHONES), 0.5)
  quiet = move_mouth(PHONES, TIMES, efforts)
  jaw = NUMBERS['jawOpen']
  vowels = during(PHONES, TIMES, 'a')
  assert quiet[vowels, jaw].mean() < 0.7 * MOUTH[vowels, jaw].mean()
  assert lip_gap(quiet)[during(PHONES, TIMES, BILABIAL)].max() < -1


def test_a_diphthong_is_two_vowels():
  one = move_mouth([Phone('aɪ', 0, 1)], frame_times(25))
  two = move_mouth([Phone('a', 0, 0.5), Phone('ɪ', 0.5, 1)], frame_times(25))
  np.testing.assert_allclose(one, two, atol=1e-6)
