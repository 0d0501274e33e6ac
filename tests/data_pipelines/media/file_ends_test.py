import os

import pytest

from data_pipelines.media.file_ends import digest_ends

CONTENT = bytes(range(256)) * 800  # longer than what is read of it


def write(path, content=CONTENT):
  path.parent.mkdir(exist_ok=True)
  path.write_bytes(content)
  return path


@pytest.mark.parametrize('place', [0, len(CONTENT) - 1])
def test_a_beginning_or_an_end_that_changes_is_told(tmp_path, place):
  changed = bytearray(CONTENT)
  changed[place] ^= 1
  path = write(tmp_path / 'a')
  digest = digest_ends(path)
  assert digest_ends(write(path, bytes(changed))) != digest
  assert digest_ends(write(path, CONTENT[:50000] + CONTENT)) != digest


def test_names_and_times_do_not_count(tmp_path):
  one, other = write(tmp_path / 'a'), write(tmp_path / 'b')
  os.utime(other, ns=(0, 0))
  assert digest_ends(one) == digest_ends(other)


def test_frames_count_in_their_order(tmp_path):
  for folder, names in (('a', '2 10'), ('b', '02 10'), ('c', '10 2')):
    for number, name in enumerate(names.split()):
      write(tmp_path / folder / name, bytes([number]))
  first, second, third = (digest_ends(tmp_path / name) for name in 'abc')
  assert first == second != third
