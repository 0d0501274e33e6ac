import errno
import io

import numpy as np
import pytest
from PIL import Image

from data_pipelines.builders.work import (
  job_files,
  video_clips,
)
from data_pipelines.builders.work.jobs import Job
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import opened_file
from data_pipelines.media.decoded_video import DecodedVideo
from data_pipelines.media.video_writer import VideoWriter
from tests.support import drawn_faces
from tests.support.drawn_faces import (
  DiscFinder,
  picture,
  recipe,
  talking,
  write_video,
)


def outcome(folder, job=None, **fields):
  """What comes of the video a.mp4 in a folder."""
  made = recipe(folder, **fields)
  with job_files.write(folder / 'a.zip', made.encoding, made.quality) as file:
    video_clips.write(job or Job('a', 'a.mp4', 'me'), made, file, DiscFinder())
  return job_files.read(folder / 'a.zip')


def images(made, clip=0):
  """The decoded frames of a clip."""
  return np.stack(
    [np.asarray(Image.open(io.BytesIO(f[0]))) for f in made.frames(clip)]
  )


def landmarks(made, clip=0):
  return np.stack([points for _, points, _ in made.frames(clip)])


def middles(video):
  """Where the red disc is in each frame, (x, y) pixels."""
  return np.array(
    [np.argwhere(f[..., 0] > 140).mean(axis=0)[::-1] + 0.5 for f in video]
  )


def test_a_clip_shows_the_whole_face_and_knows_where_its_landmarks_are(
  tmp_path,
):
  write_video(tmp_path / 'a.mp4', talking())
  made = outcome(tmp_path)
  assert made.rejected == [] and [c.name for c in made.clips] == ['a_0']
  video = images(made)
  assert video.shape == (40, 64, 64, 3)
  seen = middles(video)
  np.testing.assert_allclose(landmarks(made).mean(axis=1), seen, atol=1)
  # One square for all frames: the face moves in it as in the video.
  square = made.clips[0].square
  assert np.ptp(seen[:, 0]) == pytest.approx(6 * 64 / square[2], abs=0.7)


def test_the_video_may_have_any_rate(tmp_path):
  write_video(tmp_path / 'a.mp4', talking(60), rate=50)
  assert outcome(tmp_path).clips[0].frames == 30
  assert outcome(tmp_path, fps=10, least=5).clips[0].frames == 12


@pytest.mark.parametrize(
  'kind, why',
  [
    ('sound', 'holds sound but no pictures'),
    ('empty', r'empty \(0 bytes\)'),
    ('tiny', '10 x 10 pixels are too few'),
    ('single', '1 frames at 25 a second; a clip needs 25'),
    ('faceless', 'no face that could be followed for 25 frames'),
    ('small', 'its square has .. pixels, 64 are wanted'),
    ('missing', 'there is no such video'),
    ('text', 'not a video that can be decoded'),
  ],
)
def test_a_video_of_no_use_is_rejected_with_the_reason(kind, why, tmp_path):
  path = tmp_path / 'a.mp4'
  if kind == 'sound':
    drawn_faces.write_sound(path)
  elif kind == 'empty':
    path.touch()
  elif kind == 'tiny':
    write_video(path, talking(size=(10, 10), radius=3))
  elif kind == 'single':
    write_video(path, talking(1))
  elif kind == 'faceless':
    write_video(path, [picture()] * 30)
  elif kind == 'small':
    write_video(path, talking(radius=7))
  elif kind == 'text':
    path.write_text('not a video')
  made = outcome(tmp_path, least_side=64 if kind == 'small' else 24)
  assert made.clips == [] and len(made.rejected) == 1
  assert '\n' not in made.rejected[0] and str(tmp_path) not in made.rejected[0]
  with pytest.raises(ValueError, match=why):
    raise ValueError(made.rejected[0])


def test_4k_is_like_anything_else(tmp_path):
  (still,) = talking(1, size=(2160, 3840), radius=400)
  write_video(tmp_path / 'a.mp4', [still] * 3)
  made = outcome(tmp_path, least=3)
  assert made.clips[0].video_size == (3840, 2160)
  np.testing.assert_allclose(
    landmarks(made).mean(axis=1), middles(images(made)), atol=1
  )


def test_a_video_shot_sideways_is_upright(tmp_path):
  frames = [
    picture((30 + k / 8, 40, 16, 30), (30, 74, 9, 30), size=(96, 128))
    for k in range(40)
  ]
  write_video(tmp_path / 'a.mp4', [np.rot90(f, -1) for f in frames], turned=90)
  made = outcome(tmp_path)
  assert made.clips[0].video_size == (128, 96)
  left, top, side = made.clips[0].square
  assert (left + side / 2, top + side / 2) == pytest.approx((32, 38), abs=4)


def test_a_face_for_half_the_length_gives_that_half(tmp_path):
  write_video(tmp_path / 'a.mp4', [picture()] * 50 + talking(50))
  (clip,) = outcome(tmp_path).clips
  assert clip.frames == pytest.approx(50, abs=2)
  assert clip.start_time == pytest.approx(2, abs=0.1)


