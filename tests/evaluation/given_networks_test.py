import hashlib
import pathlib
import sys

import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.given_networks import (
  _ARCFACE_POINTS,
  GivenNetwork,
  align_face,
  open_given,
)
from tests.support.onnx_files import averaging_network

LOT = np.random.default_rng(0)


def pictures(*shape):
  return LOT.integers(0, 256, (*shape, 3)).astype(np.uint8)


@pytest.fixture
def write(tmp_path):
  """Writes a file; gives its path."""
  pytest.importorskip('onnxruntime')

  def write(content):
    path = tmp_path / 'network.onnx'
    path.write_bytes(content)
    return str(path)

  return write


def landmarks_at(points):
  """68 landmarks that have these eyes, tip of the nose and mouth's corners."""
  landmarks = np.zeros((68, 2), np.float32)
  for place, point in zip(
    (slice(36, 42), slice(42, 48), 30, 48, 54), points, strict=True
  ):
    landmarks[place] = point
  return landmarks


def test_a_network_sees_rgb_between_minus_one_and_one(write):
  seen = pictures(3, 8, 8)
  found = GivenNetwork(write(averaging_network()), '--arcface').look_at(seen)
  expected = (seen / 127.5 - 1).mean(axis=(1, 2))
  np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_network_is_told_with_its_digest(write):
  path = write(averaging_network())
  (said,) = open_given(path, None, None).describe()
  content = pathlib.Path(path).read_bytes()
  assert said['sha256'] == hashlib.sha256(content).hexdigest()
  assert 'arcface' in said['name'] and 'network.onnx' in said['name']


@pytest.mark.parametrize(
  'content, told',
  [
    (b'', 'is no ONNX file'),
    (b'not a network', 'is no ONNX file'),
    (averaging_network(operations=['NoSuchOne']), 'is no ONNX file'),
    (averaging_network(7), 'no row of features'),
    (averaging_network(operations=['Relu']), 'no row of features'),
  ],
)
def test_what_is_no_network_of_pictures_is_told_in_one_line(
  write, content, told
):
  path = write(content)
  with pytest.raises(UsageError, match=told) as error:
    GivenNetwork(path, '--inception').look_at(pictures(1, 8, 8))
  assert '\n' not in str(error.value) and '--inception=' in str(error.value)


def test_a_missing_file_or_runtime_is_told(tmp_path, monkeypatch):
  with pytest.raises(UsageError, match='there is no such file'):
    open_given('none.onnx', None, None)
  (tmp_path / 'x.onnx').touch()
  monkeypatch.setitem(sys.modules, 'onnxruntime', None)
  with pytest.raises(UsageError, match=r'dagan_jax\[eval\]'):
    open_given(str(tmp_path / 'x.onnx'), None, None)


@pytest.mark.parametrize('scale, angle', [(1, 0), (2, 0.5), (0.7, -0.3)])
def test_a_face_is_turned_scaled_and_moved_to_the_same_place(scale, angle):
  """What lies at each of the five points lies where ArcFace wants it."""
  turn = scale * np.array(
    [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
  )
  points = (_ARCFACE_POINTS + 0.5) @ turn.T + (90, 30)
  y, x = np.mgrid[:300, :300] + 0.5
  for aim, point in zip(_ARCFACE_POINTS, points, strict=True):
    distances = np.hypot(x - point[0], y - point[1])
    picture = np.exp(-((distances / 4 / scale) ** 2))[..., None] * 255
    picture = np.repeat(picture.astype(np.uint8), 3, axis=2)
    aligned = align_face(picture, landmarks_at(points))[..., 0].astype(float)
    rows, columns = np.mgrid[:112, :112]
    centre = [np.average(a, weights=aligned) for a in (columns, rows)]
    np.testing.assert_allclose(centre, aim, atol=0.1)


def test_a_picture_without_a_face_has_no_identity(write):
  given = open_given(write(averaging_network()), None, None)
  landmarks = np.stack([landmarks_at(_ARCFACE_POINTS)] * 2)
  landmarks[1] = np.nan
  found = given.find_identities(pictures(2, 112, 112), landmarks)['arcface']
  assert np.linalg.norm(found[0]) == pytest.approx(1)
  assert np.isnan(found[1]).all()
