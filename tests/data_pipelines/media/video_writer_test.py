import errno
import itertools
import os
import resource
import shutil
import signal
import threading
import time
from fractions import Fraction

import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import (
  video_reader,
  video_writer,
)
from data_pipelines.media.video_writer import (
  WAITING,
  VideoWriter,
)
from data_pipelines.provenance.origin import Origin

NTSC = Fraction(30000, 1001)
RLIMIT = resource.RLIMIT_FSIZE


def moving_square(height=48, width=64):
  """A red square that wanders over a blue ground, in six frames."""
  video = np.full((6, height, width, 3), (20, 60, 160), np.uint8)
  for index, frame in enumerate(video):
    frame[8 : height // 2, 4 * index : 4 * index + 16] = (210, 40, 30)
  return video


def write(path, frames, **options):
  with VideoWriter(path, NTSC, **options) as video:
    for frame in frames:
      video.write(frame)
  return path


def numbered(count):
  """Frames whose pixels are their number."""
  return np.broadcast_to(
    np.arange(count, dtype=np.uint8)[:, None, None, None], (count, 4, 6, 3)
  )


def numbers(path):
  return [frame[0, 0, 0] for frame in video_reader.read(path)]


def press_ctrl_c():
  signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


@pytest.fixture(autouse=True)
def no_thread_remains():
  before = set(threading.enumerate())
  yield
  assert set(threading.enumerate()) <= before


@pytest.fixture(autouse=True)
def ctrl_c_interrupts():
  """A job in the background ignores Ctrl-C, and with it the tests it runs."""
  before = signal.signal(signal.SIGINT, signal.default_int_handler)
  yield
  signal.signal(signal.SIGINT, before)


@pytest.fixture
def before_writing(monkeypatch):
  """Sets what is done before a folder's pictures are written."""

  def patch(do):
    write = video_writer._Folder.write

    def slowly(folder, frame):
      do()
      write(folder, frame)

    monkeypatch.setattr(video_writer._Folder, 'write', slowly)

  return patch


def single_line(path):
  return rf'\A{path}: [^\n]+\Z'


@pytest.mark.parametrize('name', ['a.mp4', 'a.gif', 'a.webp', 'a'])
def test_what_is_written_is_read_again(name, tmp_path):
  frames = moving_square()
  video = video_reader.read(write(tmp_path / name, frames))
  again = np.stack(list(video))
  assert again.shape == frames.shape
  assert np.abs(again.astype(int) - frames).mean() < 3
  assert video.probe[:2] == (64, 48) and video.probe.frames == 6


def test_a_folder_of_frames_is_lossless(tmp_path):
  frames = np.random.default_rng(0).integers(0, 256, (3, 7, 9, 3), np.uint8)
  again = list(video_reader.read(write(tmp_path / 'frames', frames)))
  np.testing.assert_array_equal(again, frames)
  assert sorted(os.listdir(tmp_path / 'frames'))[0] == '000000.png'


def test_a_rate_stays_a_fraction(tmp_path):
  assert (
    video_reader.read(write(tmp_path / 'a.mp4', moving_square())).rate == NTSC
  )


def test_colours_keep_their_matrix(tmp_path):
  frames = np.full((2, 32, 32, 3), (200, 30, 60), np.uint8)
  video = video_reader.read(write(tmp_path / 'a.mp4', frames, crf=4))
  np.testing.assert_allclose(next(iter(video)), frames[0], atol=4)


def test_an_odd_size_gains_a_row_and_a_column_in_an_mp4(tmp_path):
  video = write(tmp_path / 'a.mp4', moving_square(height=47, width=63))
  assert video_reader.probe(video)[:2] == (64, 48)


@pytest.mark.parametrize('name', ['a.txt', 'file/a.mp4', 'file', 'full'])
def test_a_place_that_cannot_be_written_is_one_clear_line(name, tmp_path):
  (tmp_path / 'file').touch()
  (tmp_path / 'full').mkdir()
  (tmp_path / 'full' / 'a.png').touch()
  with pytest.raises(DataError, match=single_line(tmp_path / name)):
    write(tmp_path / name, moving_square())


@pytest.mark.parametrize('name', ['a.mp4', 'a.gif', 'a.webp', 'a'])
def test_an_interrupted_video_leaves_nothing(name, tmp_path):
  with (
    pytest.raises(KeyboardInterrupt),
    VideoWriter(tmp_path / name, 25) as video,
  ):
    video.write(moving_square()[0])
    raise KeyboardInterrupt
  assert os.listdir(tmp_path) == []


@pytest.mark.parametrize('name', ['a.mp4', 'a.gif', 'a.webp', 'a'])
@pytest.mark.parametrize('count', [1, 4])
def test_a_video_closed_early_keeps_what_was_written(name, count, tmp_path):
  frames = moving_square()[:count]
  with (
    pytest.raises(KeyboardInterrupt),
    VideoWriter(tmp_path / name, 25) as video,
  ):
    for frame in frames:
      video.write(frame)
    video.close()
    raise KeyboardInterrupt
  again = np.stack(list(video_reader.read(tmp_path / name)))
  assert np.abs(again.astype(int) - frames).mean() < 3
  assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize('name', ['a.mp4', 'a'])
def test_after_a_video_is_closed_nothing_can_follow(name, tmp_path):
  video = VideoWriter(tmp_path / name, 25)
  video.write(moving_square()[0])
  video.close()
  video.close()
  with pytest.raises(ValueError, match='closed'):
    video.write(moving_square()[1])
  assert len(list(video_reader.read(tmp_path / name))) == 1


@pytest.mark.parametrize('name', ['a.mp4', 'a.gif', 'a.webp', 'a'])
@pytest.mark.parametrize('share', [0.1, 0.9, 0.999])
def test_a_full_disk_is_one_clear_line_and_leaves_nothing(
  name, share, tmp_path
):
  """Files may not grow beyond a share of what is needed."""
  frames = np.random.default_rng(0).integers(0, 256, (70, 48, 64, 3), np.uint8)
  whole = write(tmp_path / name, frames, origin=Origin('how it came about'))
  if whole.is_dir():
    (tmp_path / 'a').rename(tmp_path / 'whole')
    whole = tmp_path / 'whole' / '000000.png'
  room = int(whole.stat().st_size * share)
  before, limits = os.listdir(tmp_path), resource.getrlimit(RLIMIT)
  resource.setrlimit(RLIMIT, (room, limits[1]))
  try:
    with pytest.raises(DataError, match=single_line(tmp_path / name)):
      write(tmp_path / name, frames, origin=Origin('how it came about'))
  finally:
    resource.setrlimit(RLIMIT, limits)
  assert os.listdir(tmp_path) == before
  assert len(list(video_reader.read(whole))) in {1, 70}


def test_a_video_without_frames_is_not_written(tmp_path):
  with pytest.raises(DataError, match=single_line(tmp_path / 'a.mp4')):
    write(tmp_path / 'a.mp4', [])
  assert os.listdir(tmp_path) == []


def test_frames_of_two_sizes_do_not_make_a_video(tmp_path):
  with pytest.raises(ValueError, match='in a video of'):
    write(
      tmp_path / 'a',
      [np.zeros((4, 4, 3), np.uint8)] * 2 + [np.zeros((4, 6, 3), np.uint8)],
    )


def test_frames_come_in_order_from_one_array_used_again(tmp_path):
  array = np.empty((4, 6, 3), np.uint8)
  with VideoWriter(tmp_path / 'a', 25) as video:
    for frame in numbered(5 * WAITING):
      array[:] = frame
      video.write(array)
  assert numbers(tmp_path / 'a') == list(range(5 * WAITING))


def test_frames_wait_for_their_encoder_but_not_too_many(
  before_writing, tmp_path
):
  gate = threading.Event()
  before_writing(gate.wait)
  frames = numbered(WAITING + 1)
  with VideoWriter(tmp_path / 'a', 25) as video:
    for frame in frames[:-1]:
      video.write(frame)  # returns, though nothing can be encoded
    last = threading.Thread(target=video.write, args=frames[-1:])
    last.start()
    last.join(timeout=0.1)
    assert last.is_alive()
    gate.set()
    last.join()
  assert numbers(tmp_path / 'a') == list(range(WAITING + 1))


@pytest.mark.parametrize('good', [0, 1, 3])
def test_what_stops_the_encoder_stops_the_writer(
  good, before_writing, tmp_path
):
  done = itertools.count()

  def fail():
    if next(done) >= good:
      raise OSError(errno.ENOSPC, 'the disk is full')

  before_writing(fail)
  with (
    pytest.raises(DataError, match=single_line(tmp_path / 'a')),
    VideoWriter(tmp_path / 'a', 25) as video,
  ):
    for frame in numbered(good + WAITING + 1):
      video.write(frame)
    video.write(frame)
    pytest.fail('there was no place for another frame, and no word of it')
  assert os.listdir(tmp_path) == []


def test_an_error_of_the_last_frame_is_raised_when_the_video_is_closed(
  before_writing, tmp_path
):
  gate = threading.Event()

  def fail():
    gate.wait()
    raise OSError(errno.ENOSPC, 'the disk is full')

  before_writing(fail)
  video = VideoWriter(tmp_path / 'a', 25)
  video.write(numbered(1)[0])
  gate.set()
  with pytest.raises(DataError, match=single_line(tmp_path / 'a')):
    video.close()
  assert os.listdir(tmp_path) == []


def test_a_mistake_of_ours_is_not_taken_for_the_users(before_writing, tmp_path):
  def fail():
    raise RuntimeError('a bug')

  before_writing(fail)
  with pytest.raises(RuntimeError, match='a bug'):
    write(tmp_path / 'a', numbered(1))
  assert os.listdir(tmp_path) == []


@pytest.mark.parametrize('name', ['a.mp4', 'a.gif', 'a'])
def test_a_place_that_goes_while_it_is_written_is_one_clear_line(
  name, tmp_path
):
  path = tmp_path / 'folder' / name
  with (
    pytest.raises(DataError, match=single_line(path)),
    VideoWriter(path, 25) as video,
  ):
    video.write(moving_square()[0])
    while path.parent.exists():  # the writer may add a file meanwhile
      shutil.rmtree(path.parent, ignore_errors=True)
    for frame in moving_square():
      video.write(frame)
  assert os.listdir(tmp_path) == []


def test_what_waits_is_not_encoded_when_a_video_is_discarded(
  before_writing, tmp_path
):
  started = []

  def until_discarded():
    started.append(None)
    while video._worker._is_wanted:
      time.sleep(0.001)

  before_writing(until_discarded)
  video = VideoWriter(tmp_path / 'a', 25)
  for frame in numbered(WAITING):
    video.write(frame)
  video.discard()
  video.discard()
  assert len(started) <= 1
  assert os.listdir(tmp_path) == []


def test_of_a_video_that_is_forgotten_nothing_remains(tmp_path):
  video = VideoWriter(tmp_path / 'a.mp4', 25)
  video.write(moving_square()[0])
  del video
  assert os.listdir(tmp_path) == []


def test_ctrl_c_while_frames_wait_keeps_what_was_written(
  before_writing, tmp_path
):
  gate = threading.Event()
  before_writing(gate.wait)
  ctrl_c = threading.Timer(0.1, press_ctrl_c)
  written = 0
  with (
    pytest.raises(KeyboardInterrupt),
    VideoWriter(tmp_path / 'a', 25) as video,
  ):
    ctrl_c.start()
    try:
      for frame in numbered(WAITING + 1):
        video.write(frame)
        written += 1
      pytest.fail('a place was found for one frame more')
    except KeyboardInterrupt:
      gate.set()
      video.close()
      raise
  ctrl_c.join()
  # Ctrl-C may come between the last frame's being taken and being counted.
  assert numbers(tmp_path / 'a')[:written] == list(range(written))
  assert len(numbers(tmp_path / 'a')) - written in {0, 1}
  assert os.listdir(tmp_path) == ['a']


@pytest.mark.parametrize('name', ['a.mp4', 'a'])
def test_ctrl_c_while_a_video_is_closed_is_raised_once_it_is_whole(
  name, monkeypatch, tmp_path
):
  video = VideoWriter(tmp_path / name, 25)
  sink = video._worker._sink
  close = sink.close

  def interrupted():
    press_ctrl_c()
    close()

  monkeypatch.setattr(sink, 'close', interrupted)
  for frame in moving_square():
    video.write(frame)
  with pytest.raises(KeyboardInterrupt):
    video.close()
  assert len(numbers(tmp_path / name)) == 6
  assert os.listdir(tmp_path) == [name]


def test_ctrl_c_again_and_again_gives_the_video_up(monkeypatch, tmp_path):
  video = VideoWriter(tmp_path / 'a', 25)

  def interrupted():
    while video._worker._is_wanted:
      press_ctrl_c()
      time.sleep(0.01)

  monkeypatch.setattr(video._worker._sink, 'close', interrupted)
  video.write(numbered(1)[0])
  with pytest.raises(KeyboardInterrupt):
    video.close()
  video.discard()
  assert os.listdir(tmp_path) == []
