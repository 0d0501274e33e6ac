import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import decoded_video, video_reader
from data_pipelines.media.sound_source import SoundSource
from data_pipelines.media.video_reader import SteadyVideo
from tests.support.encoded_videos import encode, forget_timing, grey, numbers

GREYS = [grey(k) for k in range(20)]


def heard(path):
  """When sound begins and ends, in seconds since the picture begins."""
  source = SoundSource(path)
  packets = [*source.packets()]
  first, last = packets[0], packets[-1]
  begin = first.pts * first.time_base
  end = (last.pts + last.duration) * last.time_base
  length = sum(packet.duration * packet.time_base for packet in packets)
  source.close()
  return float(begin - source.origin), float(end - source.origin), float(length)


@pytest.mark.parametrize(
  'sounds', [(True, True), (False, False), (True, False)]
)
@pytest.mark.parametrize('begins', [(0, 0), (3, 0), (0, 100), (0, 0.2)])
def test_joined_transport_streams_are_shown_to_their_end(
  sounds, begins, tmp_path
):
  parts = [
    encode(tmp_path / f'{k}.ts', GREYS[10 * k :][:10], sound=s, begin=b)
    for k, (s, b) in enumerate(zip(sounds, begins, strict=True))
  ]
  path = tmp_path / 'joined.ts'
  path.write_bytes(b''.join(part.read_bytes() for part in parts))
  video = SteadyVideo(path)
  assert numbers(video_reader.read(path)) == [*range(20)]
  shown = numbers(video)
  assert list(dict.fromkeys(shown)) == [*range(20)]
  assert video.broken is None
  if begins != (0, 0.2):  # here the second goes on as the first one ends
    assert 20 <= len(shown) == video.probe.frames <= 24
  if sounds == (True, True) and begins == (0, 0):
    begin, end, length = heard(path)
    assert begin == pytest.approx(0, abs=0.1)
    assert end == pytest.approx(0.8, abs=0.15)
    assert length == pytest.approx(0.8, abs=0.1)


def test_a_part_of_a_joined_video_is_that_part_of_the_whole(tmp_path):
  parts = [
    encode(tmp_path / f'{k}.ts', GREYS[10 * k :][:10]).read_bytes()
    for k in range(2)
  ]
  (tmp_path / 'a.ts').write_bytes(b''.join(parts))
  part = video_reader.read(tmp_path / 'a.ts', rate=25, start=0.6, end=0.72)
  assert numbers(part) == [15, 16, 17]


@pytest.mark.parametrize('begin', ['ftyp', 'FLV'])
def test_a_second_file_behind_the_first_is_told_of(begin, tmp_path, caplog):
  suffix, codec = {'ftyp': ('mp4', 'libx264'), 'FLV': ('flv', 'flv')}[begin]
  options = {} if codec == 'libx264' else {'qscale': '2'}
  part = encode(tmp_path / f'a.{suffix}', GREYS, codec, **options)
  path = tmp_path / f'joined.{suffix}'
  assert len([*video_reader.read(part)]) == 20 and not caplog.messages
  path.write_bytes(2 * part.read_bytes())
  assert len([*video_reader.read(path)]) == 20
  (message,) = caplog.messages
  assert message.startswith(f'{path}: another video') and '\n' not in message


