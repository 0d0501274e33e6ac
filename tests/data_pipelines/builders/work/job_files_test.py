import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from data_pipelines.builders.work import job_files
from data_pipelines.builders.work.job_files import MadeClip
from data_pipelines.media.encoded_images import decode_image

RNG = np.random.default_rng(0)
VIDEO = RNG.integers(0, 256, (3, 8, 8, 3), np.uint8)
POINTS = RNG.normal(size=(3, 68, 2)).astype(np.float32)
CLIP = MadeClip('a', 'a.mp4', 0.5, 3, (1.0, 2.0, 8.0), (20, 10), 6.0, [0.5])


def write(path, **truth):
  with job_files.write(path, 'png', 95) as file:
    for number in range(2):
      for index, image in enumerate(VIDEO):
        file.frame(number, index, image, **truth)
    file.clip(0, CLIP, POINTS, VIDEO[0])
    file.clip(1, CLIP, POINTS)
    file.rejected.append('the third is too small')
    file.notes.append('breaks off')


def test_what_is_written_can_be_read(tmp_path):
  write(tmp_path / 'a.zip')
  made = job_files.read(tmp_path / 'a.zip')
  assert made.clips == [CLIP, CLIP]
  assert made.rejected == ['the third is too small']
  assert made.notes == ['breaks off']
  for number in range(2):
    images, points, truths = zip(*made.frames(number), strict=True)
    decoded = [np.asarray(Image.open(io.BytesIO(image))) for image in images]
    np.testing.assert_array_equal(decoded, VIDEO)
    np.testing.assert_array_equal(points, POINTS)
    assert truths == ({}, {}, {})
    assert made.size(number) == sum(map(len, images))
  assert made.overview(0).shape == (8, 8, 3) and made.overview(1) is None


def test_the_truth_is_kept_exactly(tmp_path):
  truth = {
    'depth': RNG.normal(size=(8, 8)).astype(np.float32),
    'nonrigid': RNG.integers(0, 2, (8, 8), np.uint8),
  }
  write(tmp_path / 'a.zip', **truth)
  made = job_files.read(tmp_path / 'a.zip')
  for *_, known in made.frames(0):
    assert known.keys() == truth.keys()
    for name, values in truth.items():
      np.testing.assert_array_equal(known[name], values)
      assert known[name].dtype == values.dtype


def test_frames_keep_their_order_beyond_the_digits_of_their_names(tmp_path):
  with job_files.write(tmp_path / 'a.zip', 'png', 95) as file:
    for index in range(999_998, 1_000_002):
      file.frame(0, index, np.full((1, 1, 3), index % 256, np.uint8))
    file.clip(0, CLIP, np.zeros((4, 68, 2)))
  made = job_files.read(tmp_path / 'a.zip')
  values = [
    np.asarray(Image.open(io.BytesIO(image)))[0, 0, 0]
    for image, *_ in made.frames(0)
  ]
  assert values == [k % 256 for k in range(999_998, 1_000_002)]


def test_the_same_clips_are_the_same_bytes(tmp_path):
  write(tmp_path / 'a.zip')
  write(tmp_path / 'b.zip')
  assert (tmp_path / 'a.zip').read_bytes() == (tmp_path / 'b.zip').read_bytes()


def test_a_job_that_is_interrupted_leaves_nothing(tmp_path):
  with (
    pytest.raises(KeyboardInterrupt),
    job_files.write(tmp_path / 'a.zip', 'png', 95) as file,
  ):
    file.frame(0, 0, VIDEO[0])
    raise KeyboardInterrupt
  assert list(tmp_path.iterdir()) == []


def test_a_file_is_opened_once_however_many_clips_it_has(tmp_path, monkeypatch):
  with job_files.write(tmp_path / 'a.zip', 'png', 95) as file:
    for clip in range(12):
      file.frame(clip, 0, np.full((4, 4, 3), clip, np.uint8))
      made = MadeClip('a', 'a', 0.0, 1, (0, 0, 4), (4, 4), 1.0, None)
      file.clip(clip, made, np.zeros((1, 68, 2)))
  outcome = job_files.read(tmp_path / 'a.zip')
  opened, whole = [], zipfile.ZipFile

  def count(path):
    opened.append(path)
    return whole(path)

  monkeypatch.setattr(job_files.zipfile, 'ZipFile', count)
  for clip in range(12):
    ((image, *_),) = outcome.frames(clip)
    assert outcome.size(clip) == len(image)
    assert decode_image(image)[0, 0, 0] == clip
    assert outcome.overview(clip) is None
  assert opened == [tmp_path / 'a.zip']
