import itertools
import re
import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import video_reader, video_writer
from data_pipelines.media.pictures import write_picture
from data_pipelines.media.video_reader import SteadyVideo
from tests.support.drawn_faces import write_sound


def moving_square(frames=6, height=48, width=64):
  """A red square that wanders over a blue ground."""
  video = np.full((frames, height, width, 3), (20, 60, 160), np.uint8)
  for index, frame in enumerate(video):
    frame[8 : height // 2, 4 * index : 4 * index + 16] = (210, 40, 30)
  return video


def write(path, frames):
  with video_writer.VideoWriter(path, 25) as video:
    for frame in frames:
      video.write(frame)
  return path


def single_line(path):
  return rf'\A{path}: [^\n]+\Z'


def test_a_video_can_be_read_twice(tmp_path):
  video = video_reader.read(write(tmp_path / 'a.mp4', moving_square()))
  np.testing.assert_array_equal(list(video), list(video))


@pytest.mark.parametrize(
  'degrees, hflip', itertools.product([0, 90, 180, 270], [False, True])
)
def test_a_phones_display_matrix_is_honoured(degrees, hflip, tmp_path):
  frame = moving_square()[0]
  with av.open(str(tmp_path / 'a.mp4'), 'w') as container:
    stream = container.add_stream('libx264', 25, options={'crf': '4'})
    stream.height, stream.width = frame.shape[:2]
    stream.pix_fmt = 'yuv420p'
    stream.set_display_rotation(degrees, hflip=hflip)
    for _ in range(3):
      image = av.VideoFrame.from_ndarray(frame, format='rgb24')
      container.mux(stream.encode(image))
    container.mux(stream.encode())
  video = video_reader.read(tmp_path / 'a.mp4')
  turned = np.rot90(frame, degrees // 90)
  turned = turned[:, ::-1] if hflip else turned
  image = next(iter(video))
  assert image.shape == turned.shape
  assert (video.probe.height, video.probe.width) == turned.shape[:2]
  assert np.abs(image.astype(int) - turned).mean() < 4


def test_wide_pixels_become_square_ones(tmp_path):
  with av.open(str(tmp_path / 'a.mp4'), 'w') as container:
    stream = container.add_stream('libx264', 25)
    stream.width, stream.height, stream.pix_fmt = 64, 48, 'yuv420p'
    stream.codec_context.sample_aspect_ratio = Fraction(3, 2)
    for frame in moving_square():
      image = av.VideoFrame.from_ndarray(frame, format='rgb24')
      container.mux(stream.encode(image))
    container.mux(stream.encode())
  assert video_reader.probe(tmp_path / 'a.mp4')[:2] == (96, 48)


def test_frames_of_a_folder_come_in_natural_order(tmp_path):
  for index in (10, 9, 100, 1):
    Image.new('RGB', (4, 4), (index, 0, 0)).save(tmp_path / f'frame{index}.png')
  video = video_reader.read(tmp_path)
  assert [frame[0, 0, 0] for frame in video] == [1, 9, 10, 100]


def test_a_picture_is_a_video_of_one_frame(tmp_path):
  Image.new('RGB', (4, 6)).save(tmp_path / 'a.png')
  video = video_reader.read(tmp_path / 'a.png')
  assert video.probe.frames == 1 and len(list(video)) == 1


def test_a_gif_of_uneven_durations_has_a_rate_that_shows_every_frame(tmp_path):
  pictures = [Image.new('RGB', (8, 8), (k * 60, 0, 0)) for k in range(4)]
  pictures[0].save(
    tmp_path / 'a.gif',
    save_all=True,
    append_images=pictures[1:],
    duration=[40, 80, 200, 80],
  )
  assert len(list(video_reader.read(tmp_path / 'a.gif'))) == 4
  steady = SteadyVideo(tmp_path / 'a.gif')
  assert len({frame.tobytes() for frame in steady}) == 4
  assert len(list(steady)) == steady.probe.frames == steady.rate * 2 / 5


def bad_video(kind, folder):
  path = folder / f'{kind}.mp4'
  if kind == 'text':
    path.write_text('not a video')
  elif kind == 'empty':
    path.touch()
  elif kind == 'cut':  # without faststart, the index comes last
    with av.open(str(path), 'w') as container:
      stream = container.add_stream('libx264', 25)
      stream.width, stream.height, stream.pix_fmt = 64, 48, 'yuv420p'
      for frame in moving_square(30):
        image = av.VideoFrame.from_ndarray(frame, format='rgb24')
        container.mux(stream.encode(image))
      container.mux(stream.encode())
    path.write_bytes(path.read_bytes()[:2000])
  elif kind == 'sound':
    write_sound(path)
  elif kind == 'folder':
    path.mkdir()
  elif kind == 'gif':
    path = path.with_suffix('.gif')
    path.write_text('GIF89a, or so')
  return path


@pytest.mark.parametrize(
  'kind', ['missing', 'text', 'empty', 'cut', 'sound', 'folder', 'gif']
)
def test_a_bad_video_is_one_clear_line(kind, tmp_path, capfd):
  path = bad_video(kind, tmp_path)
  with pytest.raises(DataError, match=single_line(path)):
    video_reader.read(path)
  assert capfd.readouterr() == ('', '')


def broken_video(folder, damage):
  """A video of 60 frames of noise, whose index comes first, damaged."""
  noise = np.random.default_rng(0).integers(0, 256, (60, 48, 64, 3), np.uint8)
  path = write(folder / 'a.mp4', noise)
  whole = bytearray(path.read_bytes())
  half = len(whole) // 2
  if damage == 'cut':
    whole = whole[:half]
  else:
    whole[half : half + 20000] = bytes(20000)
  path.write_bytes(whole)
  return path


@pytest.mark.parametrize('damage', ['cut', 'zeros'])
def test_a_video_that_breaks_off_gives_what_it_has_and_remembers_why(
  damage, tmp_path, capfd
):
  path = broken_video(tmp_path, damage)
  video = video_reader.read(path)
  assert video.broken is None
  frames = list(video)
  assert 5 < len(frames) < 55
  assert isinstance(video.broken, DataError)
  assert re.fullmatch(single_line(path), str(video.broken))
  assert f'at frame {len(frames)};' in str(video.broken)
  assert capfd.readouterr() == ('', '')


@pytest.fixture
def folder(tmp_path):
  """A video as a folder of 30 pictures."""
  for number, frame in enumerate(moving_square(30)):
    write_picture(tmp_path / 'video' / f'{number:03}.png', frame)
  return tmp_path / 'video'


def test_a_steady_video_is_read_again_and_again_but_opened_once(
  tmp_path, monkeypatch
):
  path = write(tmp_path / 'a.mp4', moving_square(9))
  expected = list(video_reader.read(path))
  video = SteadyVideo(path)
  monkeypatch.delattr(video_reader, 'probe')
  assert video.rate == 25
  for _ in range(2):
    np.testing.assert_array_equal([*video], expected)
  assert len([*video.spread(3)]) in (3, 4)
  assert video.broken is None


def test_a_steady_video_repeats_what_is_shown_for_long(tmp_path):
  times = [0, 40, 80, 200, 220, 240, 400]
  path = write_timed(tmp_path / 'a.mkv', times)
  video = SteadyVideo(path)
  assert numbers(video) == numbers(video_reader.read(path).at(video.rate))
  assert numbers(video) != numbers(video_reader.read(path))


def test_a_spread_covers_the_video_and_is_not_longer_than_it(folder):
  video = video_reader.read(folder)
  frames = [*video]
  np.testing.assert_array_equal([*video.spread(5)], frames[::6])
  np.testing.assert_array_equal([*video.spread(100)], frames)


@pytest.mark.parametrize('open_video', [video_reader.read, SteadyVideo])
def test_a_video_breaks_off_in_every_pass_at_the_same_frame(folder, open_video):
  expected = [*open_video(folder)][:7]
  (folder / '007.png').write_text('torn')
  video = open_video(folder)
  for _ in range(2):
    np.testing.assert_array_equal([*video], expected)
    assert '007.png' in str(video.broken)


@pytest.mark.parametrize('open_video', [video_reader.read, SteadyVideo])
def test_of_a_video_that_holds_no_frame_there_is_nothing_to_read(
  folder, open_video
):
  video = open_video(folder)
  (folder / '000.png').write_text('torn')
  for frames in (video, video.at(25)):
    with pytest.raises(DataError, match=r'000\.png'):
      next(iter(frames))
  assert video.broken is None
  with pytest.raises(DataError, match=r'000\.png'):
    open_video(folder)


def test_reading_videos_imports_neither_grain_nor_jax():
  script = (
    'import sys; from data_pipelines.media import video_reader, pictures;'
    ' assert not {"grain", "jax", "tensorflow"} & set(sys.modules)'
  )
  subprocess.run([sys.executable, '-c', script], check=True)


def numbered(number):
  """A picture of a grey that tells its number."""
  return np.full((32, 32, 3), 10 * number, np.uint8)


def numbers(frames):
  return [round(frame.mean() / 10) for frame in frames]


def write_timed(path, milliseconds, codec='libx264', base=1000, options=None):
  """A video whose frame k, of the grey of k, appears at milliseconds[k]."""
  with av.open(str(path), 'w') as container:
    stream = container.add_stream(codec, 25, options=options or {'crf': '1'})
    stream.width = stream.height = 32
    stream.pix_fmt = 'yuv420p'
    stream.codec_context.time_base = Fraction(1, base)
    for number, time in enumerate(milliseconds):
      frame = av.VideoFrame.from_ndarray(numbered(number), format='rgb24')
      frame.pts, frame.time_base = time * base // 1000, Fraction(1, base)
      container.mux(stream.encode(frame))
    container.mux(stream.encode())
  return path


@pytest.mark.parametrize('suffix', ['mp4', 'mkv', 'mov'])
def test_a_variable_frame_rate_is_honoured(suffix, tmp_path):
  path = write_timed(tmp_path / f'a.{suffix}', [0, 40, 80, 200, 220, 240, 400])
  video = video_reader.read(path, rate=25)
  assert numbers(video)[:11] == [0, 1, 2, 2, 2, 3, 5, 5, 5, 5, 6]
  assert video.rate == 25
  assert len(list(video_reader.read(path))) == 7


def test_a_video_without_time_stamps_has_its_mean_rate(tmp_path):
  path = write_timed(tmp_path / 'a.avi', range(0, 400, 40), 'mpeg4', base=25)
  assert numbers(video_reader.read(path, rate=25)) == list(range(10))
  assert numbers(video_reader.read(path, rate=12.5)) == list(range(0, 10, 2))


def test_a_video_opened_once_is_read_at_any_rate(tmp_path, monkeypatch):
  times = [0, 40, 80, 200, 220, 240, 400]
  video = video_reader.read(write_timed(tmp_path / 'a.mp4', times))
  monkeypatch.delattr(video_reader, 'probe')
  assert numbers(video.at(25))[:11] == [0, 1, 2, 2, 2, 3, 5, 5, 5, 5, 6]
  assert numbers(video.at(10))[:5] == [0, 2, 3, 5, 6]
  assert numbers(video) == list(range(7))


@pytest.mark.parametrize('suffix', ['mp4', 'mkv'])
@pytest.mark.parametrize('start', [0.04, 0.2, 0.5, 0.72])
def test_an_interval_is_that_part_of_the_whole(start, suffix, tmp_path):
  times = range(0, 1000, 40)
  path = write_timed(
    tmp_path / f'a.{suffix}', times, options={'crf': '1', 'g': '7', 'bf': '2'}
  )
  whole = list(video_reader.read(path, rate=25))
  part = list(video_reader.read(path, rate=25, start=start, end=start + 0.2))
  first = round(start * 25)
  np.testing.assert_array_equal(part, whole[first : first + 5])


def test_an_interval_beyond_the_end_is_empty(tmp_path):
  path = write_timed(tmp_path / 'a.mp4', range(0, 400, 40))
  assert list(video_reader.read(path, rate=25, start=3, end=4)) == []


def test_a_gifs_durations_are_honoured(tmp_path):
  pictures = [Image.fromarray(numbered(k)) for k in range(3)]
  pictures[0].save(
    tmp_path / 'a.gif',
    save_all=True,
    append_images=pictures[1:],
    duration=[40, 120, 80],
  )
  video = video_reader.read(tmp_path / 'a.gif', rate=25)
  assert numbers(video) == [0, 1, 1, 1, 2, 2]


def test_a_clock_that_leaps_breaks_a_video_off(tmp_path):
  path = write_timed(tmp_path / 'a.mkv', [0, 40, 80, 5_000_000, 5_000_040])
  video = video_reader.read(path, rate=25)
  assert len(list(video)) < 5
  assert re.fullmatch(single_line(path), str(video.broken))
