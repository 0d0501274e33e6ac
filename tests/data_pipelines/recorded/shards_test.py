import functools
import os
import pickle
import random
import resource
import shutil
from concurrent import futures

import pytest

from data_pipelines.recorded import (
  records,
  shards,
)
from data_pipelines.recorded.manifest import Manifest
from data_pipelines.recorded.shards import Shards
from tests.support import recorded


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
  return recorded.write(tmp_path_factory.mktemp('data'))


@pytest.fixture
def train(folder):
  return Shards(folder, Manifest.read(folder).splits['train'].shards)


def named(record):
  frame = records.parse_frame(record)
  return int(frame['clip'][len('train') : -len('/a')]), frame['index']


def test_records_are_numbered_through_all_files(train):
  names = [train.place(number)[0] for number in range(len(train))]
  assert len(set(names)) == recorded.SHARDS and names == sorted(names)
  backwards = [named(train.read(n)) for n in reversed(range(len(train)))]
  assert backwards[::-1] == [
    divmod(number, recorded.FRAMES) for number in range(60)
  ]


@pytest.mark.parametrize('number', [-1, 60])
def test_there_are_no_others(train, number):
  with pytest.raises(IndexError, match=f'record {number} of 60'):
    train.read(number)


def test_threads_do_not_disturb_each_other(train):
  numbers = [random.Random(0).randrange(60) for _ in range(2000)]
  with futures.ThreadPoolExecutor(8) as pool:
    seen = list(pool.map(lambda n: named(train.read(n)), numbers))
  assert seen == [divmod(number, recorded.FRAMES) for number in numbers]


def test_pickles_hold_no_open_file(train):
  train.read(0)
  again = pickle.loads(pickle.dumps(train))
  assert again.read(33) == train.read(33)


def test_no_more_files_are_open_than_allowed(train, monkeypatch):
  once = functools.lru_cache(1)(shards._open.__wrapped__)
  monkeypatch.setattr(shards, '_open', once)
  train.read(0)
  opened = len(os.listdir('/dev/fd'))
  for number in range(60):
    train.read(number)
  assert once.cache_info().misses == recorded.SHARDS
  assert len(os.listdir('/dev/fd')) == opened


def many_shards(train, folder, tmp_path, count):
  """One shard under many names, and how many records it has."""
  name, shard = next(iter(train._shards.items()))
  for number in range(count):
    os.link(folder / name, tmp_path / f'{number:04}')
  names = {f'{number:04}': shard for number in range(count)}
  return Shards(tmp_path, names), shard.records


@pytest.fixture
def soft_limit():
  """Sets how many files this process may have open, as long as a test runs."""
  before = resource.getrlimit(resource.RLIMIT_NOFILE)

  def set_limit(soft, hard=before[1]):
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

  yield set_limit
  resource.setrlimit(resource.RLIMIT_NOFILE, before)
  shards._open.cache_clear()


def test_each_of_many_shards_is_opened_once_whatever_the_limit_was(
  train, folder, tmp_path, soft_limit
):
  soft_limit(len(os.listdir('/dev/fd')) + shards.SPARE + 20)
  many, records_each = many_shards(train, folder, tmp_path, 300)
  shards._open.cache_clear()
  for _ in range(2):
    for number in range(0, len(many), records_each):
      many.read(number)
  assert shards._open.cache_info().misses == 300


def test_where_no_more_files_are_allowed_others_are_closed(
  train, folder, tmp_path, monkeypatch
):
  monkeypatch.setattr(shards, '_allow_files', lambda count: count <= 256 + 9)
  many, records_each = many_shards(train, folder, tmp_path, 30)
  shards._open.cache_clear()
  opened = len(os.listdir('/dev/fd'))
  for number in range(0, len(many), records_each):
    many.read(number)
    assert len(os.listdir('/dev/fd')) <= opened + 10
  shards._open.cache_clear()


def test_a_shard_that_cannot_be_read_now_is_not_called_damaged(
  train, folder, tmp_path
):
  many, _ = many_shards(train, folder, tmp_path, 1)
  (tmp_path / '0000').unlink()
  (tmp_path / '0000').symlink_to('0000')  # a disk that answers with an error
  with pytest.raises(ValueError, match='cannot be read now'):
    many.read(0)


def test_whole_files_have_no_problems(train):
  assert not list(train.problems())


def test_a_file_that_goes_meanwhile_is_told_of(train, folder, tmp_path):
  shutil.copytree(folder, tmp_path / 'data')
  name, _ = train.place(33)
  copy = Shards(tmp_path / 'data', train._shards)
  (tmp_path / 'data' / name).unlink()
  with pytest.raises(ValueError, match='its file has gone'):
    copy.read(33)
  assert list(copy.problems()) == [
    (name, 'cannot be read: there is no such file')
  ]
