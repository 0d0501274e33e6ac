import importlib.util
import os
import pathlib

import pytest
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.runs import locks, workdirs
from tests.support.buckets import give_bucket


@pytest.fixture
def bucket(monkeypatch, tmp_path):
  """A workdir in a bucket; what is written to the disk instead lies here."""
  monkeypatch.chdir(tmp_path)
  return give_bucket(monkeypatch)


def test_a_workdir_lies_in_a_bucket_and_never_in_a_folder_of_its_name(
  bucket, tmp_path
):
  config = ConfigDict({'task': 'toy', 'model': {'sizes': (1, 2)}, 'steps': 3})
  with locks.lock_workdir(bucket):
    workdirs.start_workdir(bucket, config)
  assert workdirs.read_config(bucket).to_dict() == config.to_dict()
  config.steps = 4
  workdirs.start_workdir(bucket, config)
  assert workdirs.read_config(bucket).steps == 4
  folder = workdirs.checkpoint_folder(bucket)
  assert os.fspath(folder) == 's3://bucket/run/checkpoints'
  assert not list(workdirs.newest_first(folder))
  (folder / '7').mkdir(parents=True)
  assert folder.exists()
  assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
  ('workdir', 'message'),
  [
    ('hdfs://host/run', 'gs://BUCKET/FOLDER or'),
    ('gs:/bucket/run', 'gs://BUCKET/FOLDER or'),
    (pathlib.Path('s3://bucket/run'), 's3://BUCKET/FOLDER'),
  ],
)
def test_what_is_no_bucket_is_told_and_makes_no_folder(
  tmp_path, monkeypatch, workdir, message
):
  monkeypatch.chdir(tmp_path)
  for use in (
    workdirs.checkpoint_folder,
    workdirs.read_config,
    lambda path: workdirs.start_workdir(path, ConfigDict()),
    lambda path: locks.lock_workdir(path).__enter__(),
  ):
    with pytest.raises(UsageError, match=message):
      use(workdir)
  assert not os.listdir(tmp_path)


def test_a_bucket_that_nothing_reads_names_what_to_install(monkeypatch):
  monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
  with pytest.raises(UsageError, match='pip install s3fs'):
    workdirs.locate('s3://bucket/run')
  with pytest.raises(UsageError, match='pip install gcsfs'):
    workdirs.locate('gs://bucket/run')
