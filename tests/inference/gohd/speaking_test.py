"""Expression, pose and gaze come from the voice, from videos, or rest."""

import jax
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.face_models import rendered_face
from dagan_jax.inference.gohd import measuring, sampling
from dagan_jax.inference.gohd.animator import GohdAnimator, MeasuredPortrait
from dagan_jax.inference.gohd.face_motion import EXPRESSION, GAZE, POSE
from dagan_jax.inference.gohd.programs import Programs
from dagan_jax.inference.gohd.speaking import (
  Speaker,
  exaggerate,
  find_eye_motion,
  hear_expressions,
  start_from,
)
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice.settings import Acting
from data_pipelines.media.voice import hear
from tests.support import tiny_gohd
from tests.support.spoken_sounds import speak, write_wave

RNG = np.random.default_rng(0)
MEASURED = np.float32(0.1 * RNG.normal(size=72))
VIDEO = np.float32(0.1 * RNG.normal(size=(4, 72)))
PORTRAIT = MeasuredPortrait(None, None, None, None, MEASURED)
FRAMES = 10


@pytest.fixture(scope='module')
def animator(tmp_path_factory):
  path = tmp_path_factory.mktemp('gohd') / 'W'
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(measuring, 'LandmarkDetector', tiny_gohd.Detector)
    # Shorter windows are as good, and cheaper.
    patch.setattr(sampling, 'LENGTH', 8)
    patch.setattr(sampling, 'OVERLAP', 2)
    yield GohdAnimator.open(tiny_gohd.workdir(path))


@pytest.fixture
def act(animator, tmp_path, monkeypatch):
  """What is acted, with the acting's fields by name."""
  voice = speak(['ah', 'ee'], seconds=FRAMES / 50)
  audio = write_wave(tmp_path / 'v.wav', voice)
  monkeypatch.setattr(Speaker, '_watch', lambda self, choice: VIDEO)

  def act(settings=None, **acting):
    acting = Acting(**acting)
    speaker = Speaker(animator, audio, acting, settings)
    return speaker.act(PORTRAIT, acting.seed).values

  return act


def test_by_default_pose_and_expression_are_heard_and_eyes_look_on(act):
  values = act()
  assert values.shape == (FRAMES, 72) and np.isfinite(values).all()
  assert np.ptp(values[:, EXPRESSION], axis=0).min() > 0
  assert np.ptp(values[:, POSE], axis=0).min() > 0
  np.testing.assert_array_equal(values[:, GAZE], [MEASURED[GAZE]] * FRAMES)


def test_each_part_comes_from_where_it_is_said_to(act):
  heard = act(gaze='audio')
  still = act(pose='still', gaze='10,-5')
  np.testing.assert_array_equal(still[:, POSE], [MEASURED[POSE]] * FRAMES)
  np.testing.assert_array_equal(still[:, EXPRESSION], heard[:, EXPRESSION])
  aside = np.degrees(still[:, GAZE] - MEASURED[GAZE])
  np.testing.assert_allclose(aside, [[-10, 5]] * FRAMES, rtol=1e-4)
  watched = act(expression='video', gaze='b.mp4')
  np.testing.assert_array_equal(watched[:, POSE], heard[:, POSE])
  np.testing.assert_array_equal(watched[:4, EXPRESSION], VIDEO[:, EXPRESSION])
  np.testing.assert_array_equal(watched[3:7, GAZE], VIDEO[::-1, GAZE])
  assert np.ptp(heard[:, GAZE], axis=0).min() > 0


def test_seeds_change_the_pose_and_never_the_lips(act):
  one, other = act(seed=1), act(seed=2)
  assert np.abs(one - other)[:, POSE].max() > 0.01
  np.testing.assert_array_equal(one[:, EXPRESSION], other[:, EXPRESSION])


