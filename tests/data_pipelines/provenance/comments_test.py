import numpy as np
import pytest
from PIL import Image

from data_pipelines.media import pictures, video_reader
from data_pipelines.media.comment_reader import read_comment
from data_pipelines.media.video_writer import VideoWriter
from data_pipelines.provenance import comments
from data_pipelines.provenance.origin import Origin

COMMENT = 'Synthetic: <DaGAN> & "friends", modèle 合成 ' + 300 * 'long '
VIDEOS = ['a.mp4', 'a.gif', 'a.webp', 'a']
PICTURES = ['a.png', 'a.jpg', 'a.JPEG', 'a.webp']


def write(path, count, comment):
  rng = np.random.default_rng(0)
  with VideoWriter(path, 25, origin=Origin(comment)) as video:
    for _ in range(count):
      video.write(rng.integers(0, 256, (15, 17, 3), np.uint8))
  return path


@pytest.mark.parametrize('name', VIDEOS)
@pytest.mark.parametrize('count', [1, 3])
@pytest.mark.parametrize('comment', [COMMENT, 'odd', 'even', None])
def test_a_video_says_how_it_came_about(name, count, comment, tmp_path):
  video = write(tmp_path / name, count, comment)
  assert read_comment(video) == comment
  assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize('name', VIDEOS)
@pytest.mark.parametrize('count', [1, 3])
def test_what_is_said_changes_no_pixel(name, count, tmp_path):
  (tmp_path / 'said').mkdir()
  silent = write(tmp_path / name, count, None)
  said = write(tmp_path / 'said' / name, count, COMMENT)
  np.testing.assert_array_equal(
    list(video_reader.read(silent)), list(video_reader.read(said))
  )
  assert video_reader.probe(silent) == video_reader.probe(said)


@pytest.mark.parametrize('count', [1, 3])
def test_a_commented_webp_is_as_long_as_it_says(count, tmp_path):
  data = write(tmp_path / 'a.webp', count, COMMENT).read_bytes()
  assert int.from_bytes(data[4:8], 'little') == len(data) - 8
  place, names = 12, []
  while place < len(data):
    names.append(data[place : place + 4])
    size = int.from_bytes(data[place + 4 : place + 8], 'little')
    place += 8 + size + size % 2
  assert place == len(data)
  assert names[0] == b'VP8X' and names.index(b'XMP ') == len(names) - 1


def test_a_see_through_webp_stays_so(tmp_path):
  image = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(4, 4, 4))
  image.save(tmp_path / 'a.webp', lossless=True, exact=True)
  comments.add_comment(tmp_path / 'a.webp', COMMENT)
  assert read_comment(tmp_path / 'a.webp') == COMMENT
  with Image.open(tmp_path / 'a.webp') as again:
    np.testing.assert_array_equal(again, image)


@pytest.mark.parametrize('name', PICTURES)
@pytest.mark.parametrize('comment', [COMMENT, None])
def test_a_picture_says_how_it_came_about(name, comment, tmp_path):
  image = np.random.default_rng(0).integers(0, 256, (8, 9, 3), np.uint8)
  pictures.write_picture(tmp_path / name, image, Origin(comment))
  pictures.write_picture(tmp_path / f'silent_{name}', image)
  assert read_comment(tmp_path / name) == comment
  np.testing.assert_array_equal(
    pictures.read_picture(tmp_path / name),
    pictures.read_picture(tmp_path / f'silent_{name}'),
  )


def test_a_format_without_a_place_for_it_is_written_nonetheless(tmp_path):
  pictures.write_picture(
    tmp_path / 'a.bmp', np.zeros((2, 2, 3), np.uint8), Origin('x')
  )
  assert read_comment(tmp_path / 'a.bmp') is None
