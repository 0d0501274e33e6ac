from fractions import Fraction

import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.gohd import measuring
from dagan_jax.inference.gohd.animator import GohdAnimator
from dagan_jax.inference.gohd.face_motion import FaceMotion
from dagan_jax.inference.motion import DrawsPortraits, Motion
from dagan_jax.inference.reenactment.settings import Settings
from tests.support import tiny_gohd
from tests.support.textures import texture

SIZE = tiny_gohd.SIZE
PICTURE = texture(70, 90)


@pytest.fixture(scope='module')
def animator(tmp_path_factory):
  path = tmp_path_factory.mktemp('gohd') / 'W'
  names = ('animator', 'coefficients', 'gaze_estimator')
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(measuring, 'LandmarkDetector', tiny_gohd.Detector)
    yield GohdAnimator.open(tiny_gohd.workdir(path, names))


@pytest.fixture(scope='module')
def portrait(animator):
  return animator.prepare(PICTURE, crop='none')


@pytest.fixture(scope='module')
def motion(animator, portrait):
  """Six frames around what the portrait does."""
  away = np.random.default_rng(0).normal(size=(6, 72))
  values = np.float32(portrait.measured + away)
  return FaceMotion(values, Fraction(25), animator.programs.digest)


def draw(animator, portrait, motion, **settings):
  return np.stack([*animator.frames(portrait, motion, **settings)]).astype(int)


def test_every_frame_of_a_motion_is_a_picture(animator, portrait, motion):
  frames = draw(animator, portrait, motion)
  assert frames.shape == (6, SIZE, SIZE, 3)
  assert np.abs(np.diff(frames, axis=0)).max(axis=(1, 2, 3)).min() > 0
  assert isinstance(animator, DrawsPortraits) and isinstance(motion, Motion)


def test_how_many_frames_are_drawn_together_changes_nothing(
  animator, portrait, motion
):
  alone = GohdAnimator(animator.programs, animator.face, chunk=1)
  off = draw(animator, portrait, motion) - draw(alone, portrait, motion)
  assert np.abs(off).max() <= 1


def test_without_strength_the_portrait_rests(animator, portrait, motion):
  frames = draw(animator, portrait, motion, strength=0.0)
  np.testing.assert_array_equal(frames, np.tile(frames[:1], (6, 1, 1, 1)))


def test_the_portrait_is_shown_beside_its_result(animator, portrait, motion):
  frames = draw(animator, portrait, motion, grid='source,result')
  assert frames.shape == (6, SIZE, 2 * SIZE, 3)
  np.testing.assert_array_equal(frames[0, :, :SIZE], portrait.square)


def test_results_go_back_into_the_whole_portrait(animator, portrait, motion):
  frames = draw(animator, portrait, motion, paste_back=True)
  assert frames.shape == (6, *PICTURE.shape)
  np.testing.assert_array_equal(frames[:, :, :5], [PICTURE[:, :5]] * 6)
  same = draw(animator, portrait, motion, paste_back=True, debug_identity=True)
  assert np.abs(same - PICTURE).mean() < 12  # 32 pixels for 70


@pytest.mark.parametrize(
  'wrong',
  [
    {'grid': 'depth,result'},
    {'size': 512},
    {'background': 'static'},
    {'precision': 'bfloat16'},
  ],
)
def test_what_these_networks_do_not_do_is_told_in_one_line(animator, wrong):
  with pytest.raises(UsageError, match=r'\A[^\n]*this network[^\n]*\Z'):
    animator.check(Settings(**wrong))


def test_a_motion_of_other_measures_is_refused(animator, portrait, motion):
  other = FaceMotion(motion.values, motion.rate, 'another')
  with pytest.raises(UsageError, match='another network'):
    animator.frames(portrait, other)
