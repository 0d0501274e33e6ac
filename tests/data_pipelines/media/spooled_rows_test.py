import tempfile

import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import spooled_rows
from data_pipelines.media.spooled_rows import SpooledRows

ROWS = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)


@pytest.fixture(params=['in memory', 'on disk'])
def rows(request, monkeypatch):
  """ROWS that were added in three parts."""
  if request.param == 'on disk':
    monkeypatch.setattr(spooled_rows, 'IN_MEMORY', 100)
  rows = SpooledRows(3)
  for part in np.split(ROWS, [1, 20]):
    rows.add(part)
  return rows


@pytest.mark.parametrize(
  'numbers',
  [[0], [49], range(50), [7, 6, 6, 49, 0], [[1, 2], [3, 4], [2, 3]]],
)
def test_rows_are_read_by_number_in_any_order_and_shape(rows, numbers):
  assert len(rows) == 50
  np.testing.assert_array_equal(rows[np.array(numbers)], ROWS[numbers])


def test_rows_may_be_read_before_all_are_there(rows):
  rows[np.array([3])]
  rows.add(ROWS[:2])
  np.testing.assert_array_equal(rows[np.array([50, 51])], ROWS[:2])


def test_a_folder_that_takes_no_temporary_file_is_told(monkeypatch, tmp_path):
  monkeypatch.setattr(spooled_rows, 'IN_MEMORY', 100)
  monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path / 'gone'))
  with pytest.raises(DataError, match=r'gone: no temporary file.*TMPDIR$'):
    SpooledRows(3).add(ROWS)
