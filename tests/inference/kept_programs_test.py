from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.inference import compile_cache, kept_programs
from dagan_jax.inference.kept_programs import keep_program, tell_of


class Pair(NamedTuple):
  first: jnp.ndarray
  second: jnp.ndarray | None


tell_of(Pair)
X = np.arange(4, dtype=np.float32)


@pytest.fixture
def folder(tmp_path, monkeypatch):
  monkeypatch.setattr(compile_cache, 'traced_folder', lambda: tmp_path)
  return tmp_path


def start(traced):
  """The program as a process that just started has it."""

  @keep_program('times')
  def scale(times, pair, by):
    traced.append(times)
    return Pair(times * pair.first * by, pair.second)

  return scale


def test_a_later_start_traces_nothing_and_computes_the_same(folder):
  traced = []
  for _ in range(3):
    made = start(traced)(2, Pair(X, None), 3.0)
    np.testing.assert_array_equal(made.first, 6 * X)
    assert made.second is None
  assert traced == [2]
  assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize('missing', ['folder', 'flatbuffers'])
def test_where_nothing_is_kept_a_function_is_jitted(
  folder, monkeypatch, missing
):
  if missing == 'folder':
    monkeypatch.setattr(compile_cache, 'traced_folder', lambda: None)
  else:
    monkeypatch.setattr(kept_programs, '_CAN_WRITE', False)
  traced = []
  scale = start(traced)
  for by in (3.0, 4.0):
    np.testing.assert_array_equal(scale(2, Pair(X, X), by).first, 2 * by * X)
  assert traced == [2]
  assert scale.files == [None]


@pytest.mark.parametrize(
  'times, pair, by',
  [
    (3, Pair(X, None), 3.0),
    (2, Pair(X, X), 3.0),
    (2, Pair(X[:2], None), 3.0),
    (2, Pair(np.int32(X), None), 3.0),
    (2, Pair(X, None), np.float32(3.0)),  # which decides the result's type
  ],
)
def test_what_is_traced_otherwise_is_another_program(folder, times, pair, by):
  traced = []
  start(traced)(2, Pair(X, None), 3.0)
  made = start(traced)(times, pair, by)
  assert traced == [2, times]
  np.testing.assert_array_equal(made.first, times * by * pair.first)


def test_changed_code_or_libraries_are_traced_again(folder, monkeypatch):
  traced = []
  start(traced)(2, Pair(X, None), 3.0)
  monkeypatch.setattr(kept_programs, '_environment', lambda: 'another')
  start(traced)(2, Pair(X, None), 3.0)
  assert traced == [2, 2]


@pytest.mark.parametrize('left', [b'', b'nonsense', None])
def test_a_damaged_file_is_made_anew(folder, left):
  traced = []
  start(traced)(2, Pair(X, None), 3.0)
  (path,) = folder.iterdir()
  whole = path.read_bytes()
  path.write_bytes(whole[: len(whole) // 2] if left is None else left)
  for _ in range(2):
    made = start(traced)(2, Pair(X, None), 3.0)
    np.testing.assert_array_equal(made.first, 6 * X)
  assert traced == [2, 2]


def test_a_folder_that_cannot_be_made_costs_nothing_but_time(
  tmp_path, monkeypatch
):
  file = tmp_path / 'file'
  file.write_text('no folder')
  monkeypatch.setattr(compile_cache, 'traced_folder', lambda: file / 'traced')
  made = start([])(2, Pair(X, None), 3.0)
  np.testing.assert_array_equal(made.first, 6 * X)


def test_a_folder_of_somebody_else_is_read(folder, monkeypatch):
  traced = []
  start(traced)(2, Pair(X, None), 3.0)

  def refuse(*_):
    raise PermissionError('not yours')

  monkeypatch.setattr(kept_programs.os, 'utime', refuse)
  start(traced)(2, Pair(X, None), 3.0)
  assert traced == [2]


def test_the_longest_unused_go_first(folder, monkeypatch):
  monkeypatch.setattr(kept_programs, 'MOST', 2)
  traced = []
  for times in (1, 2, 1, 3, 1, 2):
    start(traced)(times, Pair(X, None), 3.0)
  assert traced == [1, 2, 3, 2]
  assert len(list(folder.iterdir())) == 2
