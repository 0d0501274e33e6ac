import av
import numpy as np
import pytest
from PIL import Image

from data_pipelines.media import video_reader
from data_pipelines.media.file_kinds import Kind, is_animation, kind_of
from tests.support.drawn_faces import talking, write_sound, write_video

PICTURE = talking(1)[0]


def write_picture(path, kind, **options):
  Image.fromarray(PICTURE).save(path, kind, **options)
  return path


def write_moving(path, kind):
  frames = [Image.fromarray(x) for x in talking(3)]
  frames[0].save(path, kind, save_all=True, append_images=frames[1:])
  return path


def write_streams(path, container, codec, **options):
  with av.open(str(path), 'w', format=container) as file:
    stream = file.add_stream(codec, 25, options=options)
    stream.height, stream.width = PICTURE.shape[:2]
    stream.pix_fmt = 'yuv420p'
    for frame in talking(12):
      image = av.VideoFrame.from_ndarray(frame, format='rgb24')
      file.mux(stream.encode(image))
    file.mux(stream.encode())
  return path


@pytest.mark.parametrize(
  'kind', ['PNG', 'JPEG', 'WEBP', 'GIF', 'BMP', 'TIFF', 'AVIF', 'PPM']
)
@pytest.mark.parametrize('name', ['a', 'a.jfif', 'a.mp4', 'a.txt'])
def test_a_still_picture_is_one_whatever_its_name(kind, name, tmp_path):
  path = write_picture(tmp_path / name, kind)
  assert kind_of(path) is Kind.PICTURE and not is_animation(path)


@pytest.mark.parametrize('kind', ['GIF', 'WEBP', 'PNG'])
def test_a_picture_that_moves_is_a_video(kind, tmp_path):
  for name in ('a.jpg', 'a'):
    path = write_moving(tmp_path / name, kind)
    assert kind_of(path) is Kind.VIDEO and is_animation(path)


def test_views_and_pages_do_not_move(tmp_path):
  for name, kind in (('pages.tif', 'TIFF'), ('views.jpg', 'MPO')):
    assert kind_of(write_moving(tmp_path / name, kind)) is Kind.PICTURE


@pytest.mark.parametrize(
  ('container', 'codec'),
  [
    ('mp4', 'mpeg4'),
    ('matroska', 'mpeg4'),
    ('avi', 'mpeg4'),
    ('mpegts', 'mpeg2video'),
    ('mpeg', 'mpeg2video'),
    ('asf', 'mpeg4'),
    ('flv', 'flv'),
    ('3gp', 'mpeg4'),
    ('ogg', 'libtheora'),
    ('h264', 'libx264'),
    ('mpeg2video', 'mpeg2video'),
  ],
)
def test_a_video_is_one_whatever_its_name(container, codec, tmp_path):
  if codec not in av.codecs_available:
    pytest.skip(f'this libav has no {codec}')
  for name in ('a.mp4', 'a.gif', 'a', 'a.txt', 'a.mp3', 'a.jpg'):
    path = write_streams(tmp_path / name, container, codec)
    assert kind_of(path) is Kind.VIDEO, name


def test_a_video_that_is_called_a_gif_is_read(tmp_path):
  path = write_streams(tmp_path / 'a.gif', 'mp4', 'mpeg4')
  assert len([*video_reader.read(path)]) == 12


def test_sound_is_neither_picture_nor_video_whatever_its_name(tmp_path):
  path = write_sound(tmp_path / 'a.mp4')
  for name in ('a.m4a', 'a.gif', 'a.jpg', 'a'):
    path = path.rename(tmp_path / name)
    assert kind_of(path) is Kind.SOUND, name


def test_a_song_with_a_cover_is_no_video(tmp_path):
  cover = write_picture(tmp_path / 'cover.jpg', 'JPEG')
  with (
    av.open(str(write_sound(tmp_path / 'a.mp4'))) as sound,
    av.open(str(cover)) as picture,
    av.open(str(tmp_path / 'song'), 'w', format='mp4') as song,
  ):
    track = song.add_stream_from_template(sound.streams.audio[0])
    art = song.add_stream_from_template(picture.streams.video[0])
    art.disposition = av.stream.Disposition.attached_pic
    for source, target in ((picture, art), (sound, track)):
      for packet in source.demux():
        if packet.size:
          packet.stream = target
          song.mux(packet)
  assert kind_of(tmp_path / 'song') is Kind.SOUND


@pytest.mark.parametrize(
  ('name', 'kind'),
  [
    ('a.mp4', Kind.VIDEO),
    ('a.TS', Kind.VIDEO),
    ('a.avif', Kind.PICTURE),
    ('a.wav', Kind.SOUND),
    ('a.txt', Kind.OTHER),
    ('a', Kind.OTHER),
  ],
)
def test_where_content_says_nothing_the_name_does(name, kind, tmp_path):
  for content in (b'', b'hello', bytes(5000), np.arange(999).tobytes()):
    (tmp_path / name).write_bytes(content)
    assert kind_of(tmp_path / name) is kind
  assert kind_of(tmp_path / 'nowhere' / name) is kind


def test_a_video_that_is_cut_short_is_still_one(tmp_path):
  whole = write_video(tmp_path / 'a.mp4', talking(5)).read_bytes()
  (tmp_path / 'a').write_bytes(whole[: len(whole) // 2])
  assert kind_of(tmp_path / 'a') is Kind.VIDEO
