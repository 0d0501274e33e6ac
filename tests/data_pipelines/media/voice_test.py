import tracemalloc

import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.voice import (
  FRAME,
  Voice,
  expression_windows,
  hear,
  pose_conditions,
  read_voice,
)
from tests.reference import recorded
from tests.support import beeps


def made_up_sound():
  """Noise, in which a tone begins after 0.1 s and rises; 10.2 frames."""
  time = np.arange(6500) / 16000
  noise = 0.02 * np.random.default_rng(0).standard_normal(6500)
  tone = 0.2 * np.sin(2 * np.pi * (150 + 900 * time) * time) * (time > 0.1)
  return np.float32(tone + noise)


def numbered(frames=200):
  """A voice whose rows say their numbers."""
  rows = [np.arange(1 + 16 * frames // 5), np.arange(1 + 4 * frames)]
  return Voice(frames, *(np.tile(row[:, None], (1, 80)) for row in rows))


@pytest.mark.parametrize('spectrum', ['mel_80', 'mel_100'])
def test_mel_spectra_are_those_of_librosa(spectrum):
  found = getattr(hear([made_up_sound()]), spectrum)
  expected = recorded.arrays('mel')[spectrum]
  assert found.dtype == np.float32
  np.testing.assert_allclose(found, expected, atol=2e-5)


@pytest.mark.parametrize('size', [1, 7, 639, 641, 5000])
def test_in_which_pieces_a_sound_comes_changes_nothing(size):
  wave = made_up_sound()[: 3 * FRAME]
  pieces = [wave[i : i + size] for i in range(0, len(wave), size)]
  for whole, found in zip(hear([wave]), hear(pieces), strict=True):
    np.testing.assert_allclose(found, whole, atol=1e-5)


def test_eight_seconds_are_200_frames_with_641_and_801_rows():
  voice = hear([np.zeros(8 * 16000 + 639, np.float32)])
  assert voice.frames == 200
  assert voice.mel_80.shape == (641, 80) and voice.mel_100.shape == (801, 80)


def test_silence_is_the_lowest_of_both_spectra():
  voice = hear([np.zeros(16000, np.float32)])
  assert (voice.mel_80 == -4).all() and (voice.mel_100 == 0).all()


def test_how_loud_a_sound_is_changes_the_spectrum_of_80_rows_only():
  loud, quiet = hear([made_up_sound()]), hear([made_up_sound() / 4])
  np.testing.assert_allclose(quiet.mel_100, loud.mel_100, atol=1e-5)
  inner = abs(loud.mel_80) < 3  # is not clipped
  drop = (loud.mel_80 - quiet.mel_80)[inner]
  np.testing.assert_allclose(drop, 8 * 20 * np.log10(4) / 100, atol=1e-4)


def test_expressions_listen_from_two_frames_before_for_a_fifth_of_a_second():
  windows = expression_windows(numbered(), np.array([2, 3, 102]))
  assert windows.shape == (3, 80, 16)
  np.testing.assert_array_equal(windows[:, 0, 0], [0, 3, 320])
  np.testing.assert_array_equal(windows[2, 5], np.arange(320, 336))


def test_beyond_its_ends_a_sound_goes_on_as_its_first_and_last_row():
  first, last = expression_windows(numbered(), np.array([0, 199]))
  np.testing.assert_array_equal(first[0], [0] * 6 + list(range(10)))
  np.testing.assert_array_equal(last[0], [*range(630, 641), *[640] * 5])


def test_head_motion_listens_to_its_own_frame():
  conditions = pose_conditions(numbered(), np.array([0, 199]))
  assert conditions.shape == (2, 320)
  times = conditions.reshape(2, 4, 80)[..., 0]
  np.testing.assert_array_equal(times, [range(4), range(796, 800)])


def test_wrapped_head_motion_hears_the_begin_again_in_the_last_fifth():
  conditions = pose_conditions(numbered(), np.array([0, 160, 199]), 'wrapped')
  times = conditions.reshape(3, 4, 80)[..., 0]
  expected = [range(4), [640, 0, 1, 2], range(155, 159)]
  np.testing.assert_array_equal(times, expected)


def test_a_files_voice_is_that_of_its_samples(tmp_path):
  path = beeps.record(tmp_path / 'a.wav', 'pcm_s16le', picture=0, sound=0.6)
  voice = read_voice(path)
  assert voice.frames == 15
  beep = voice.mel_80.max(1) > 0
  assert np.flatnonzero(beep)[0] == pytest.approx(80 * beeps.BEEP, abs=5)


def test_a_frame_that_a_sound_only_begins_is_filled_up_with_silence(tmp_path):
  path = beeps.record(tmp_path / 'a.wav', 'pcm_s16le', picture=0, sound=0.61)
  assert read_voice(path).frames == 16


def test_a_sound_in_which_nobody_can_say_anything_is_one_clear_line(tmp_path):
  path = beeps.record(tmp_path / 'a.wav', 'pcm_s16le', picture=0, sound=0.13)
  with pytest.raises(DataError, match=r'\A[^\n]+less than 0.2 s[^\n]+\Z'):
    read_voice(path)


def test_spectra_of_a_long_sound_are_hardly_more_than_what_is_kept():
  second = np.tile(made_up_sound()[:4000], 4)

  def peak(seconds):
    tracemalloc.start()
    hear(second for _ in range(seconds))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most

  kept = 4 * 80 * (80 + 100)  # bytes of the spectra of a second
  # Counted with both places of what grows, and moves for it.
  assert (peak(140) - peak(20)) / 120 < 3 * kept
