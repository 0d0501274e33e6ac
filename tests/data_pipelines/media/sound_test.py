import os
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.sound_source import SoundSource
from data_pipelines.media.video_writer import VideoWriter
from tests.support.beeps import BEEP, HERTZ, record

NTSC = Fraction(30000, 1001)


def carry(source, result, frames=40, rate=25):
  """Writes a video with the sound of another one."""
  with VideoWriter(result, rate, sound=source) as video:
    for index in range(frames):
      video.write(np.full((31, 33, 3), 5 * index % 256, np.uint8))
  return result


def packets(path):
  """Every packet of a video's sound: seconds since the first picture, bytes."""
  with av.open(str(path)) as video:
    pictures = video.streams.video
    origin = pictures[0].start_time * pictures[0].time_base if pictures else 0
    return [
      (float(packet.pts * packet.time_base - origin), bytes(packet))
      for packet in video.demux(audio=0)
      if packet.size
    ]


def seconds(path):
  """How long a video's streams last: its picture, its sound if it has one."""
  with av.open(str(path)) as video:
    return [
      float(stream.duration * stream.time_base) for stream in video.streams
    ]


def beep(path):
  """When a video beeps, seconds after its first picture; its sound's codec."""
  with av.open(str(path)) as video:
    pictures = video.streams.video
    origin = pictures[0].start_time * pictures[0].time_base if pictures else 0
    to_mono = av.AudioResampler('flt', 'mono')
    for frame in video.decode(audio=0):
      for mono in to_mono.resample(frame):
        loud = np.flatnonzero(abs(mono.to_ndarray()[0]) > 0.2)
        if loud.size:
          time = frame.pts * frame.time_base - origin
          codec = video.streams.audio[0].codec_context.codec.canonical_name
          return float(time) + loud[0] / frame.sample_rate, codec
  return None


@pytest.mark.parametrize(
  'codec, name',
  [
    ('aac', 'a.mp4'),
    ('aac', 'a.mkv'),
    ('libmp3lame', 'a.mp4'),
    ('libopus', 'a.webm'),
    ('flac', 'a.mkv'),
    ('alac', 'a.mov'),
    ('ac3', 'a.ts'),
    ('eac3', 'a.mp4'),
  ],
)
def test_sound_is_copied_bit_for_bit(codec, name, tmp_path):
  if name == 'a.webm':  # no MPEG-4 pictures in there
    source = record(tmp_path / name, codec, picture=0)
  else:
    source = record(tmp_path / name, codec)
  old, new = packets(source), packets(carry(source, tmp_path / 'b.mp4'))
  assert len(new) >= 1.6 * HERTZ / 4608
  assert [data for _, data in new] == [data for _, data in old[: len(new)]]
  times = np.array([[a[0], b[0]] for a, b in zip(new, old, strict=False)])
  np.testing.assert_allclose(times[:, 0], times[:, 1], atol=1e-4)


def test_a_transport_streams_aac_loses_its_headers_only(tmp_path):
  source = record(tmp_path / 'a.ts')
  old, new = packets(source), packets(carry(source, tmp_path / 'b.mp4'))
  assert [d for _, d in new] == [d[7:] for _, d in old[: len(new)]]


@pytest.mark.parametrize('codec, name', [('aac', 'a.mp4'), ('flac', 'a.mkv')])
@pytest.mark.parametrize('frames, rate', [(1, 25), (31, NTSC), (47, 24)])
def test_sound_ends_with_the_picture(codec, name, frames, rate, tmp_path):
  source = record(tmp_path / name, codec)
  picture, sound = seconds(carry(source, tmp_path / 'b.mp4', frames, rate))
  assert picture == pytest.approx(frames / rate, abs=1e-4)
  assert sound == pytest.approx(picture, abs=1e-3)


@pytest.mark.parametrize('codec, name', [('aac', 'a.mp4'), ('flac', 'a.mkv')])
def test_a_shorter_sound_stays_as_long_as_it_is(codec, name, tmp_path):
  source = record(tmp_path / name, codec, sound=1.0)
  picture, sound = seconds(carry(source, tmp_path / 'b.mp4'))
  assert picture == 1.6 and sound == pytest.approx(1.0, abs=1 / 25)


@pytest.mark.parametrize('start', [-0.7, -0.02, 0, 0.02, 0.3])
@pytest.mark.parametrize(
  'codec, name, becomes',
  [
    ('aac', 'a.mp4', 'aac'),
    ('ac3', 'a.ts', 'ac3'),
    ('mp2', 'a.mkv', 'aac'),
    ('pcm_s16le', 'a.mov', 'aac'),
  ],
)
def test_sound_keeps_its_distance_to_the_picture(
  codec, name, becomes, start, tmp_path
):
  source = record(tmp_path / name, codec, start=start)
  time, found = beep(carry(source, tmp_path / 'b.mp4'))
  assert found == becomes
  assert time == pytest.approx(beep(source)[0], abs=2e-3)
  assert time == pytest.approx(BEEP, abs=5e-3)


