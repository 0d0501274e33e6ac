import os
import shutil

import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.examples import Example
from dagan_jax.evaluation.fingerprints import digest_truth, fingerprint


@pytest.fixture
def example(tmp_path):
  """A folder of frames that answers a video, with a portrait."""
  (tmp_path / 'answer').mkdir()
  for name in ('answer/0.png', 'answer/1.png', 'true.mp4', 'portrait.png'):
    (tmp_path / name).write_bytes(name.encode())
  return Example(
    'a', *(tmp_path / x for x in ('answer', 'true.mp4', 'portrait.png'))
  )


def replace(path):
  """Another file of the same name, length and time."""
  stat = path.stat()
  path.write_bytes(path.read_bytes()[::-1])
  os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize('name', ['answer/1.png', 'true.mp4', 'portrait.png'])
def test_a_replaced_file_is_another_example(example, tmp_path, name):
  key, truth = fingerprint(example), digest_truth(example)
  assert fingerprint(example) == key
  replace(tmp_path / name)
  assert fingerprint(example) != key
  assert (digest_truth(example) == truth) == name.startswith('answer')


def test_a_copy_is_the_same_truth(example, tmp_path):
  other = tmp_path / 'elsewhere.mp4'
  shutil.copyfile(example.driving, other)
  os.utime(other, ns=(0, 0))
  assert digest_truth(example._replace(driving=other)) == digest_truth(example)
  alone = example._replace(source=None)
  assert digest_truth(alone) != digest_truth(example)


def test_a_file_that_vanished_is_told(example):
  example.driving.unlink()
  with pytest.raises(UsageError, match='leave the folders as they are'):
    fingerprint(example)
