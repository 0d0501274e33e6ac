"""A bucket that fsspec holds in memory."""

import importlib.util

import fsspec
from etils.epath import gpath
from fsspec.implementations.memory import MemoryFileSystem


class Bucket(MemoryFileSystem):
  """A bucket in memory, with contents of its own."""

  protocol = 's3'
  store, pseudo_dirs = {}, ['']


def give_bucket(monkeypatch) -> str:
  """From now on s3://bucket is one, empty, and this is a workdir in it."""
  Bucket.store.clear()
  Bucket.pseudo_dirs[:] = ['']
  find = importlib.util.find_spec
  monkeypatch.setattr(
    importlib.util, 'find_spec', lambda name: name == 's3fs' or find(name)
  )
  # Else TensorFlow would read it, if a test before this one has looked for it.
  monkeypatch.setattr(gpath, '_is_tf_installed', lambda: False)
  real = fsspec.filesystem
  monkeypatch.setattr(
    fsspec,
    'filesystem',
    lambda name, **options: Bucket() if name == 's3' else real(name, **options),
  )
  return 's3://bucket/run'
