import io
import os
import threading

import av
import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import live_video, video_reader
from data_pipelines.media.live_video import LiveVideo
from tests.support import tiny


def encode(format: str, codec: str, count: int) -> bytes:
  """A video as it would be sent."""
  file = io.BytesIO()
  with av.open(file, 'w', format=format) as out:
    stream = out.add_stream(codec, 30, width=tiny.SIZE, height=tiny.SIZE)
    stream.pix_fmt = 'yuv420p'
    for frame in tiny.video(count):
      picture = av.VideoFrame.from_ndarray(frame, format='rgb24')
      out.mux(stream.encode(picture))
    out.mux(stream.encode(None))
  return file.getvalue()


def open_stream(data: bytes) -> LiveVideo:
  return LiveVideo(io.BytesIO(data), 'a camera')


@pytest.mark.parametrize(
  ('format', 'codec'),
  [
    ('matroska', 'libx264'),
    ('mpegts', 'libx264'),
    ('yuv4mpegpipe', 'rawvideo'),
  ],
)
def test_a_stream_gives_the_frames_of_the_same_video_as_a_file(
  format, codec, tmp_path
):
  data = encode(format, codec, 5)
  (tmp_path / 'video.mkv').write_bytes(data)
  stream = open_stream(data)
  assert stream.rate == 30
  np.testing.assert_array_equal(
    [*stream], [*video_reader.read(tmp_path / 'video.mkv')]
  )
  assert stream.broken is None


def test_frames_are_given_while_the_stream_still_goes_on(monkeypatch):
  data = encode('yuv4mpegpipe', 'rawvideo', 6)
  end = data.rindex(b'FRAME')  # of the fifth frame
  file, sent = os.pipe()
  monkeypatch.setattr(live_video, 'STANDARD_INPUT', file)
  os.write(sent, data[:end])
  frames = iter(live_video.open_standard_input())
  for _ in range(4):  # the fifth may wait for the sixth
    assert next(frames).shape == (tiny.SIZE, tiny.SIZE, 3)
  rest = threading.Thread(
    target=lambda: (os.write(sent, data[end:]), os.close(sent))
  )
  rest.start()
  assert len([*frames]) == 2
  rest.join()
  os.close(file)


class Interrupted(io.BytesIO):
  """Ctrl-C comes while the end of the data is waited for."""

  def read(self, size):
    if data := super().read(size):
      return data
    raise KeyboardInterrupt


def test_ctrl_c_ends_the_stream():
  data = encode('matroska', 'libx264', 5)
  with pytest.raises(KeyboardInterrupt):
    list(LiveVideo(Interrupted(data), 'a camera'))
  with pytest.raises(KeyboardInterrupt):
    LiveVideo(Interrupted(b''), 'a camera')


@pytest.mark.parametrize('data', [b'', b'no video', b'\0' * 1000])
def test_what_is_no_video_is_one_line(data):
  with pytest.raises(DataError, match='a camera: no video') as caught:
    open_stream(data)
  assert '\n' not in str(caught.value)