def test_a_broadcast_that_is_joined_midway_begins_at_its_first_key_picture(
  tmp_path,
):
  path = encode(tmp_path / 'a.ts', GREYS, g='5', bf='0')
  data = path.read_bytes()
  path.write_bytes(data[188 * (len(data) // 188 // 3) :])
  video = video_reader.read(path)
  shown = numbers(video)
  assert shown[-1] == 19 and 5 <= len(shown) <= 15
  assert video.broken is None


@pytest.mark.parametrize('codec', ['libvpx', 'libx264'])
@pytest.mark.parametrize('second', [(16, 16), (64, 64), (65, 64)])
def test_every_frame_has_the_size_of_the_first(codec, second, tmp_path):
  if codec == 'libx264' and second[0] % 2:
    pytest.skip('its encoder wants even sizes')
  small = [
    grey(k)[:1, :1].repeat(second[0], 0).repeat(second[1], 1)
    for k in range(5, 10)
  ]
  path = encode(tmp_path / 'a.mkv', GREYS[:5] + small, codec)
  video = video_reader.read(path)
  assert not video.sizes_differ
  frames = [*video]
  assert video.sizes_differ
  assert {frame.shape for frame in frames} == {(32, 32, 3)}
  assert numbers(frames) == [*range(10)]
  np.testing.assert_allclose(
    np.ptp(frames[-1].reshape(-1, 3), axis=0), 0, atol=3
  )


def test_another_shape_gets_black_edges_rather_than_be_squashed(tmp_path):
  wide = [np.repeat(grey(20), 2, axis=1)] * 3
  path = encode(tmp_path / 'a.mkv', [grey(20)] * 2 + wide, 'libvpx')
  frame = [*video_reader.read(path)][-1]
  assert frame.shape == (32, 32, 3)
  assert (frame[:6] < 20).all() and (frame[-6:] < 20).all()
  np.testing.assert_allclose(frame[10:22], 170, atol=4)


def test_a_browsers_recording_is_measured(tmp_path):
  times = [round(1000 * k / 30) for k in range(20)]
  path = forget_timing(
    encode(
      tmp_path / 'a.webm',
      GREYS,
      'libvpx',
      milliseconds=times,
      muxing={'live': '1'},
    )
  )
  video = SteadyVideo(path)
  assert video.rate == 30 and video.probe.frames == 20
  assert numbers(video) == [*range(20)]
  assert len([*video.spread(5)]) == 5


def test_what_moves_between_stills_is_seen(tmp_path):
  times = [0, 20, 40, 60, 80, 400, 420, 440, 1000]
  path = forget_timing(
    encode(tmp_path / 'a.mkv', GREYS[:9], milliseconds=times)
  )
  video = SteadyVideo(path)
  shown = numbers(video)
  assert set(shown) == set(range(9)) and len(shown) < 70


def test_a_raw_stream_has_the_rate_and_length_of_its_frames(tmp_path):
  path = encode(tmp_path / 'a.h264', GREYS)
  video = SteadyVideo(path)
  assert video.rate == 25 and video.probe.frames == 20
  assert numbers(video) == [*range(20)]


def test_a_picture_of_absurd_size_is_one_clear_line(tmp_path, monkeypatch):
  monkeypatch.setattr(decoded_video, 'LARGEST', 1000)
  path = encode(tmp_path / 'a.mkv', GREYS[:3])
  with pytest.raises(DataError, match=r'32 x 32 pixels large[^\n]*\Z'):
    video_reader.read(path)


def test_a_cover_is_not_the_picture(tmp_path):
  path = encode(tmp_path / 'a.mp4', GREYS, covers=1)
  video = SteadyVideo(path)
  assert video.probe[:2] == (32, 32)
  assert numbers(video) == [*range(20)]


@pytest.mark.parametrize('aspect', ['5/1', '1/5'])
def test_an_absurd_pixel_aspect_is_passed_over(aspect, tmp_path, caplog):
  path = encode(tmp_path / 'a.mp4', GREYS[:3], pixel_aspect=aspect)
  assert video_reader.probe(path)[:2] == (32, 32)
  assert len(caplog.messages) == 1 and 'shown square' in caplog.text


def test_interlaced_video_is_made_whole(tmp_path):
  """A bar that moves between the two fields has no comb."""
  frames = []
  for k in range(6):
    frame = np.full((64, 64, 3), 40, np.uint8)
    for field in range(2):
      left = 8 + 4 * (2 * k + field)
      frame[field::2, left : left + 12] = 220
    frames.append(frame)
  options = {'x264-params': 'interlaced=1'}
  path = encode(tmp_path / 'a.mkv', frames, **options)
  video = video_reader.read(path)
  seen = [*video]
  assert len(seen) == 6 and video.broken is None

  def comb(frame):
    rows = frame[..., 0].astype(float)
    return np.abs(rows[1:-1] - (rows[:-2] + rows[2:]) / 2).mean()

  assert comb(frames[2]) > 10
  assert comb(seen[2]) < comb(frames[2]) / 4


@pytest.mark.parametrize('transfer', ['smpte2084', 'arib-std-b67'])
def test_an_hdr_file_is_tone_mapped_and_an_hd_file_is_not_sd(
  transfer, tmp_path
):
  """By its tags: the same numbers without them are another picture."""
  shown = []
  for number, name in enumerate((transfer, 'bt709')):
    path = tmp_path / f'{number}.mkv'
    tags = f'transfer={name}:colorprim=bt2020:colormatrix=bt2020nc'
    encode(path, [grey(10)] * 3, **{'x264-params': tags})
    shown.append(next(iter(video_reader.read(path))).mean())
  assert shown[0] > shown[1] + 30


def test_a_deinterlaced_frame_keeps_its_colours(tmp_path):
  image = np.full((64, 64, 3), (168, 120, 98), np.uint8)
  shown = []
  for number, interlaced in enumerate((0, 1)):
    path = tmp_path / f'{number}.mkv'
    tags = f'colormatrix=bt709:fullrange=on:interlaced={interlaced}'
    encode(path, [image] * 4, **{'x264-params': tags})
    shown.append([*video_reader.read(path)][-1])
  np.testing.assert_allclose(shown[1], shown[0], atol=2)
