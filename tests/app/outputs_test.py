import numpy as np
import pytest

from dagan_jax.app.outputs import (
  check_outputs,
  write_array,
)
from data_pipelines.errors.mendable import DataError

MAPS = np.random.default_rng(0).random((13, 4, 6), np.float32)


@pytest.mark.parametrize('count', [1, 9, 13])
def test_maps_read_back_are_the_maps_written(tmp_path, count):
  with write_array(tmp_path / 'new' / 'maps.npy') as array:
    for values in MAPS[:count]:
      array.write(values)
  np.testing.assert_array_equal(
    np.load(tmp_path / 'new' / 'maps.npy'), MAPS[:count]
  )
  assert [p.name for p in (tmp_path / 'new').iterdir()] == ['maps.npy']


def test_a_single_map_has_no_axis_of_time(tmp_path):
  with write_array(tmp_path / 'map.npy', single=True) as array:
    array.write(MAPS[0])
  np.testing.assert_array_equal(np.load(tmp_path / 'map.npy'), MAPS[0])


def test_what_is_left_by_an_exception_leaves_the_old_file(tmp_path):
  (tmp_path / 'maps.npy').write_text('old')
  with (
    pytest.raises(KeyboardInterrupt),
    write_array(tmp_path / 'maps.npy') as array,
  ):
    array.write(MAPS[0])
    raise KeyboardInterrupt
  assert [p.name for p in tmp_path.iterdir()] == ['maps.npy']
  assert (tmp_path / 'maps.npy').read_text() == 'old'


def test_no_map_and_no_place_are_told(tmp_path):
  with pytest.raises(DataError, match='no frame'), write_array(tmp_path / 'a'):
    pass
  (tmp_path / 'file').write_text('')
  for place in (tmp_path / 'file' / 'a.npy', tmp_path):
    with (
      pytest.raises(DataError, match='cannot be written'),
      write_array(place) as array,
    ):
      array.write(MAPS[0])
  assert [p.name for p in tmp_path.iterdir()] == ['file']


def test_outputs_may_replace_neither_inputs_nor_one_another(tmp_path):
  video, other = str(tmp_path / 'video.mp4'), str(tmp_path / 'out.mp4')
  (tmp_path / 'video.mp4').write_text('')
  check_outputs([other, None], [video], None)
  check_outputs([other], [video], str(tmp_path / 'sheet.png'))
  # A sheet is written last, and may join the frames in their folder.
  folder = str(tmp_path / 'frames')
  check_outputs([folder], [video], str(tmp_path / 'frames' / 'sheet.png'))
  with pytest.raises(DataError, match='is an input'):
    check_outputs([str(tmp_path / '.' / 'video.mp4')], [video], None)
  with pytest.raises(DataError, match='lies in another'):
    check_outputs([folder, str(tmp_path / 'frames' / 'a')], [video], None)
  with pytest.raises(DataError, match='twice'):
    check_outputs([other, other], [video], None)
  with pytest.raises(DataError, match=r'\.png'):
    check_outputs([other], [video], str(tmp_path / 'sheet.mp4'))


def test_nothing_is_written_into_a_folder_that_is_read(tmp_path):
  (tmp_path / 'frames').mkdir()
  read = str(tmp_path / 'frames')
  check_outputs([str(tmp_path / 'out.mp4')], [read], None)
  for sheet in (None, str(tmp_path / 'frames' / 'sheet.png')):
    output = str(tmp_path / ('out.mp4' if sheet else 'frames/out.mp4'))
    with pytest.raises(DataError, match='a folder that is read'):
      check_outputs([output], [read], sheet)
