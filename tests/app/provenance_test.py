import numpy as np
import pytest

from dagan_jax.app.origins import describe_origin
from dagan_jax.app.provenance import read_provenance
from data_pipelines.errors.mendable import DataError
from data_pipelines.media.pictures import write_picture
from data_pipelines.media.video_writer import VideoWriter
from data_pipelines.provenance.origin import Origin
from tests.support.textures import texture

pytest.importorskip('c2pa')
PICTURE = texture(240, 240)


@pytest.mark.parametrize('name', ['a.mp4', 'a.gif', 'frames'])
def test_a_video_of_ours_says_in_three_ways_that_it_is(name, tmp_path):
  with VideoWriter(tmp_path / name, 25, origin=describe_origin()) as video:
    for _ in range(2):
      video.write(PICTURE)
  told = read_provenance(tmp_path / name)
  assert told.is_synthetic
  mark, manifest, comment = told.lines
  assert mark.startswith('mark in the pixels: made by dagan_jax 0.1 (score ')
  assert 'made by a network, by dagan_jax 0.1.0' in manifest
  assert comment.endswith('made by dagan_jax 0.1.0, no recording of a person')


@pytest.mark.parametrize('kept', ['mark', 'manifest', 'comment'])
def test_one_of_them_is_enough(kept, tmp_path):
  origin = Origin(**{kept: getattr(describe_origin(), kept)})
  write_picture(tmp_path / 'a.png', PICTURE, origin)
  assert read_provenance(tmp_path / 'a.png').is_synthetic


def test_what_says_nothing_is_told_so(tmp_path):
  write_picture(tmp_path / 'a.png', PICTURE)
  told = read_provenance(tmp_path / 'a.png')
  assert not told.is_synthetic
  mark, manifest, comment = told.lines
  assert 'none found' in mark and manifest.endswith(': none')
  assert 'no comment' in comment


def test_a_comment_moves_no_cursor(tmp_path):
  write_picture(tmp_path / 'a.png', PICTURE, Origin('\x1b[2Jsynthetic\nnot'))
  told = read_provenance(tmp_path / 'a.png')
  assert not told.is_synthetic
  assert told.lines[2].endswith(' [2Jsynthetic not')


def test_what_is_no_video_is_one_clear_line(tmp_path):
  (tmp_path / 'a.mp4').write_text('no video')
  with pytest.raises(DataError, match=rf'\A{tmp_path}/a.mp4[^\n]+\Z'):
    read_provenance(tmp_path / 'a.mp4')


def test_a_picture_with_transparency_is_read(tmp_path):
  write_picture(tmp_path / 'a.png', np.dstack([PICTURE, PICTURE[..., 0]]))
  assert not read_provenance(tmp_path / 'a.png').is_synthetic
