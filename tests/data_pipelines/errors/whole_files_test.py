import errno
import os
import pathlib
import resource
import subprocess
import sys
import time

import pytest
from etils import epath

from data_pipelines.errors import owners, whole_files
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


@pytest.mark.parametrize('path', ['gs://b/a.json', pathlib.Path('s3://b/a')])
def test_a_bucket_never_becomes_a_folder(tmp_path, monkeypatch, path):
  monkeypatch.chdir(tmp_path)
  refused = pytest.raises(OtherError, match='no folder')
  with refused, write_whole(path, error=OtherError):
    pytest.fail('nothing is written')
  assert not os.listdir(tmp_path)


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


WRITE_FOR_EVER = """
import sys, time
from data_pipelines.errors.whole_files import write_whole
with write_whole(sys.argv[1]) as partial:
  partial.write_text('half')
  print(partial.name, flush=True)
  time.sleep(60)
"""


def test_what_a_killed_process_left_goes_and_what_one_writes_stays(tmp_path):
  writers = [
    subprocess.Popen(
      [sys.executable, '-c', WRITE_FOR_EVER, str(tmp_path / name)],
      stdout=subprocess.PIPE,
      text=True,
    )
    for name in ('killed.npz', 'slow.npz')
  ]
  killed, slow = (writer.stdout.readline().strip() for writer in writers)
  try:
    writers[0].kill()
    writers[0].wait()
    assert set(os.listdir(tmp_path)) == {killed, slow}
    with write_whole(tmp_path / 'other.txt') as partial:
      partial.touch()
    assert set(os.listdir(tmp_path)) == {slow, 'other.txt'}
  finally:
    writers[1].kill()
    writers[1].wait()


def test_what_another_machine_left_goes_when_nobody_touched_it_for_long(
  tmp_path,
):
  elsewhere, older_version = (
    tmp_path / '.a.01234567-1-99-89abcdef.part.npz',
    tmp_path / '.a.1-89abcdef.part',
  )
  elsewhere.touch()
  older_version.mkdir()
  not_ours = tmp_path / '.a.part.npz'
  not_ours.touch()
  long_ago = time.time() - whole_files.SILENCE - 1
  os.utime(not_ours, (long_ago, long_ago))
  whole_files.sweep(tmp_path)
  assert elsewhere.exists() and older_version.exists()
  for path in (elsewhere, older_version):
    os.utime(path, (long_ago, long_ago))
  whole_files.sweep(tmp_path)
  assert list(tmp_path.iterdir()) == [not_ours]


def test_a_process_lives_until_it_has_ended_and_its_number_is_not_enough():
  ours = owners.name_this_process()
  assert not owners.is_surely_dead(ours)
  machine, number, start = ours.split('-')
  assert owners.is_surely_dead(f'{machine}-{number}-{int(start) + 1}')
  assert not owners.is_surely_dead(f'01234567-{number}-{start}')


def test_a_name_of_the_greatest_length_can_be_written(tmp_path):
  path = pathlib.Path(tmp_path, 250 * 'a' + '.txt')
  with write_whole(path) as partial:
    partial.touch()
  assert os.listdir(tmp_path) == [path.name]
