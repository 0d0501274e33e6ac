import os
import pathlib

import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.reading import frame_store


def smooth_frames(number, size=32):
  rows, columns = np.indices((size, size)) * 200 // size
  images = [
    np.stack([rows, columns, rows * 0 + 9 * k], -1) for k in range(number)
  ]
  return np.stack(images).astype(np.uint8)


def test_stored_frames_can_be_had_in_any_order(tmp_path):
  frames = smooth_frames(7)
  assert frame_store.write(tmp_path / 'a', iter(frames)) == 7
  assert frame_store.count(tmp_path / 'a') == 7
  again = frame_store.read(tmp_path / 'a', [6, 0, 3, 3])
  assert again.dtype == np.uint8
  np.testing.assert_allclose(again, frames[[6, 0, 3, 3]].astype(int), atol=6)


def test_an_interrupted_store_leaves_nothing(tmp_path):
  def interrupted():
    yield from smooth_frames(3)
    raise KeyboardInterrupt

  with pytest.raises(KeyboardInterrupt):
    frame_store.write(tmp_path / 'a', interrupted())
  assert os.listdir(tmp_path) == []


@pytest.mark.parametrize('kept', [0, 1, 15, 16, -1, -8])
def test_half_a_store_counts_as_none(kept, tmp_path):
  frame_store.write(tmp_path / 'a', smooth_frames(3))
  whole = (tmp_path / 'a').read_bytes()
  (tmp_path / 'a').write_bytes(whole[:kept])
  assert frame_store.count(tmp_path / 'a') is None
  with pytest.raises(DataError, match=r'\A[^\n]*a: the stored frames[^\n]*\Z'):
    frame_store.read(tmp_path / 'a', [0])


def test_a_missing_store_counts_as_none(tmp_path):
  assert frame_store.count(tmp_path / 'a') is None


def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path):
  (tmp_path / 'file').touch()
  with pytest.raises(DataError, match=r'\A[^\n]*set data.cache[^\n]*\Z'):
    frame_store.write(tmp_path / 'file' / 'a', smooth_frames(2))


def test_a_name_changes_with_the_clip_and_the_size(tmp_path):
  clip = tmp_path / 'clip.mp4'
  clip.write_bytes(b'one')
  names = {frame_store.name(clip, 256), frame_store.name(clip, 512)}
  assert len(names) == 2
  assert frame_store.name(clip, 256) in names
  clip.write_bytes(b'another')
  assert frame_store.name(clip, 256) not in names


def test_the_cache_follows_the_users_own(monkeypatch):
  monkeypatch.setenv('XDG_CACHE_HOME', '/somewhere')
  assert frame_store.folder('') == pathlib.Path('/somewhere/dagan_jax/frames')
  monkeypatch.delenv('XDG_CACHE_HOME')
  monkeypatch.setenv('HOME', '/home/me')
  home = pathlib.Path('/home/me/.cache/dagan_jax/frames')
  assert frame_store.folder('') == home
  assert frame_store.folder('~/here') == pathlib.Path('/home/me/here')
