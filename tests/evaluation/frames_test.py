import numpy as np
import pytest

from dagan_jax.evaluation.examples import Example
from dagan_jax.evaluation.frames import End, Frame, Start, read_examples
from dagan_jax.evaluation.protocol import SAME, Protocol
from data_pipelines.media.pictures import write_picture
from data_pipelines.media.video_writer import VideoWriter
from tests.support import tiny

PROTOCOL = Protocol(SAME, (), size=32)


def write_frames(folder, frames):
  folder.mkdir(parents=True)
  for number, frame in enumerate(frames):
    write_picture(folder / f'{number}.png', frame)
  return folder


@pytest.fixture
def example(tmp_path):
  frames = tiny.video(6)
  return Example(
    'a',
    write_frames(tmp_path / 'made', frames[::-1]),
    write_frames(tmp_path / 'true', frames),
    tmp_path / 'true' / '5.png',
  )


def read(example, protocol=PROTOCOL):
  return list(read_examples([example], protocol))


def why_left_out(example):
  *_, end = read(example)
  assert isinstance(end, End)
  return end.left_out


def test_frames_come_in_pairs_between_a_start_and_an_end(example):
  start, *frames, end = read(example)
  truth = tiny.video(6)
  assert start.name == 'a'
  np.testing.assert_array_equal(start.source, truth[5])
  for number, frame in enumerate(frames):
    assert isinstance(frame, Frame)
    np.testing.assert_array_equal(frame.driving, truth[number])
    np.testing.assert_array_equal(frame.generated, truth[5 - number])
  assert (len(frames), end) == (6, End('a', '', ''))


def test_a_protocol_chooses_frames(example):
  chosen = PROTOCOL._replace(skip=1, every=2, most=2)
  _, *frames, end = read(example, chosen)
  truth = tiny.video(6)
  assert len(frames) == 2 and not end.left_out
  np.testing.assert_array_equal(frames[0].driving, truth[1])
  np.testing.assert_array_equal(frames[1].driving, truth[3])
  *_, end = read(example, PROTOCOL._replace(skip=6))
  assert 'has 6 frames, all of which the protocol skips' in end.left_out


@pytest.mark.parametrize('shorter', ['made', 'true'])
def test_another_length_leaves_an_example_out(example, tmp_path, shorter):
  (tmp_path / shorter / '5.png').unlink()
  if shorter == 'true':
    example = example._replace(source=None)
  told = why_left_out(example._replace(source=None))
  assert f'{tmp_path / shorter} ends after 5 frames' in told


def test_another_shape_leaves_an_example_out(example, tmp_path):
  wide = write_frames(tmp_path / 'wide', tiny.video(6)[:, :24])
  assert 'is 32 x 24' in why_left_out(example._replace(generated=wide))


@pytest.mark.parametrize('side', ['made', 'true'])
def test_a_frame_of_another_size_leaves_an_example_out(example, tmp_path, side):
  write_picture(tmp_path / side / '3.png', tiny.video(1, 64)[0])
  told = why_left_out(example)
  assert 'frame 3 of a has another size' in told
  assert str(tmp_path / side) in told


def test_a_damaged_frame_leaves_an_example_out(example, tmp_path):
  (tmp_path / 'made' / '2.png').write_bytes(b'\x89PNG\r\n\x1a\n')
  assert str(tmp_path / 'made' / '2.png') in why_left_out(example)


def test_a_damaged_portrait_leaves_its_example_out(example, tmp_path):
  broken = tmp_path / 'portrait.png'
  broken.write_bytes(b'nothing')
  found = read(example._replace(source=broken))
  assert [type(event) for event in found] == [End]
  assert str(broken) in found[0].left_out


def test_other_sizes_of_one_shape_are_scaled_and_told(example, tmp_path):
  large = write_frames(tmp_path / 'large', tiny.video(6, 64))
  start, *frames, end = read(example._replace(generated=large))
  assert isinstance(start, Start)
  assert all(frame.generated.shape == (32, 32, 3) for frame in frames)
  assert end == End('a', '', 'answer of 64 pixels scaled to 32')


def test_a_video_and_frames_are_compared_alike(example, tmp_path):
  with VideoWriter(tmp_path / 'made.mp4', 25) as writer:
    for frame in tiny.video(6):
      writer.write(frame)
  _, *frames, end = read(example._replace(generated=tmp_path / 'made.mp4'))
  assert (len(frames), end.left_out) == (6, '')
