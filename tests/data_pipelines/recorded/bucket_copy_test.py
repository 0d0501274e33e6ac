import logging
import types

import numpy as np
import pytest
from etils import epath

from data_pipelines.errors.mendable import DataError
from data_pipelines.reading import video_folder
from data_pipelines.reading.recorded_clips import TfdsClips
from data_pipelines.recorded import bucket_copy, manifest
from tests.support import recorded
from tests.support.buckets import give_bucket


@pytest.fixture(scope='module')
def written(tmp_path_factory):
  return recorded.write(tmp_path_factory.mktemp('data'))


@pytest.fixture
def there(monkeypatch, written):
  """A bucket's folder that holds the data set one level below."""
  folder = epath.Path(give_bucket(monkeypatch)) / 'faces'
  (folder / '1.0.0').mkdir(parents=True, exist_ok=True)
  for file in written.iterdir():
    (folder / '1.0.0' / file.name).write_bytes(file.read_bytes())
  return folder


def opened(path, cache):
  return TfdsClips(
    types.SimpleNamespace(path=str(path), cache=str(cache), image_size=16),
    'train',
  )


def test_a_data_set_in_a_bucket_is_read_as_one_on_disk(
  there, written, tmp_path
):
  ours, plain = opened(there, tmp_path), opened(written, '')
  assert ours.clips == plain.clips
  for clip in range(len(ours.clips)):
    np.testing.assert_array_equal(
      ours.frames(clip, [0, 7]), plain.frames(clip, [0, 7])
    )
  assert ours.digest(0) == plain.digest(0)


def test_it_is_copied_once_and_a_copy_that_was_interrupted_goes_on(
  there, tmp_path, caplog
):
  caplog.set_level(logging.INFO)
  folder = bucket_copy.fetch(str(there), tmp_path)
  shards = sorted(folder.glob('*record*'))
  assert f'copying {len(shards)} files' in caplog.text
  caplog.clear()
  assert bucket_copy.fetch(str(there), tmp_path) == folder
  assert not caplog.text
  shards[0].unlink()
  bucket_copy.fetch(str(there), tmp_path)
  assert 'copying 1 files' in caplog.text
  assert sorted(folder.glob('*record*')) == shards


def test_a_data_set_that_was_built_anew_is_another_copy(there, tmp_path):
  first = bucket_copy.fetch(str(there), tmp_path)
  place = there / '1.0.0' / manifest.NAME
  place.write_text(place.read_text() + '\n')
  assert bucket_copy.fetch(str(there), tmp_path) != first


@pytest.mark.parametrize('damage', ['changed', 'missing'])
def test_a_file_that_is_not_the_manifests_is_named_and_leaves_no_copy(
  there, written, tmp_path, damage
):
  name = sorted(path.name for path in written.glob('*record*'))[0]
  shard = there / '1.0.0' / name
  if damage == 'missing':
    shard.unlink()
  else:
    shard.write_bytes(shard.read_bytes()[:-1])
  with pytest.raises(DataError, match=rf'\A{shard}: [^\n]*\Z'):
    bucket_copy.fetch(str(there), tmp_path)
  assert not list(tmp_path.rglob(f'*{shard.name}*'))


def test_a_folder_of_the_bucket_without_a_data_set_is_named(there, tmp_path):
  with pytest.raises(DataError, match=rf'\A{there}/none: [^\n]*\Z'):
    bucket_copy.fetch(f'{there}/none', tmp_path)
  (there / '1.0.0' / manifest.NAME).unlink()
  with pytest.raises(DataError, match=rf'\A{there}: no data set[^\n]*\Z'):
    bucket_copy.fetch(str(there), tmp_path)


def test_videos_and_inspections_in_a_bucket_are_one_line_that_says_to_copy():
  for find in (video_folder.find, manifest.find):
    with pytest.raises(DataError, match=r'\Ags://b/clips: [^\n]*copy[^\n]*\Z'):
      find('gs://b/clips')
