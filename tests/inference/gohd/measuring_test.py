import numpy as np
import pytest

from dagan_jax.inference.face_models import rendered_face
from dagan_jax.inference.gohd import measuring
from dagan_jax.inference.gohd.measuring import (
  FaceMeter,
  align_face,
  cut_head,
  pick_points,
)
from dagan_jax.inference.gohd.programs import Programs
from dagan_jax.inference.reenactment.crops import cut_square
from dagan_jax.inference.reenactment.settings import Settings
from data_pipelines.errors.mendable import DataError
from tests.support import tiny_gohd
from tests.support.textures import texture


def mean_points():
  face = rendered_face()
  return pick_points(np.asarray(face.mean)[face.landmarks])


def test_a_face_that_fills_its_picture_as_deep3d_wants_it_is_left_there():
  face = rendered_face()
  marks = np.asarray(face.mean)[face.landmarks, :2]
  landmarks = 112 + 102 * marks * [1, -1]  # seen from far away
  picture = texture(224, 224)
  aligned = align_face(picture, landmarks, mean_points())
  np.testing.assert_allclose(aligned, picture, atol=2)


@pytest.mark.parametrize('scale', [1, 2])
def test_where_and_how_large_a_face_is_changes_nothing(scale):
  picture = texture(224, 224)
  large = picture.repeat(scale, 0).repeat(scale, 1)
  shifted = np.pad(large, ((37, 0), (5, 0), (0, 0)))
  landmarks = scale * tiny_gohd.landmarks(224)
  here = align_face(picture, landmarks / scale, mean_points())
  there = align_face(shifted, landmarks + np.array([5, 37]), mean_points())
  inside = slice(12, -12)
  off = here[inside, inside].astype(int) - there[inside, inside]
  assert np.abs(off).mean() < 3


def test_beyond_the_picture_all_is_black():
  picture = np.full((224, 224, 3), 200, np.uint8)
  landmarks = tiny_gohd.landmarks(224) - [100, 0]
  aligned = align_face(picture, landmarks, mean_points())
  assert not aligned[:, :90].any() and (aligned[20:-20, 110:] == 200).all()


def test_a_head_is_cut_out_with_its_forehead_even_at_the_edge():
  picture = np.zeros((200, 200, 3), np.uint8)
  picture[:, :, 0] = np.arange(200)[:, None]
  landmarks = np.random.default_rng(0).uniform([60, 100], [120, 180], (68, 2))
  rows = cut_head(picture, landmarks)[:, 200, 0].astype(float)
  low, high = landmarks[:, 1].min(), landmarks[:, 1].max()
  assert rows[0] == pytest.approx(low - 0.2 * (high - low), abs=2)
  assert rows[-1] == pytest.approx(high, abs=2)
  assert cut_head(picture, landmarks - [0, 105]).shape == (448, 448, 3)


@pytest.fixture(scope='module')
def meter(tmp_path_factory):
  names = ('animator', 'coefficients', 'gaze_estimator')
  path = tmp_path_factory.mktemp('gohd') / 'W'
  programs = Programs.open(tiny_gohd.workdir(path, names))
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(measuring, 'LandmarkDetector', tiny_gohd.Detector)
    yield FaceMeter(programs, rendered_face())


def test_frames_without_a_face_lie_between_those_around_them(meter):
  frames = [texture(64, 64), 0 * texture(64, 64), texture(64, 64)[::-1]]
  settings = Settings(crop_driving='none')
  values = meter.measure_video(frames, settings, 'v.mp4')
  assert values.shape == (3, 72) and np.isfinite(values).all()
  np.testing.assert_allclose(values[1], (values[0] + values[2]) / 2, atol=1e-5)
  assert np.abs(values[0] - values[2]).max() > 1e-3
  square = cut_square(frames[0], None, measuring.SIZE)
  alone = meter.measure_portrait(square, 'p.png')
  np.testing.assert_allclose(alone, values[0], atol=1e-5)


def test_who_shows_no_face_is_told_in_one_line(meter):
  black = np.zeros((64, 64, 3), np.uint8)
  with pytest.raises(DataError, match=r'\Ap.png: no landmarks[^\n]+\Z'):
    meter.measure_portrait(black, 'p.png')
  with pytest.raises(DataError, match=r'\Av.mp4: no landmarks[^\n]+\Z'):
    meter.measure_video([black], Settings(crop_driving='none'), 'v.mp4')
