"""Pose and expression come from the voice, from videos, or rest."""

import numpy as np
import pytest

from dagan_jax.inference.voice import performing
from dagan_jax.inference.voice.heard import Heard
from dagan_jax.inference.voice.learnt_head import HeadMotion
from dagan_jax.inference.voice.learnt_lips import MOUTH
from dagan_jax.inference.voice.performing import act, go_to_and_fro
from dagan_jax.inference.voice.settings import Acting
from dagan_jax.inference.voice.watched_face import WatchedFace
from data_pipelines.media.articulation import Articulation
from data_pipelines.synthetic.performance import perform

SOUND = Articulation(*np.full((5, 9), 0.7, np.float32))
LIPS = np.full((9, len(MOUTH)), 0.3, np.float32)
HEARD = Heard('a.mp4', SOUND, None, LIPS)
BY_RULE = {'pose': 'rule', 'expression': 'rule'}
RNG = np.random.default_rng(0)
FACE = WatchedFace(
  *(RNG.normal(size=(4, 3)), RNG.uniform(size=(4, 52))),
  gaze=RNG.normal(size=(4, 2)),
)


@pytest.fixture
def watched(monkeypatch):
  """The paths of the videos that were watched."""
  paths = []
  monkeypatch.setattr(
    performing.video_reader, 'read', lambda path, rate: (path, rate)
  )

  def watch(frames, settings, name, with_gaze):
    paths.append(name)
    assert frames == (name, 25)
    return FACE

  monkeypatch.setattr(performing, 'watch_face', watch)
  return paths


def test_what_is_gone_through_to_and_fro_never_jumps():
  values = np.arange(4)
  expected = [0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2]
  np.testing.assert_array_equal(go_to_and_fro(values, 11), expected)
  np.testing.assert_array_equal(go_to_and_fro(values, 2), [0, 1])
  np.testing.assert_array_equal(go_to_and_fro(values[:1], 3), [0, 0, 0])


def test_by_default_networks_hear_head_and_mouth_and_eyes_look_on(
  watched, monkeypatch
):
  head = HeadMotion(*RNG.normal(size=(2, 9, 3)))
  monkeypatch.setattr(performing, 'hear_head', lambda voice, seed: head)
  acted, plain = act(HEARD, Acting(seed=2)), perform(SOUND, 2)
  np.testing.assert_array_equal(acted.turns, head.turns)
  np.testing.assert_array_equal(acted.shifts, head.shifts)
  np.testing.assert_array_equal(acted.expression[:, MOUTH], LIPS)
  rest = np.setdiff1d(np.arange(52), MOUTH)
  np.testing.assert_array_equal(
    acted.expression[:, rest], plain.expression[:, rest]
  )
  assert not acted.gaze.any() and not watched


def test_rules_can_take_the_place_of_all_networks(watched):
  plain = perform(SOUND, 2)
  acted = act(HEARD, Acting(seed=2, **BY_RULE))
  for one, other in zip(acted, plain, strict=True):
    np.testing.assert_array_equal(one, other)
  assert not watched


def test_a_network_hears_gazes_as_well(watched, monkeypatch):
  gaze = RNG.normal(size=(9, 2))
  monkeypatch.setattr(performing, 'hear_gaze', lambda voice, seed: gaze)
  acted = act(HEARD, Acting(gaze='audio', **BY_RULE))
  np.testing.assert_array_equal(acted.gaze, gaze)
  assert not watched


def test_a_video_gives_its_turns_and_the_voice_the_lips(watched):
  acted = act(HEARD, Acting(pose='film.mp4', expression='rule'))
  np.testing.assert_array_equal(acted.turns[:4], FACE.turns)
  np.testing.assert_array_equal(acted.turns[3:7], FACE.turns[::-1])
  np.testing.assert_array_equal(acted.expression, perform(SOUND, 0).expression)
  assert not acted.shifts.any() and watched == ['film.mp4']


def test_a_video_gives_its_face_and_the_voice_the_turns(watched):
  acted = act(HEARD, Acting(pose='rule', expression='film.mp4'))
  np.testing.assert_array_equal(acted.expression[:4], FACE.expression)
  np.testing.assert_array_equal(acted.turns, perform(SOUND, 0).turns)


def test_the_video_that_speaks_may_give_both_and_is_watched_once(watched):
  acted = act(HEARD, Acting(pose='video', expression='video'))
  np.testing.assert_array_equal(acted.turns[:4], FACE.turns)
  np.testing.assert_array_equal(acted.expression[:4], FACE.expression)
  assert watched == ['a.mp4']


def test_a_still_head_looks_where_it_is_told(watched):
  acted = act(HEARD, Acting(pose='still', gaze='10,-5'))
  assert not acted.turns.any() and not acted.shifts.any()
  np.testing.assert_allclose(np.degrees(acted.gaze), [[10, -5]] * 9, rtol=1e-5)


def test_a_video_gives_its_gaze(watched):
  acted = act(HEARD, Acting(gaze='film.mp4', **BY_RULE))
  np.testing.assert_array_equal(acted.gaze[:4], FACE.gaze)
  np.testing.assert_array_equal(acted.gaze[3:7], FACE.gaze[::-1])
  assert watched == ['film.mp4']
