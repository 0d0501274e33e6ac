"""Speeches of recordings, with transcripts or with what was measured."""

import wave

import numpy as np
import pytest
import scipy.io
from ml_collections import ConfigDict

from data_pipelines.builders import data_set
from data_pipelines.builders.data_set import Settings
from data_pipelines.builders.work import recorded_clips
from data_pipelines.errors.mendable import DataError
from data_pipelines.media.waveform import RATE
from data_pipelines.reading.speeches import Speeches
from tests.support.made_speech import phones_of, say_letters

COUNT = 60  # frames
RNG = np.random.default_rng(0)
MEASURED = {
  'expression': np.float32(RNG.normal(size=(COUNT, 64))),
  'pose': np.float32(RNG.normal(size=(COUNT, 6))),
  'gaze': np.float32(RNG.normal(size=(COUNT, 2))),
}


@pytest.fixture(autouse=True)
def no_tensorflow():
  """Not forbidden, as conftest does: TFDS takes its None for TensorFlow."""


@pytest.fixture(autouse=True)
def aligned(monkeypatch):
  """Without an aligner: a letter is a tenth of a second."""

  def align(heard, text):
    return phones_of(text, len(heard) / RATE / len(text))

  monkeypatch.setattr(recorded_clips, 'align', align)


def write_sound(path, frames=COUNT):
  path.parent.mkdir(parents=True, exist_ok=True)
  sound = np.int16(2**14 * say_letters('a' * 40).wave)[: frames * 640]
  with wave.open(str(path), 'wb') as file:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(16_000)
    file.writeframes(sound.tobytes())


def build(raw, out, **settings):
  return data_set.build(
    Settings(name='speakers', raw=str(raw), out=str(out), jobs=1, **settings)
  )


def read(out, split, length=20):
  data = ConfigDict({'path': str(out), 'sequence': length})
  source = Speeches(data, split)
  return {
    clip.name: source.sequence(number, range(clip.frames))
    for number, clip in enumerate(source.clips)
  }


def test_what_is_known_of_a_recording_is_what_is_written(tmp_path):
  raw, out = tmp_path / 'raw', tmp_path / 'out'
  for name in ('ann/1.wav', 'bob/2.wav', 'carl/3.wav', 'dora/4.wav'):
    write_sound(raw / name)
  (raw / 'ann/1.txt').write_text('mamasapa', encoding='utf-8')
  np.savez(raw / 'bob/2.npz', **MEASURED)
  matrix = np.concatenate([MEASURED['expression'], MEASURED['pose']], axis=1)
  scipy.io.savemat(raw / 'carl/3.mat', {'coeff_3dmm': matrix})
  told = build(raw, out, test_fraction=0.0)
  found = read(out, 'train')
  assert set(found) == {'ann/1.wav', 'bob/2.wav', 'carl/3.wav'}
  assert 'dora/4.wav' in told
  spoken = found['ann/1.wav']
  assert spoken['bilabial'].sum() == pytest.approx(COUNT * 3 / 8, abs=2)
  assert spoken['expression'].any()
  for name, values in MEASURED.items():
    np.testing.assert_array_equal(found['bob/2.wav'][name], values)
  np.testing.assert_array_equal(found['carl/3.wav']['pose'], MEASURED['pose'])
  assert not found['carl/3.wav']['gaze'].any()
  assert not found['bob/2.wav']['bilabial'].any()


def test_long_recordings_are_divided(tmp_path):
  raw, out = tmp_path / 'raw', tmp_path / 'out'
  write_sound(raw / 'a.wav')
  np.savez(raw / 'a.npz', **MEASURED)
  build(raw, out, longest=1.0, shortest=0.5, test_fraction=0.0)
  found = read(out, 'train')
  assert list(found) == ['a.wav/0', 'a.wav/1', 'a.wav/2']
  whole = np.concatenate([part['pose'] for part in found.values()])
  np.testing.assert_array_equal(whole, MEASURED['pose'])


def test_folders_of_splits_hold(tmp_path):
  raw, out = tmp_path / 'raw', tmp_path / 'out'
  for name in ('train/ann/1', 'test/bob/2'):
    write_sound(raw / f'{name}.wav')
    np.savez(raw / f'{name}.npz', **MEASURED)
  build(raw, out)
  assert list(read(out, 'train')) == ['train/ann/1.wav']
  assert list(read(out, 'test')) == ['test/bob/2.wav']


@pytest.mark.parametrize(
  'measured, message',
  [
    ({'pose': MEASURED['pose']}, 'no coefficients can be read'),
    ({**MEASURED, 'pose': MEASURED['pose'][:, :5]}, 'have the shapes'),
    ({**MEASURED, 'gaze': MEASURED['gaze'][1:]}, 'have the shapes'),
    ({**MEASURED, 'pose': MEASURED['pose'] * np.nan}, 'not finite'),
    ({k: x[:40] for k, x in MEASURED.items()}, 'has 40 frames, the sound 60'),
  ],
)
def test_coefficients_of_no_use_are_told_in_one_line(
  measured, message, tmp_path
):
  write_sound(tmp_path / 'raw/a.wav')
  np.savez(tmp_path / 'raw/a.npz', **measured)
  with pytest.raises(DataError, match=message) as raised:
    build(tmp_path / 'raw', tmp_path / 'out')
  assert '\n' not in str(raised.value)


def test_a_bad_recording_does_not_end_a_build(tmp_path):
  raw, out = tmp_path / 'raw', tmp_path / 'out'
  for name in 'ab':
    write_sound(raw / f'{name}.wav')
    np.savez(raw / f'{name}.npz', **MEASURED)
  (raw / 'b.npz').write_bytes(b'nothing')
  told = build(raw, out, test_fraction=0.0)
  assert list(read(out, 'train')) == ['a.wav']
  assert 'b.wav: b.npz: no coefficients' in told


def test_what_a_recording_build_cannot_do_is_told_in_one_line(tmp_path):
  raw = tmp_path / 'raw'
  write_sound(raw / 'a.wav')
  with pytest.raises(DataError, match='holds no recording with a file'):
    build(raw, tmp_path / 'out')
  (raw / 'a.txt').write_text('mama', encoding='utf-8')
  with pytest.raises(DataError, match='--frames draws rendered speakers'):
    build(raw, tmp_path / 'out', frames=3)
