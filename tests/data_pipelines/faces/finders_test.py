import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces import finders
from data_pipelines.faces.find import DlibFaces
from data_pipelines.faces.finders import face_finder
from data_pipelines.faces.mediapipe_faces import MediaPipeFaces


def missing():
  raise DataError("install 'it'")


@pytest.fixture
def installed(monkeypatch):
  """Says which finders are installed."""

  def say(*names):
    kinds = {name: type(name, (), {'name': name}) for name in names}
    found = {name: kinds.get(name, missing) for name in ('mediapipe', 'dlib')}
    monkeypatch.setattr(finders, '_FINDERS', found)
    monkeypatch.setattr(finders, 'MediaPipeFaces', found['mediapipe'])
    monkeypatch.setattr(finders, 'DlibFaces', found['dlib'])

  return say


@pytest.mark.parametrize('both', [('mediapipe', 'dlib'), ('mediapipe',)])
def test_mediapipe_is_the_usual_one(installed, both, caplog):
  installed(*both)
  with caplog.at_level('INFO'):
    assert face_finder().name == 'mediapipe'
  assert not caplog.messages


def test_dlib_stands_in_and_the_log_says_why(installed, caplog):
  installed('dlib')
  with caplog.at_level('INFO'):
    assert face_finder().name == 'dlib'
  (line,) = set(caplog.messages)
  assert "install 'it'" in line and '\n' not in line


def test_where_none_is_installed_the_cure_is_named(installed):
  installed()
  with pytest.raises(DataError, match="install 'it'"):
    face_finder()


def test_a_finder_that_is_asked_for_is_not_replaced(installed):
  installed('dlib')
  with pytest.raises(DataError, match="install 'it'"):
    face_finder('mediapipe')
  installed('mediapipe')
  with pytest.raises(DataError, match="install 'it'"):
    face_finder('dlib')


def test_other_names_are_files_of_yunet():
  pytest.importorskip('cv2')
  with pytest.raises(DataError, match=r'\Anone\.onnx: '):
    face_finder('none.onnx')


@pytest.mark.parametrize(
  'name, kind', [('mediapipe', MediaPipeFaces), ('dlib', DlibFaces)]
)
def test_the_names_mean_what_they_say(name, kind):
  try:
    found = face_finder(name)
  except DataError as error:
    pytest.skip(str(error))
  assert isinstance(found, kind) and found.name == name
