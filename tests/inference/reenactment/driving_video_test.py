from fractions import Fraction

import numpy as np
import pytest

from dagan_jax.inference.reenactment.driving_video import DrivingVideo
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import (
  pictures,
  video_reader,
)
from tests.support import tiny


@pytest.fixture
def folder(tmp_path):
  """A video as a folder of 30 pictures."""
  for number, frame in enumerate(tiny.video(30)):
    pictures.write_picture(tmp_path / 'video' / f'{number:03}.png', frame)
  return tmp_path / 'video'


def test_a_video_is_read_again_and_again_but_opened_once(tmp_path, monkeypatch):
  path = tmp_path / 'video.mp4'
  with video_reader.VideoWriter(path, Fraction(30000, 1001)) as out:
    for frame in tiny.video(9):
      out.write(frame)
  expected = list(video_reader.read(path))
  probed, probe = [], video_reader.probe
  monkeypatch.setattr(
    video_reader, 'probe', lambda p: probed.append(p) or probe(p)
  )
  video = DrivingVideo(path)
  assert video.rate == Fraction(30000, 1001)
  for _ in range(2):
    np.testing.assert_array_equal([*video], expected)
  assert len([*video.spread(3)]) in (3, 4)
  assert len(probed) == 1 and video.broken is None


def test_a_spread_covers_the_video_and_is_not_longer_than_it(folder):
  video = DrivingVideo(folder)
  frames = [*video]
  few = [*video.spread(5)]
  np.testing.assert_array_equal(few, frames[::6])
  np.testing.assert_array_equal([*video.spread(100)], frames)


def test_a_video_ends_where_it_breaks_off_and_remembers_why(folder):
  expected = [*DrivingVideo(folder)][:7]
  (folder / '007.png').write_text('torn')
  video = DrivingVideo(folder)
  for _ in range(2):
    np.testing.assert_array_equal([*video], expected)
    assert '007.png' in str(video.broken)


def test_of_a_video_that_holds_no_frame_there_is_nothing_to_read(folder):
  video = DrivingVideo(folder)
  (folder / '000.png').write_text('torn')
  with pytest.raises(DataError, match=r'000\.png'):
    next(iter(video))
  with pytest.raises(DataError, match=r'000\.png'):
    DrivingVideo(folder)
