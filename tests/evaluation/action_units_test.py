import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.action_units import ActionUnits, find_layout
from data_pipelines.errors.mendable import DataError

OPENFACE = """\
frame, face_id, timestamp, confidence, success, AU01_r, AU12_r, AU01_c, AU28_c
1, 0, 0.00, 0.98, 1, 0.50, 2.25, 0.00, 1.00
2, 0, 0.04, 0.90, 1, 1.50, 0.25, 1.00, 0.00
2, 1, 0.04, 0.95, 1, 5.00, 5.00, 1.00, 1.00
4, 0, 0.12, 0.02, 0, 0.00, 0.00, 0.00, 0.00
"""
PY_FEAT = """\
,FaceRectX,FaceScore,AU01,AU12,anger,input,frame
0,3.5,0.99,0.75,0.25,0.1,a.mp4,0
1,3.5,0.60,0.1,0.1,0.1,a.mp4,1.0
1,3.5,0.97,0.5,0.51,0.1,a.mp4,1.0
2,,,,,,a.mp4,2
"""
OF_A_PICTURE = """\
face, confidence, AU01_r, AU12_r, AU01_c, AU28_c
0, 0.7, 1.00, 2.00, 0.00, 1.00
1, 0.9, 3.00, 4.00, 1.00, 1.00
"""


def read(tmp_path, text, name='a.csv'):
  path = tmp_path / name
  path.write_text(text)
  return ActionUnits(path)


def assert_face(face, presence, intensity):
  np.testing.assert_array_equal(face.presence, presence)
  np.testing.assert_array_equal(face.intensity, intensity)


NOBODY = [np.nan, np.nan]


def test_openface_numbers_frames_from_1_and_the_surest_face_counts(tmp_path):
  units = read(tmp_path, OPENFACE)
  assert units.frames == 4
  assert_face(units.at(0), [0, 1], [0.5, 2.25])
  assert_face(units.at(1), [1, 1], [5, 5])


def test_frames_without_a_row_or_a_face_tell_nothing(tmp_path):
  units = read(tmp_path, OPENFACE)
  for number in (2, 3, 99):
    assert_face(units.at(number), NOBODY, NOBODY)
  assert_face(read(tmp_path, PY_FEAT).at(2), NOBODY, NOBODY)


def test_py_feat_numbers_frames_from_0_and_units_are_there_above_a_half(
  tmp_path,
):
  units = read(tmp_path, PY_FEAT)
  assert units.frames == 3
  assert_face(units.at(0), [1, 0], [0.75, 0.25])
  assert_face(units.at(1), [0, 1], [0.5, 0.51])


def test_a_picture_has_one_frame_and_a_row_for_each_face(tmp_path):
  units = read(tmp_path, OF_A_PICTURE)
  assert units.frames == 1
  assert_face(units.at(0), [1, 1], [3, 4])


def test_the_layout_is_that_of_all_files(tmp_path):
  paths = [tmp_path / name for name in ('a.csv', 'b.csv', 'c.csv')]
  for path, text in zip(paths, (OPENFACE, OF_A_PICTURE, PY_FEAT), strict=True):
    path.write_text(text)
  layout = find_layout(paths[:2])
  assert layout.describe() == {
    'name': 'action units by OpenFace',
    'version': 'AU01 AU28; 2 intensities',
    'sha256': '',
  }
  assert find_layout(paths[2:]).tool == 'py-feat'
  with pytest.raises(UsageError, match=r'c\.csv: holds other action units'):
    find_layout(paths)


@pytest.mark.parametrize(
  'content',
  [b'', b'frame,time\n1,2\n', b'\xff\xfe\x00', b'AU01_r\n1\n', b'\x00'],
)
def test_what_holds_no_action_units_is_told_in_one_line(tmp_path, content):
  path = tmp_path / 'a.csv'
  path.write_bytes(content)
  with pytest.raises(UsageError, match=r'a\.csv: ') as caught:
    find_layout([path])
  assert '\n' not in str(caught.value)
  with pytest.raises(UsageError, match='cannot be read'):
    find_layout([tmp_path / 'none.csv'])


@pytest.mark.parametrize(
  'row', ['1,0', 'x,0,0,1,1,1,1,1,1', '0,0,0,1,1,1,1,1,1', '1,0,0,1,1,1,1,?,1']
)
def test_a_row_that_makes_no_sense_is_told_with_its_line(tmp_path, row):
  with pytest.raises(DataError, match=r'a\.csv, line 6: .* OpenFace write'):
    read(tmp_path, OPENFACE + row + '\n')
