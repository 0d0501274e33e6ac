"""All that a speaker does besides the mouth: head, brows, lids and eyes."""

import numpy as np
import pytest

from data_pipelines.media.voice import FRAME, FRAME_RATE
from data_pipelines.speech.prosody import find_phrases, hear_prosody
from data_pipelines.synthetic.blinks import ENDS, blink
from data_pipelines.synthetic.speaking import head_motion
from data_pipelines.synthetic.speaking.coarticulation import frame_times
from data_pipelines.synthetic.speaking.eyes import WIDEST, look_around
from data_pipelines.synthetic.speaking.head_motion import move_head
from data_pipelines.synthetic.speaking.speaker import perform_phones
from data_pipelines.synthetic.speech import NUMBERS
from tests.support.made_speech import phones_of, say_letters

SPOKEN = say_letters('nobody moves the small boat ' * 4)
COUNT = len(SPOKEN.wave) // FRAME
WAVE = SPOKEN.wave[: COUNT * FRAME]
ONE = perform_phones(WAVE, SPOKEN.phones, 0)
MINUTE = frame_times(60 * FRAME_RATE)
SEEDS = range(6)


def test_the_same_seed_performs_the_same_and_another_moves_otherwise():
  again, other = (perform_phones(WAVE, SPOKEN.phones, seed) for seed in (0, 1))
  for one, same in zip(ONE, again, strict=True):
    np.testing.assert_array_equal(one, same)
  assert np.abs(ONE.turns - other.turns).mean() > 1
  assert np.abs(ONE.gaze - other.gaze).max() > 0.01


def test_head_and_mouth_never_exceed_their_limits_nor_jump():
  for seed in SEEDS:
    found = perform_phones(WAVE, SPOKEN.phones, seed)
    assert (np.abs(found.turns) <= head_motion.TURNS).all()
    assert (np.abs(found.shifts) <= head_motion.SHIFTS).all()
    assert np.abs(np.diff(found.turns, axis=0)).max() < 4
    assert (found.expression >= 0).all() and (found.expression <= 1).all()


def test_a_face_keeps_its_lasting_expression_in_silence():
  wave = np.zeros(4 * FRAME_RATE * FRAME, np.float32)
  for seed in SEEDS:
    found = perform_phones(wave, phones_of(' ', 4.0), seed).expression.copy()
    found[:, [NUMBERS['eyeBlinkLeft'], NUMBERS['eyeBlinkRight']]] = 0
    assert not np.ptp(found, axis=0).any()


def test_stresses_are_nodded():
  prosody = hear_prosody(WAVE, SPOKEN.phones)
  spread = np.zeros(2)
  for seed in SEEDS:
    plain = prosody._replace(
      stress=np.zeros_like(prosody.stress), pitch=np.zeros_like(prosody.pitch)
    )
    nodding, still = (
      move_head(each, find_phrases(SPOKEN.phones), (seed,)).turns[:, 1]
      for each in (prosody, plain)
    )
    spread += [np.abs(np.diff(nodding)).mean(), np.abs(np.diff(still)).mean()]
  assert spread[0] > 1.2 * spread[1]


def test_eyes_stay_within_limits_and_mostly_on_the_camera():
  near = []
  for seed in SEEDS:
    gaze = np.degrees(look_around(MINUTE, [(5, 9), (30, 40)], (seed,)).gaze)
    assert (np.abs(gaze) <= np.array(WIDEST) + 1e-4).all()
    near.append((np.hypot(*gaze.T) < 3).mean())
  assert 0.5 < np.mean(near) < 0.9


def test_gaze_rests_in_fixations_and_moves_on_quickly():
  gaze = np.degrees(look_around(MINUTE, [], (1,)).gaze)
  moves = np.hypot(*np.diff(gaze, axis=0).T) > 1e-4
  assert 0.03 < moves.mean() < 0.3
  assert not (moves[:-3] & moves[1:-2] & moves[2:-1] & moves[3:]).any()


def test_a_blink_shuts_the_lids_and_opens_them_again():
  shut = blink(MINUTE, (3,), (10.0,))
  inside = (MINUTE >= 10.0) & (MINUTE <= 10.0 + ENDS)
  assert shut[inside].max() == pytest.approx(1, abs=0.05)
  begins = np.flatnonzero(np.diff((shut > 0.5).astype(int)) == 1)
  assert 8 < len(begins) < 40
  assert not shut[np.searchsorted(MINUTE, 10.0 + ENDS)]
