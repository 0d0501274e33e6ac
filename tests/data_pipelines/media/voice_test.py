import tracemalloc

import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import spooled_rows
from data_pipelines.media.spooled_rows import SpooledRows
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
  """A voice whose rows say their numbers; in `mel_100`, thousandths of them."""
  mel_80, plain_100 = SpooledRows(80), SpooledRows(80)
  rows, finer = np.arange(1 + 16 * frames // 5), np.arange(1 + 4 * frames)
  mel_80.add(rows[:, None].repeat(80, 1))
  decibels = finer / 10 - 80
  plain_100.add(10 ** (decibels / 20)[:, None].repeat(80, 1))
  return Voice(frames, mel_80, plain_100, loudness=0.1)


def spectra(voice):
  """Both of a voice, whole."""
  rows, finer = np.arange(len(voice.mel_80)), np.arange(len(voice.plain_100))
  return {'mel_80': voice.mel_80[rows], 'mel_100': voice.mel_100(finer)}


@pytest.mark.parametrize('spectrum', ['mel_80', 'mel_100'])
def test_mel_spectra_are_those_of_librosa(spectrum):
  found = spectra(hear([made_up_sound()]))[spectrum]
  expected = recorded.arrays('mel')[spectrum]
  assert found.dtype == np.float32
  np.testing.assert_allclose(found, expected, atol=2e-5)


@pytest.mark.parametrize('size', [1, 7, 639, 641, 5000])
def test_in_which_pieces_a_sound_comes_changes_nothing(size):
  wave = made_up_sound()[: 3 * FRAME]
  pieces = [wave[i : i + size] for i in range(0, len(wave), size)]
  whole, found = spectra(hear([wave])), spectra(hear(pieces))
  for name in whole:
    np.testing.assert_allclose(found[name], whole[name], atol=1e-5)


def test_eight_seconds_are_200_frames_with_641_and_801_rows():
  voice = hear([np.zeros(8 * 16000 + 639, np.float32)])
  assert voice.frames == 200
  assert len(voice.mel_80) == 641 and len(voice.plain_100) == 801


def test_silence_is_the_lowest_of_both_spectra():
  found = spectra(hear([np.zeros(16000, np.float32)]))
  assert (found['mel_80'] == -4).all() and (found['mel_100'] == 0).all()


def test_how_loud_a_sound_is_changes_the_spectrum_of_80_rows_only():
  loud = spectra(hear([made_up_sound()]))
  quiet = spectra(hear([made_up_sound() / 4]))
  np.testing.assert_allclose(quiet['mel_100'], loud['mel_100'], atol=1e-5)
  inner = abs(loud['mel_80']) < 3  # is not clipped
  drop = (loud['mel_80'] - quiet['mel_80'])[inner]
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
  times = 1000 * conditions.reshape(2, 4, 80)[..., 0]
  np.testing.assert_allclose(times, [range(4), range(796, 800)], atol=0.01)


def test_wrapped_head_motion_hears_the_begin_again_in_the_last_fifth():
  conditions = pose_conditions(numbered(), np.array([0, 160, 199]), 'wrapped')
  times = conditions.reshape(3, 4, 80)[..., 0]
  expected = [range(4), [640, 0, 1, 2], range(155, 159)]
  np.testing.assert_array_equal(times, expected)


def test_a_files_voice_is_that_of_its_samples(tmp_path):
  path = beeps.record(tmp_path / 'a.wav', 'pcm_s16le', picture=0, sound=0.6)
  voice = read_voice(path)
  assert voice.frames == 15
  beep = spectra(voice)['mel_80'].max(1) > 0
  assert np.flatnonzero(beep)[0] == pytest.approx(80 * beeps.BEEP, abs=5)


def test_a_frame_that_a_sound_only_begins_is_filled_up_with_silence(tmp_path):
  path = beeps.record(tmp_path / 'a.wav', 'pcm_s16le', picture=0, sound=0.61)
  assert read_voice(path).frames == 16


def test_a_sound_in_which_nobody_can_say_anything_is_one_clear_line(tmp_path):
  path = beeps.record(tmp_path / 'a.wav', 'pcm_s16le', picture=0, sound=0.13)
  with pytest.raises(DataError, match=r'\A[^\n]+less than 0.2 s[^\n]+\Z'):
    read_voice(path)


def test_memory_does_not_grow_with_a_sound(monkeypatch):
  second = np.tile(made_up_sound()[:4000], 4)
  monkeypatch.setattr(spooled_rows, 'IN_MEMORY', 2**16)

  def peak(seconds):
    tracemalloc.start()
    voice = hear(second for _ in range(seconds))
    for frame in range(voice.frames):
      expression_windows(voice, np.array([frame]))
      pose_conditions(voice, np.array([frame]))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most

  assert (peak(60) - peak(20)) / 40 < 100  # bytes for a second


def test_a_long_sound_is_heard_as_a_short_one(monkeypatch):
  frames = np.arange(10)

  def windows():
    voice = hear([made_up_sound()])
    return [
      expression_windows(voice, frames),
      pose_conditions(voice, frames),
      pose_conditions(voice, frames, 'wrapped'),
    ]

  in_memory = windows()
  monkeypatch.setattr(spooled_rows, 'IN_MEMORY', 1)
  for short, long in zip(in_memory, windows(), strict=True):
    np.testing.assert_array_equal(short, long)
