"""Mouth, lids and head of somebody who speaks what is heard."""

import numpy as np
import pytest

from data_pipelines.media.articulation import Articulation, listen
from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.synthetic.acting import ActedVideo
from data_pipelines.synthetic.head import eye_axes
from data_pipelines.synthetic.lip_sync import move_lips
from data_pipelines.synthetic.performance import (
  SHIFTS,
  TURNS,
  Performance,
  perform,
  rest,
)
from data_pipelines.synthetic.render import rotation
from data_pipelines.synthetic.speech import NUMBERS
from tests.support.spoken_sounds import speak

WORDS = [*6 * [''], *3 * ['ah', 'ee', 'oo', 's', 'ah', 'oo'], *8 * ['']]
HEARD = listen([speak(WORDS)])
PER_WORD = 5  # frames
LIPS = move_lips(HEARD)
MINUTE = Articulation(*np.full((5, 60 * FRAME_RATE), 0.5, np.float32))
SEEDS = range(4)


def during(name: str, word: str) -> float:
  """The mean weight of an expression in the middles of a word."""
  middles = PER_WORD * np.arange(len(WORDS)) + PER_WORD // 2
  return LIPS[middles[np.array(WORDS) == word], NUMBERS[name]].mean()


def test_in_silence_the_mouth_is_shut():
  spoken = np.flatnonzero(HEARD.speaking > 0.1)
  silent = np.ones(len(LIPS), bool)
  silent[spoken.min() - 2 : spoken.max() + 3] = False
  assert silent.sum() > 40
  assert not LIPS[silent].any()


def test_vowels_have_their_shapes():
  assert during('jawOpen', 'ah') > 1.5 * during('jawOpen', 'ee')
  assert during('jawOpen', 'ah') > 1.5 * during('jawOpen', 'oo')
  assert during('mouthPucker', 'oo') > 3 * during('mouthPucker', 'ah')
  assert during('mouthSmileLeft', 'ee') > 3 * during('mouthSmileLeft', 'oo')
  assert during('mouthStretchLeft', 's') > during('mouthStretchLeft', 'ah')


def test_a_louder_sound_opens_the_mouth_further():
  quiet = HEARD._replace(level=0.6 * HEARD.level)
  assert move_lips(quiet).sum() < 0.8 * LIPS.sum()


def test_lips_are_quick_but_do_not_jump():
  assert np.abs(np.diff(LIPS, axis=0)).max() < 0.35
  assert (LIPS >= 0).all() and (LIPS <= 1).all()


def test_a_short_pause_within_a_word_shuts_the_lips():
  level = np.ones(40, np.float32)
  level[20:22] = 0.1
  spoken = MINUTE._replace(
    **{n: np.ones(40, np.float32) for n in MINUTE._fields}
  )
  spoken = spoken._replace(level=level, hiss=np.zeros(40, np.float32))
  lips = move_lips(spoken)
  jaw, press = NUMBERS['jawOpen'], NUMBERS['mouthPressLeft']
  assert lips[20:22, jaw].max() < 0.5 * lips[10, jaw]
  assert lips[20:22, press].min() > lips[10, press] + 0.1


def test_a_seed_gives_its_performance_again_and_another_moves_otherwise():
  one, again, other = (perform(HEARD, seed) for seed in (3, 3, 4))
  for a, b in zip(one, again, strict=True):
    np.testing.assert_array_equal(a, b)
  assert np.abs(one.turns - other.turns).max() > 0.5
  np.testing.assert_array_equal(
    *(p.expression[:, NUMBERS['jawOpen']] for p in (one, other))
  )


@pytest.mark.parametrize('seed', SEEDS)
def test_heads_stay_within_bounds_and_move_smoothly(seed):
  performance = perform(MINUTE, seed)
  for values, bounds in (
    (performance.turns, TURNS),
    (performance.shifts, SHIFTS),
  ):
    assert (np.abs(values) <= np.array(bounds) + 1e-6).all()
    assert (values.std(0) > np.array(bounds) / 20).all()
  assert np.abs(np.diff(performance.turns, axis=0)).max() < 2


def test_people_blink_some_15_times_a_minute_and_not_at_the_start():
  counts = []
  for seed in SEEDS:
    lids = perform(MINUTE, seed).expression[:, NUMBERS['eyeBlinkLeft']]
    shut = lids > 0.5
    counts.append(np.sum(shut[1:] & ~shut[:-1]))
    assert lids.max() == 1 and not lids[:FRAME_RATE].any()
    assert 0.04 < lids.mean() * 60 / counts[-1] < 0.3  # seconds of a blink
  assert 10 <= np.mean(counts) <= 22


def test_nods_go_with_what_is_stressed():
  level = np.full(200, 0.3, np.float32)
  level[100:105] = 1
  spoken = Articulation(*np.ones((5, 200), np.float32))._replace(level=level)
  plain = spoken._replace(level=np.full(200, 0.3, np.float32))
  nod = perform(spoken, 0).turns[:, 1] - perform(plain, 0).turns[:, 1]
  assert 95 <= nod.argmax() <= 110 and nod.max() > 0.5


def test_lids_follow_the_gaze_but_a_blink_shuts_them():
  down = rest()._replace(gaze=np.float32([[0, 0.3]]))
  lids = down.moment(0).expression[NUMBERS['eyeLookDownLeft']]
  assert lids > 0.5
  shut = down.expression.copy()
  shut[0, [NUMBERS['eyeBlinkLeft'], NUMBERS['eyeBlinkRight']]] = 1
  moment = down._replace(expression=shut).moment(0)
  assert moment.expression[NUMBERS['eyeLookDownLeft']] == 0
  assert moment.expression[NUMBERS['eyeBlinkLeft']] == 1


def test_acted_frames_come_again_and_show_what_is_acted():
  expression = np.zeros((3, 52), np.float32)
  expression[1, NUMBERS['jawOpen']] = 0.8
  still = np.zeros((3, 3), np.float32)
  acted = Performance(still, still, expression, still[:, :2])
  video = ActedVideo(acted, 48)
  frames = np.stack([*video])
  assert frames.shape == (len(video), 48, 48, 3)
  np.testing.assert_array_equal(frames, np.stack([*video]))
  np.testing.assert_array_equal(frames[0], frames[2])
  (neutral,) = ActedVideo(rest(), 48)
  np.testing.assert_array_equal(frames[0], neutral)
  changed = np.abs(frames[1].astype(int) - frames[0]).sum(-1) > 60
  assert changed.any() and not changed[:24].any()  # below the eyes


def test_eyes_look_where_they_are_told_however_the_head_turns_and_leans():
  rng = np.random.default_rng(0)
  count = 40
  gaze = np.radians(rng.uniform(-25, 25, (count, 2)))
  gaze[:10] = 0  # into the camera
  shown = rest()._replace(
    turns=rng.uniform(-25, 25, (count, 3)),
    shifts=np.zeros((count, 3)),
    expression=np.zeros((count, 52)),
    gaze=gaze,
  )
  for number in range(count):
    right, down = shown.moment(number).gaze.mean(0)
    turned = rotation(*shown.turns[number])
    found = turned @ -np.cross(*eye_axes(right, down))
    wanted = -np.cross(*eye_axes(*gaze[number]))
    np.testing.assert_allclose(found, wanted, atol=1e-6)
