import hashlib
import pickle

import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.files.array_pickles import read_arrays

TREE = {'a': {'kernel': np.arange(6.0).reshape(2, 3)}, 'b': np.ones(2, int)}


def saved(folder, content: bytes) -> tuple[str, str]:
  path = folder / 'x.ckpt'
  path.write_bytes(content)
  return str(path), hashlib.sha256(content).hexdigest()


class Harmful:
  def __reduce__(self):
    return print, ('it ran',)


# Earlier protocols hold bytes as text, later ones arrays by another function.
@pytest.mark.parametrize('protocol', [3, 4])
def test_arrays_come_out_as_they_went_in(tmp_path, protocol):
  read = read_arrays(*saved(tmp_path, pickle.dumps(TREE, protocol)))
  np.testing.assert_array_equal(read['a']['kernel'], TREE['a']['kernel'])
  np.testing.assert_array_equal(read['b'], TREE['b'])


def test_the_old_name_of_numpys_function_is_known(tmp_path):
  content = pickle.dumps(TREE, 3).replace(b'numpy._core', b'numpy.core')
  read = read_arrays(*saved(tmp_path, content))
  np.testing.assert_array_equal(read['b'], TREE['b'])


@pytest.mark.parametrize(
  ('held', 'word'),
  [
    ({'a': Harmful()}, 'builtins.print'),
    ({'a': np.array([Harmful()], object)}, 'builtins.print'),
    ({'a': np.array(['text'], object)}, '/a holds no array of numbers'),
    ({'a': np.array(['text'])}, '/a holds no array of numbers'),
    ({'a': {'b': 'text'}}, '/a/b holds no array of numbers'),
    ({1: np.ones(1)}, 'no string'),
    ('text', 'it holds no array'),
  ],
)
def test_whatever_is_no_array_is_refused_and_not_run(
  tmp_path, capsys, held, word
):
  content = pickle.dumps(held, 3)
  with pytest.raises(UsageError, match=word) as error:
    read_arrays(*saved(tmp_path, content))
  assert '\n' not in str(error.value)
  assert not capsys.readouterr().out


def test_a_file_with_other_bytes_is_not_looked_at(tmp_path, capsys):
  path, _ = saved(tmp_path, pickle.dumps({'a': Harmful()}))
  with pytest.raises(UsageError, match='SHA-256'):
    read_arrays(path, 64 * '0')
  assert not capsys.readouterr().out


def test_a_file_that_is_cut_short_or_missing_is_told_in_one_line(tmp_path):
  path, sha256 = saved(tmp_path, pickle.dumps(TREE, 3)[:-20])
  with pytest.raises(UsageError, match='no pickle of arrays') as error:
    read_arrays(path, sha256)
  assert '\n' not in str(error.value)
  with pytest.raises(UsageError, match='there is no file'):
    read_arrays(f'{path}x', sha256)