def test_a_face_that_is_lost_for_moments_is_followed(tmp_path):
  frames = talking(60)
  frames[20:26] = [picture()] * 6
  write_video(tmp_path / 'a.mp4', frames)
  made = outcome(tmp_path)
  assert made.clips[0].frames == 60
  lost = np.isnan(landmarks(made)).all(axis=(1, 2))
  assert 0 < lost.sum() <= 8 and not lost[:18].any() and not lost[28:].any()


@pytest.mark.parametrize(
  'people, expected',
  [('largest', [80]), ('leftmost', [30]), ('1', [80]), ('all', [30, 80])],
)
def test_of_two_faces_those_are_taken_that_are_asked_for(
  people, expected, tmp_path
):
  video = [picture((30, 48, 13, 30), (80, 48, 16, 90), size=(96, 128))] * 30
  write_video(tmp_path / 'a.mp4', video)
  clips = outcome(tmp_path, people=people).clips
  found = sorted(c.square[0] + c.square[2] / 2 for c in clips)
  assert found == pytest.approx(expected, abs=3)
  assert [c.name for c in clips] == [f'a_{k}' for k in range(len(clips))]


def test_a_person_who_is_not_there_is_a_reason(tmp_path):
  write_video(tmp_path / 'a.mp4', talking())
  assert (
    "no person '1': never so many at once"
    in outcome(tmp_path, people='1').rejected[0]
  )


def test_a_video_that_breaks_off_is_used_up_to_there(tmp_path):
  rng = np.random.default_rng(0)
  noise = rng.integers(0, 60, (80, 96, 96, 3), np.uint8)
  with VideoWriter(tmp_path / 'a.mp4', 25, crf=8) as video:
    for frame, ground in zip(talking(80), noise, strict=True):
      video.write(np.where(frame == 230, frame, ground))
  whole = (tmp_path / 'a.mp4').read_bytes()
  (tmp_path / 'a.mp4').write_bytes(whole[: 3 * len(whole) // 4])
  made = outcome(tmp_path)
  assert 30 < made.clips[0].frames < 80
  assert made.notes and 'breaks off at frame' in made.notes[0]


@pytest.mark.parametrize(
  'trouble', [OSError(errno.EIO, 'no answer'), MemoryError()]
)
def test_trouble_of_the_machine_is_no_verdict_on_the_video(
  tmp_path, monkeypatch, trouble
):
  write_video(tmp_path / 'a.mp4', talking())

  def fail(*_, **__):
    raise trouble

  with monkeypatch.context() as patch:
    patch.setattr(opened_file.av, 'open', fail)
    made = outcome(tmp_path)
  assert (
    made.trouble in ('Input/output error', 'out of memory') and not made.clips
  )
  frames = DecodedVideo.timed

  def break_off(*args, **more):
    for count, frame in enumerate(frames(*args, **more)):
      if count == 30:
        try:
          raise trouble
        except (OSError, MemoryError):
          raise DataError('breaks off') from None
      yield frame

  with monkeypatch.context() as patch:
    patch.setattr(DecodedVideo, 'timed', break_off)
    made = outcome(tmp_path)
  assert (
    made.trouble in ('Input/output error', 'out of memory') and not made.clips
  )
  assert outcome(tmp_path).trouble is None


def test_a_second_video_behind_the_first_is_noted(tmp_path):
  path = write_video(tmp_path / 'a.mp4', talking())
  path.write_bytes(2 * path.read_bytes())
  made = outcome(tmp_path)
  (note,) = made.notes
  assert len(made.clips) == 1 and 'another video' in note


def test_a_given_box_is_the_crop_squared_and_scaled_to_the_video(tmp_path):
  write_video(tmp_path / 'a.mp4', talking(75))
  job = Job('b', 'a.mp4', 'me', '', 1, 2.2, (48, 50, 144, 142), (192, 192))
  (clip,) = outcome(tmp_path, job).clips
  assert (clip.name, clip.frames, clip.start_time) == ('b', 30, 1)
  assert clip.square == pytest.approx((24, 24, 48))
  made = job_files.read(tmp_path / 'a.zip')
  np.testing.assert_allclose(
    landmarks(made).mean(axis=1), middles(images(made)), atol=1
  )


def test_a_given_box_without_a_face_is_a_reason(tmp_path):
  write_video(tmp_path / 'a.mp4', talking(40))
  job = Job('b', 'a.mp4', 'me', box=(0, 0, 30, 30))
  made = outcome(tmp_path, job)
  assert made.rejected[0].startswith('a face in only 0 of the 40 frames')


def test_the_face_is_known_by_numbers_where_nothing_else_tells(tmp_path):
  write_video(tmp_path / 'a.mp4', talking(green=100))
  assert outcome(tmp_path).clips[0].embedding is None
  (clip,) = outcome(tmp_path, Job('a', 'a.mp4')).clips
  assert np.array(clip.embedding) == pytest.approx(
    np.full(128, 100 / 255), abs=0.05
  )
