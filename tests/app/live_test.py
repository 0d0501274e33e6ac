import contextlib
import io
import logging as python_logging

import av
import numpy as np
import pytest

from dagan_jax.app import live, screens
from dagan_jax.app.live import LiveFiles, show_live
from dagan_jax.app.origins import make_mark
from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment.settings import Settings
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures, video_writer
from tests.support.tiny import SIZE, video

SETTINGS = Settings(crop='none', crop_driving='none', smooth=3.0)


@pytest.fixture
def inputs(tmp_path, workdir):
  pictures.write_picture(tmp_path / 'portrait.png', video(9)[8])
  with video_writer.VideoWriter(tmp_path / 'driving.mp4', 50) as writer:
    for frame in video(10):
      writer.write(frame)
  return {
    'workdir': workdir,
    'source': str(tmp_path / 'portrait.png'),
    'driving': str(tmp_path / 'driving.mp4'),
    'output': 'pipe',
  }


@pytest.fixture
def pipe(monkeypatch):
  """What is written to the pipe."""
  file = io.BytesIO()

  def open_pipe(output, rate):
    assert output == 'pipe'
    return contextlib.closing(screens.Pipe(file, rate))

  monkeypatch.setattr(live, 'open_screen', open_pipe)
  return file


def read(file):
  file.seek(0)
  with av.open(file) as shown:
    return [frame.to_ndarray(format='rgb24') for frame in shown.decode()]


def test_a_video_at_its_rate_drives_like_a_camera(inputs, pipe, caplog):
  with caplog.at_level(python_logging.INFO):
    show_live(LiveFiles(**inputs), SETTINGS)
  shown = read(pipe)
  assert 1 <= len(shown) <= 10 and shown[0].shape == (SIZE, SIZE, 3)
  assert f'{len(shown)} frames shown, {10 - len(shown)} dropped' in caplog.text


def test_what_is_shown_is_marked_unless_that_is_put_out(
  inputs, pipe, monkeypatch
):
  marked = []

  def make():
    mark = make_mark()
    return lambda picture: marked.append(1) or mark(picture)

  monkeypatch.setattr(live, 'make_mark', make)
  show_live(LiveFiles(**inputs), SETTINGS.change(provenance=False))
  assert not marked
  show_live(LiveFiles(**inputs), SETTINGS)
  assert marked


def test_the_driver_can_be_mirrored(inputs, pipe, tmp_path):
  half = np.zeros((SIZE, SIZE, 3), np.uint8)
  half[:, : SIZE // 2] = 255
  with video_writer.VideoWriter(tmp_path / 'half.mp4', 50) as writer:
    writer.write(half)
  inputs['driving'] = str(tmp_path / 'half.mp4')
  shows = SETTINGS.change(grid='driving', provenance=False)
  show_live(LiveFiles(**inputs, mirror=True), shows)
  (mirrored,) = read(pipe)
  assert mirrored[:, : SIZE // 2 - 2].mean() < 20
  assert mirrored[:, SIZE // 2 + 2 :].mean() > 235


def test_it_ends_when_it_is_told_to(inputs, pipe, monkeypatch):
  wishes = iter([set(), {screens.REST}, {screens.STOP}])
  monkeypatch.setattr(
    screens.Pipe, 'take_wishes', lambda self: next(wishes, set())
  )
  files = LiveFiles(**inputs)
  try:
    show_live(files, SETTINGS)
  finally:
    assert len(read(pipe)) <= 3


def test_it_ends_after_some_seconds(inputs, pipe):
  show_live(LiveFiles(**inputs, seconds=0.01), SETTINGS)
  assert 1 <= len(read(pipe)) < 10


def test_who_watches_may_go(inputs, pipe, monkeypatch, caplog):
  def show(self, picture):
    raise BrokenPipeError

  monkeypatch.setattr(screens.Pipe, 'show', show)
  with caplog.at_level(python_logging.INFO):
    show_live(LiveFiles(**inputs), SETTINGS)
  assert 'who watched has ended' in caplog.text


def test_wrong_wishes_are_one_line(inputs, pipe):
  with pytest.raises(UsageError, match='--camera and --driving'):
    LiveFiles(**inputs, camera='0')
  with pytest.raises(UsageError, match=r'--seconds=-1'):
    LiveFiles(**inputs, seconds=-1.0)
  with pytest.raises(UsageError, match='start=3'):
    show_live(LiveFiles(**inputs), SETTINGS.change(start=3))
  without = {**inputs, 'driving': None, 'camera': '97'}
  with pytest.raises(DataError, match='camera 97: cannot be opened'):
    show_live(LiveFiles(**without), SETTINGS)