def test_poses_of_a_video_are_the_portraits_own_from_a_frame_on(act):
  first = act(Settings(start='first'), pose='video')[:4, POSE]
  changes = VIDEO[:, POSE] - VIDEO[0, POSE]
  np.testing.assert_allclose(first, MEASURED[POSE] + changes, atol=1e-6)
  absolute = act(Settings(motion='absolute'), pose='video')[:4, POSE]
  np.testing.assert_array_equal(absolute, VIDEO[:, POSE])


def test_the_best_frame_to_start_from_is_turned_most_like_the_portrait():
  poses = VIDEO[:, POSE].copy()
  poses[2, :3] = MEASURED[POSE][:3] + 0.001
  found = start_from(MEASURED[POSE], poses, Settings())
  np.testing.assert_allclose(found[2], MEASURED[POSE], atol=1e-6)
  with pytest.raises(UsageError, match='the video has 4 frames'):
    start_from(MEASURED[POSE], poses, Settings(start=4))


def test_as_published_poses_and_expressions_are_larger(act):
  plain, published = act(), act(as_published=True)
  np.testing.assert_array_equal(published, exaggerate(plain))
  np.testing.assert_allclose(
    published[:, EXPRESSION], 1.5 * plain[:, EXPRESSION], rtol=1e-6
  )
  np.testing.assert_allclose(
    published[2, POSE], 1.2 * plain[:5, POSE].mean(0), rtol=1e-5
  )
  np.testing.assert_array_equal(published[:, GAZE], plain[:, GAZE])


def test_two_stages_hear_sounds_of_any_length(tmp_path):
  count = 70  # more than go together
  names = ('animator', 'coefficients', 'gaze_estimator', 'two_stage_expression')
  programs = Programs.open(tiny_gohd.workdir(tmp_path / 'W', names))
  voice = hear([speak(['ah', 'ee', 's', 'oo'], seconds=count / 100)])
  found = [
    hear_expressions(
      programs, rendered_face(), voice, MEASURED, jax.random.key(seed)
    )
    for seed in (0, 1)
  ]
  assert found[0].shape == (count, 64) and np.isfinite(found[0]).all()
  assert np.abs(found[0] - found[1]).max() > 1e-3


def test_eyes_rest_where_the_face_model_is_of_other_expressions():
  eyes = find_eye_motion(rendered_face(), MEASURED[EXPRESSION])
  np.testing.assert_allclose(eyes, [1, *np.zeros(20)], atol=1e-5)


@pytest.mark.parametrize(
  ('missing', 'acting', 'words'),
  [
    ('pose', {}, 'or give --pose=still'),
    ('expression', {}, 'or give --expression=video'),
    ('gaze', {'gaze': 'audio'}, 'or give --gaze=source'),
    ('animator', {}, 'draws the portrait'),
    ('coefficients', {}, "the portrait's pose"),
    ('gaze_estimator', {}, 'where eyes look'),
  ],
)
def test_a_network_that_is_missing_is_told_in_one_line(
  missing, acting, words, animator, monkeypatch
):
  names = {*tiny_gohd.ALL} - {missing}
  monkeypatch.setattr(
    'dagan_jax.runs.checkpoints.network_names', lambda _: names
  )
  with pytest.raises(UsageError, match=words) as caught:
    programs = Programs.open(animator.programs.where)
    Speaker(GohdAnimator(programs, animator.face), 'v.wav', Acting(**acting))
  assert f"no network '{missing}'" in str(caught.value)
  assert '\n' not in str(caught.value)


def test_an_animator_without_a_gaze_takes_no_order_to_look_aside(tmp_path):
  names = ('animator', 'coefficients')
  workdir = tiny_gohd.workdir(tmp_path / 'W', names, channels=70)
  animator = GohdAnimator(Programs.open(workdir), rendered_face())
  acting = Acting(pose='still', expression='video', gaze='9,0')
  with pytest.raises(UsageError, match='without a gaze'):
    Speaker(animator, 'v.wav', acting)
