import tracemalloc
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.waveform import RATE, read_waveform
from tests.support import beeps, encoded_videos

TONE = 440  # hertz


def tone(seconds, rate):
  return 0.5 * np.sin(
    2 * np.pi * TONE * np.arange(round(seconds * rate)) / rate
  )


def record(
  path, samples, *, rate=RATE, codec='pcm_s16le', layout='mono', pauses=()
):
  """Writes float samples (channels, n); `pauses`: (sample, seconds) of gaps."""
  samples = np.atleast_2d(samples)
  with av.open(str(path), 'w') as file:
    stream = file.add_stream(codec, rate)
    stream.layout = layout
    resampler = av.AudioResampler(stream.format, layout, rate)
    for begin in range(0, samples.shape[1], 800):
      piece = np.ascontiguousarray(samples[:, begin : begin + 800], np.float32)
      frame = av.AudioFrame.from_ndarray(piece, 'fltp', layout)
      late = sum(seconds for sample, seconds in pauses if begin >= sample)
      frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
      frame.pts = begin + round(late * rate)
      for ready in resampler.resample(frame):
        file.mux(stream.encode(ready))
    file.mux(stream.encode())
  return path


def heard(path, rate=RATE):
  return np.concatenate(list(read_waveform(path, rate)))


@pytest.mark.parametrize(
  'name, codec, rate, layout, tolerance',
  [
    ('a.wav', 'pcm_s16le', 16000, 'mono', 1e-4),
    ('a.wav', 'pcm_s24le', 44100, 'mono', 1e-3),
    ('a.wav', 'pcm_u8', 16000, 'mono', 1e-2),
    ('a.wav', 'pcm_f32le', 48000, 'stereo', 1e-3),
    ('a.wav', 'pcm_s16le', 8000, '5.1', 1e-3),
    ('a.flac', 'flac', 48000, 'stereo', 1e-3),
    ('a.mka', 'pcm_s32le', 22050, 'stereo', 1e-3),
  ],
)
def test_every_kind_of_sound_becomes_mono_of_one_rate(
  name, codec, rate, layout, tolerance, tmp_path
):
  channels = av.AudioLayout(layout).nb_channels
  samples = np.tile(tone(1.0, rate), (channels, 1))
  path = tmp_path / name
  record(path, samples, rate=rate, codec=codec, layout=layout)
  wave = heard(path)
  assert wave.dtype == np.float32 and len(wave) == RATE
  inner = slice(800, -800)  # a sound's sudden edges ring
  np.testing.assert_allclose(
    wave[inner], tone(1.0, RATE)[inner], atol=tolerance
  )


def test_channels_are_averaged(tmp_path):
  samples = np.stack([tone(0.2, RATE), 0 * tone(0.2, RATE)])
  wave = heard(record(tmp_path / 'a.wav', samples, layout='stereo'))
  np.testing.assert_allclose(wave, samples[0] / 2, atol=1e-4)


def test_numbers_that_are_not_finite_are_silent_or_loudest(tmp_path):
  samples = np.float32([0.5, np.nan, np.inf, -np.inf] * 200)
  wave = heard(record(tmp_path / 'a.wav', samples, codec='pcm_f32le'))
  np.testing.assert_array_equal(wave[:4], [0.5, 0, 1, -1])


@pytest.mark.parametrize('start', [-0.7, -0.02, 0, 0.3])
@pytest.mark.parametrize(
  'codec, name', [('aac', 'a.mp4'), ('ac3', 'a.ts'), ('pcm_s16le', 'a.mov')]
)
def test_time_counts_from_the_first_picture(codec, name, start, tmp_path):
  wave = heard(beeps.record(tmp_path / name, codec, start=start))
  first = np.flatnonzero(abs(wave) > 0.2)[0] / RATE
  assert first == pytest.approx(beeps.BEEP, abs=5e-3)


def test_a_pause_of_the_time_stamps_is_silent(tmp_path):
  path = record(
    tmp_path / 'a.mka', tone(0.4, RATE), codec='flac', pauses=[(3200, 0.5)]
  )
  wave = heard(path)
  loud = np.flatnonzero(abs(wave) > 0.1) / RATE
  assert 0.65 < np.diff(loud).max() + 0.2 < 0.75
  assert len(wave) == pytest.approx(0.9 * RATE, abs=0.05 * RATE)


def test_silence_is_sound(tmp_path):
  wave = heard(record(tmp_path / 'a.wav', np.zeros(1600)))
  np.testing.assert_array_equal(wave, np.zeros(1600))


def test_one_sample_is_a_sound(tmp_path):
  assert len(heard(record(tmp_path / 'a.wav', np.float32([0.5])))) == 1


def test_memory_does_not_grow_with_the_sound(tmp_path):
  path = record(tmp_path / 'a.wav', np.zeros(20 * 48000), rate=48000)
  tracemalloc.start()
  assert sum(map(len, read_waveform(path))) == 20 * RATE
  _, most = tracemalloc.get_traced_memory()
  tracemalloc.stop()
  assert most < 4 * 48000


@pytest.mark.parametrize(
  'name', ['none.wav', 'text.mp3', 'empty.wav', 'a.png', 'silent.mp4', '0.wav']
)
def test_what_holds_no_sound_is_one_clear_line(name, tmp_path):
  (tmp_path / 'text.mp3').write_text('no sound')
  (tmp_path / 'empty.wav').touch()
  Image.new('RGB', (8, 8)).save(tmp_path / 'a.png')
  encoded_videos.encode(tmp_path / 'silent.mp4', [encoded_videos.grey(1)] * 3)
  record(tmp_path / '0.wav', np.zeros(0))
  with pytest.raises(DataError, match=r'\A[^\n]+\Z') as caught:
    heard(tmp_path / name)
  assert str(tmp_path / name) in str(caught.value)


def test_a_sound_that_is_cut_off_is_heard_up_to_there(tmp_path, caplog):
  path = record(tmp_path / 'a.flac', tone(2.0, RATE), codec='flac')
  path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
  assert 0.2 * RATE < len(heard(path)) < 2 * RATE
  assert 'damaged' in caplog.text
