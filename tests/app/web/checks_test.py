import os
import zipfile

import av
import numpy as np
import pytest
from PIL import Image

from dagan_jax.app.web.checks import (
  KINDS,
  check_file,
  check_pasted,
  choose_suffix,
  describe_time,
)
from dagan_jax.app.web.limits import Limits
from dagan_jax.console.errors import UsageError
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures
from tests.support.encoded_videos import encode, grey
from tests.support.tiny import video

LIMITS = Limits(
  most_megabytes=1.0, most_megapixels=0.1, most_seconds=2.0, most_frames=100
)


def test_files_within_limits_pass(tmp_path):
  pictures.write_picture(tmp_path / 'portrait.png', video(1)[0])
  driving = encode(tmp_path / 'driving.mp4', list(video(10)), sound=True)
  check_file(tmp_path / 'portrait.png', 'picture', LIMITS)
  check_file(driving, 'video', LIMITS)
  check_file(driving, 'sound', LIMITS)
  for path in tmp_path / 'portrait.png', driving:
    check_file(path, 'either', LIMITS)


def write_executable(path):
  path.write_bytes(b'\x7fELF\x02\x01\x01' + bytes(500) + os.urandom(500))


def write_svg(path):
  path.write_text(
    '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8">'
    '<image href="file:///etc/hostname"/></svg>'
  )


def write_playlist(path):
  path.write_text('#EXTM3U\n#EXTINF:9,\n/etc/hostname\n#EXT-X-ENDLIST\n')


def write_concatenation(path):
  path.write_text('ffconcat version 1.0\nfile /etc/hostname\n')


HOSTILE = write_executable, write_svg, write_playlist, write_concatenation


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('suffix', ['', '.png', '.mp4', '.wav'])
@pytest.mark.parametrize('write', HOSTILE)
def test_what_only_pretends_is_refused_in_one_sentence(
  write, suffix, kind, tmp_path
):
  path = tmp_path / f'sent{suffix}'
  write(path)
  with pytest.raises(DataError) as refused:
    check_file(path, kind, LIMITS)
  assert '\n' not in str(refused.value) and 'hostname' not in str(refused.value)


def test_a_picture_of_200_megapixels_is_refused_undecoded(tmp_path):
  path = tmp_path / 'large.png'
  Image.new('1', (20_000, 10_000)).save(path)
  for kind in 'picture', 'video', 'either':
    with pytest.raises(DataError, match=r'pixels.*scale it down'):
      check_file(path, kind, LIMITS)
    with pytest.raises(DataError, match='scale it down'):
      check_file(path, kind, Limits())


def test_a_gif_of_too_many_pixels_is_refused_undecoded(tmp_path):
  frames = [Image.new('P', (400, 300), n) for n in range(2)]
  path = tmp_path / 'moves.gif'
  frames[0].save(path, save_all=True, append_images=frames[1:])
  with pytest.raises(DataError, match='400 x 300 pixels'):
    check_file(path, 'video', LIMITS)


def test_three_hours_are_refused(tmp_path):
  path = tmp_path / 'long.mkv'
  with av.open(str(path), 'w') as file:
    stream = file.add_stream('libx264', 25, options={'preset': 'ultrafast'})
    stream.width = stream.height = 32
    stream.pix_fmt = 'yuv420p'
    for second in range(0, 3 * 3600, 100):
      frame = av.VideoFrame.from_ndarray(grey(3), format='rgb24')
      frame = frame.reformat(format='yuv420p')
      frame.pts = 25 * second
      file.mux(stream.encode(frame))
    file.mux(stream.encode())
  with pytest.raises(DataError, match=r'lasts .*; at most 2 seconds are taken'):
    check_file(path, 'video', LIMITS)


def test_a_voice_of_minutes_is_refused(tmp_path):
  frames = [grey(3)] * 75
  path = encode(tmp_path / 'long.mp4', frames, sound=True)
  with pytest.raises(DataError, match='at most 2 seconds'):
    check_file(path, 'sound', LIMITS)
  with pytest.raises(DataError, match='has no sound'):
    check_file(encode(tmp_path / 'mute.mp4', frames[:9]), 'sound', LIMITS)


def test_too_many_frames_are_refused(tmp_path):
  path = encode(
    tmp_path / 'quick.mp4', [grey(3)] * 120, milliseconds=range(0, 1200, 10)
  )
  with pytest.raises(DataError, match='120 frames; at most 100 are taken'):
    check_file(path, 'video', LIMITS)


def test_a_bomb_in_an_npz_is_refused_packed(tmp_path):
  path = tmp_path / 'driving.npz'
  with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('value.npy', bytes(5_000_000))
  assert path.stat().st_size < 10_000
  with pytest.raises(DataError, match='unpack to 5 megabytes; at most 1'):
    check_file(path, 'video', LIMITS)
  path.write_bytes(b'PK\x03\x04 and nothing else')
  with pytest.raises(DataError, match='no motion'):
    check_file(path, 'video', LIMITS)


def test_a_motion_is_a_driver_and_nothing_else(tmp_path):
  path = tmp_path / 'driving.npz'
  np.savez(path, value=np.zeros(3))
  check_file(path, 'video', LIMITS)
  for kind in 'picture', 'sound', 'either':
    with pytest.raises(DataError):
      check_file(path, kind, LIMITS)


def test_too_many_bytes_are_refused(tmp_path):
  path = tmp_path / 'portrait.png'
  path.write_bytes(bytes(1_000_001))
  with pytest.raises(DataError, match='more than 1 megabytes'):
    check_file(path, 'picture', LIMITS)


@pytest.mark.parametrize(
  'name',
  ['../../etc/passwd', '/etc/passwd', 'a.mp4/../../x', 'x.m3u8', 'x.exe',
   '.mp4\x00.sh', '', 'x.' + 300 * 'y', 'x.svg', 'x.mp4 '],
)  # fmt: skip
def test_no_more_of_a_name_is_used_than_a_known_suffix(name):
  assert choose_suffix(name, b'') == ''


def test_content_tells_a_motion_and_a_name_what_content_does_not():
  assert choose_suffix('film.mp4', b'PK\x03\x04 ...') == '.npz'
  assert choose_suffix('film.npz', b'no archive') == ''
  assert choose_suffix('../FILM.Mp4', b'....') == '.mp4'


def test_times_are_told_in_their_units():
  told = [describe_time(seconds) for seconds in (8.0, 90.0, 180.0, 10800.0)]
  assert told == ['8 seconds', '90 seconds', '3 minutes', '3 hours']


@pytest.mark.parametrize('wrong', [0.0, -1.0, float('nan'), float('inf')])
def test_a_limit_that_is_none_is_one_clear_line(wrong):
  with pytest.raises(UsageError, match='--most_seconds'):
    Limits(most_seconds=wrong)


def test_a_portrait_is_pasted_back_into_where_a_video_can_be_as_large(tmp_path):
  path = tmp_path / 'portrait.png'
  Image.new('L', (400, 250)).save(path)
  check_pasted(path, Limits(most_pasted_megapixels=0.1))
  with pytest.raises(DataError, match=r'400 x 250 pixels; with paste_back at'):
    check_pasted(path, Limits(most_pasted_megapixels=0.099))
