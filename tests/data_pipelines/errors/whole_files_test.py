import errno
import os
import resource

import pytest
from etils import epath

from data_pipelines.errors.mendable import DataError, MendableError
from data_pipelines.errors.whole_files import write_whole


class OtherError(MendableError):
  pass


@pytest.fixture
def full_disk():
  """No file may grow beyond 1000 bytes."""
  limits = resource.getrlimit(resource.RLIMIT_FSIZE)
  resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
  yield
  resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_file_appears_when_the_block_ends(tmp_path):
  path = tmp_path / 'a.json'
  with write_whole(path) as partial:
    partial.write_text('new')
    assert partial.parent == tmp_path and partial.suffix == '.json'
    assert partial.name.startswith('.a.') and not path.exists()
  assert path.read_text() == 'new'
  assert os.listdir(tmp_path) == ['a.json']


def test_a_path_that_may_lie_in_a_bucket_is_written_by_its_own_methods(
  tmp_path,
):
  path = epath.Path(tmp_path) / 'new' / 'a.json'
  with write_whole(path) as partial:
    assert isinstance(partial, epath.Path)
    partial.write_text('new')
  with pytest.raises(KeyboardInterrupt), write_whole(path) as partial:
    partial.write_text('half')
    raise KeyboardInterrupt
  assert path.read_text() == 'new'
  with pytest.raises(KeyboardInterrupt), write_whole(path) as partial:
    partial.mkdir()
    raise KeyboardInterrupt
  assert os.listdir(tmp_path / 'new') == ['a.json']


def test_a_file_takes_the_place_of_an_older_one(tmp_path):
  path = tmp_path / 'a.json'
  path.write_text('old')
  with write_whole(path) as partial:
    partial.write_text('new')
    assert path.read_text() == 'old'
  assert path.read_text() == 'new'
  assert os.listdir(tmp_path) == ['a.json']


@pytest.mark.parametrize('kind', [RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_interrupted_block_leaves_the_older_file_and_nothing_else(
  kind, tmp_path
):
  path = tmp_path / 'a.json'
  path.write_text('old')
  with pytest.raises(kind), write_whole(path) as partial:
    partial.write_text('half of the n')
    raise kind
  assert path.read_text() == 'old'
  assert os.listdir(tmp_path) == ['a.json']


def test_a_block_may_be_interrupted_before_it_writes(tmp_path):
  with pytest.raises(KeyboardInterrupt), write_whole(tmp_path / 'a'):
    raise KeyboardInterrupt
  assert os.listdir(tmp_path) == []


def test_a_folder_appears_with_all_that_is_in_it(tmp_path):
  with write_whole(tmp_path / 'frames') as partial:
    partial.mkdir()
    (partial / '0.png').touch()
    (partial / '1.png').touch()
    assert not (tmp_path / 'frames').exists()
  assert os.listdir(tmp_path) == ['frames']
  assert sorted(os.listdir(tmp_path / 'frames')) == ['0.png', '1.png']


def test_of_an_interrupted_folder_nothing_remains(tmp_path):
  with (
    pytest.raises(KeyboardInterrupt),
    write_whole(tmp_path / 'frames') as partial,
  ):
    partial.mkdir()
    (partial / '0.png').touch()
    raise KeyboardInterrupt
  assert os.listdir(tmp_path) == []


def test_a_folder_in_use_is_not_replaced(tmp_path):
  (tmp_path / 'frames').mkdir()
  (tmp_path / 'frames' / 'a.txt').touch()
  with (
    pytest.raises(DataError, match='frames: cannot be written'),
    write_whole(tmp_path / 'frames') as partial,
  ):
    partial.mkdir()
  assert os.listdir(tmp_path) == ['frames']
  assert os.listdir(tmp_path / 'frames') == ['a.txt']


@pytest.mark.parametrize('error', [DataError, OtherError])
def test_a_full_disk_is_one_clear_line_and_leaves_the_older_file(
  error, full_disk, tmp_path
):
  path = tmp_path / 'a.npy'
  path.write_text('old')
  line = rf'\A{path}: cannot be written \(File too large\)\Z'
  with (
    pytest.raises(error, match=line),
    write_whole(path, error=error) as partial,
  ):
    partial.write_bytes(bytes(2000))
  assert path.read_text() == 'old'
  assert os.listdir(tmp_path) == ['a.npy']


def test_a_failure_without_a_number_is_told_in_its_own_words(tmp_path):
  with (
    pytest.raises(DataError, match=r'cannot be written \(encoder error\)\Z'),
    write_whole(tmp_path / 'a.png'),
  ):
    raise OSError('encoder error')


def test_missing_folders_above_are_made(tmp_path):
  path = tmp_path / 'b' / 'c' / 'a.txt'
  with write_whole(path) as partial:
    partial.write_text('new')
  assert path.read_text() == 'new'


def test_a_file_in_the_way_of_a_folder_is_one_clear_line(tmp_path):
  (tmp_path / 'b').touch()
  reason = os.strerror(errno.EEXIST)
  with (
    pytest.raises(DataError, match=rf'a\.txt: cannot be written \({reason}\)'),
    write_whole(tmp_path / 'b' / 'a.txt'),
  ):
    pytest.fail('there is no place to write')


def test_two_who_write_one_file_at_once_do_not_meet(tmp_path):
  path = tmp_path / 'a.txt'
  with write_whole(path) as first, write_whole(path) as second:
    first.write_text('first')
    second.write_text('second')
    assert first.read_text() == 'first'
  assert path.read_text() == 'first'
  assert os.listdir(tmp_path) == ['a.txt']


def test_the_name_may_be_a_string(tmp_path):
  with write_whole(str(tmp_path / 'a.txt')) as partial:
    partial.touch()
  assert os.listdir(tmp_path) == ['a.txt']