@pytest.mark.parametrize(
  'codec, name', [('pcm_s24le', 'a.wav'), ('libmp3lame', 'a.mp3')]
)
def test_a_sound_file_starts_with_the_picture(codec, name, tmp_path):
  source = record(tmp_path / name, codec, picture=0)
  result = carry(source, tmp_path / 'b.mp4')
  assert beep(result)[0] == pytest.approx(BEEP, abs=5e-3)
  assert seconds(result)[1] == pytest.approx(1.6, abs=1e-3)


def test_sound_that_comes_after_the_end_is_left_out(tmp_path):
  source = record(tmp_path / 'a.mp4', start=1.8)
  assert seconds(carry(source, tmp_path / 'b.mp4')) == [1.6]


@pytest.mark.parametrize('name', ['silent.mp4', 'a.gif', 'a.png', 'folder'])
def test_what_has_no_sound_gives_none(name, tmp_path):
  (tmp_path / 'folder').mkdir()
  carry(None, tmp_path / 'silent.mp4')
  for picture in ('a.gif', 'a.png'):
    Image.new('RGB', (8, 8)).save(tmp_path / picture)
  assert len(seconds(carry(tmp_path / name, tmp_path / 'b.mp4'))) == 1


@pytest.mark.parametrize('name', ['b.gif', 'b.webp', 'b'])
def test_a_video_that_cannot_sound_is_silent(name, tmp_path):
  carry(record(tmp_path / 'a.mp4'), tmp_path / name)
  assert sorted(os.listdir(tmp_path)) == sorted(['a.mp4', name])


@pytest.mark.parametrize('name', ['none.mp4', 'text.mp3', 'empty.wav'])
def test_no_sound_at_all_is_one_clear_line(name, tmp_path):
  (tmp_path / 'text.mp3').write_text('no sound')
  (tmp_path / 'empty.wav').touch()
  with pytest.raises(DataError, match=r'\A[^\n]+\Z') as caught:
    carry(tmp_path / name, tmp_path / 'b.mp4')
  assert str(tmp_path / name) in str(caught.value)
  assert not list(tmp_path.glob('*b.*'))


def test_sound_that_breaks_off_ends_there(tmp_path, caplog):
  # Our own videos say first what they hold: they can be cut.
  record(tmp_path / 'a.mp4')
  source = carry(tmp_path / 'a.mp4', tmp_path / 'cut.mp4')
  source.write_bytes(source.read_bytes()[: source.stat().st_size * 3 // 4])
  picture, sound = seconds(carry(source, tmp_path / 'b.mp4', frames=75))
  assert picture == 3.0 and 0.5 < sound < 1.6
  (message,) = caplog.messages
  assert message.startswith(f'{source}: ')


@pytest.mark.parametrize('codec, name', [('aac', 'a.ts'), ('mp2', 'a.mpg')])
def test_sound_goes_on_after_damage(codec, name, tmp_path):
  source = record(tmp_path / name, codec, picture=0)
  data = bytearray(source.read_bytes())
  third = len(data) // 3
  noise = np.random.default_rng(0).integers(0, 256, third, np.uint8)
  data[third : 2 * third] = noise.tobytes()
  source.write_bytes(data)
  picture, sound = seconds(carry(source, tmp_path / 'b.mp4', frames=75))
  assert picture == 3.0 and sound == pytest.approx(2.0, abs=0.1)


def test_no_more_is_read_than_will_be_written(tmp_path, monkeypatch):
  read, packets = [], SoundSource.packets

  def counted(self):
    for packet in packets(self):
      read.append(packet.pts * packet.time_base - 1)
      yield packet

  source = record(tmp_path / 'a.mkv')
  monkeypatch.setattr(SoundSource, 'packets', counted)
  with VideoWriter(tmp_path / 'b.mp4', 25, sound=source) as video:
    for index in range(100):
      video.write(np.zeros((32, 32, 3), np.uint8))
      assert max(read) <= index / 25 + 0.05
  assert max(read) > 1.9


def test_sound_lies_beside_its_pictures(tmp_path):
  source = record(tmp_path / 'a.mp4', picture=8, sound=8)
  carry(source, tmp_path / 'b.mp4', frames=200)
  with av.open(str(tmp_path / 'b.mp4')) as video:
    latest = [0, 0]
    for packet in sorted(
      (p for p in video.demux() if p.size), key=lambda p: p.pos
    ):
      latest[packet.stream_index] = packet.dts * packet.time_base
      assert abs(latest[0] - latest[1]) < 0.2
