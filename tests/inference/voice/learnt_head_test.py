"""Poses and gazes out of a network are what a rendered person does."""

import numpy as np
import pytest
from ml_collections import ConfigDict

from dagan_jax.inference.gohd import sampling
from dagan_jax.inference.voice import learnt_head
from dagan_jax.inference.voice.heard import hear_voice
from dagan_jax.inference.voice.learnt_head import (
  hear_gaze,
  hear_head,
  make_lively,
)
from dagan_jax.inference.voice.performing import act
from dagan_jax.inference.voice.settings import Acting
from dagan_jax.models.gohd.networks import build_network
from dagan_jax.weights.boxed import Trained
from data_pipelines.media.voice import hear
from data_pipelines.synthetic.coefficients import (
  from_coefficients,
  to_coefficients,
)
from data_pipelines.synthetic.performance import Performance
from tests.support.spoken_sounds import speak, write_wave
from tests.support.variables import random_variables

COUNT = 11
SIZES = {'width': 8, 'blocks': 1, 'embedding': 8, 'unit': 0.1}
RNG = np.random.default_rng(0)
VOICE = hear([speak(['ah', 'ee'], seconds=COUNT / 50)])


def recorded() -> tuple[np.ndarray, np.ndarray]:
  """Poses and gazes of somebody who turns, leans and looks about."""
  shown = Performance(
    np.float32(RNG.uniform(-20, 20, (COUNT, 3))),
    np.float32(RNG.uniform(-0.02, 0.02, (COUNT, 3))),
    np.zeros((COUNT, 52), np.float32),
    np.float32(RNG.uniform(-0.3, 0.3, (COUNT, 2))),
  )
  numbers = to_coefficients(shown)
  return numbers.pose, numbers.gaze


@pytest.fixture
def small(monkeypatch):
  """Networks of the package's kind, so small that a test can sample them."""
  monkeypatch.setattr(sampling, 'LENGTH', 8)
  monkeypatch.setattr(sampling, 'OVERLAP', 2)

  def open_box(name):
    channels = {'pose': 6, 'gaze': 2}[name]
    model = {name: {**SIZES, 'channels': channels, 'learns_without': True}}
    inputs = [np.zeros((1, 2, n)) for n in (channels, 320)]
    inputs += [inputs[0][:, :1], np.zeros(1, int)]
    variables = random_variables(build_network(model, name), *inputs)
    return Trained(name, ConfigDict({'model': model}), variables)

  monkeypatch.setattr(learnt_head, 'open_voice_box', open_box)


def test_recorded_poses_and_gazes_come_out_of_the_actor_as_they_were(
  tmp_path, monkeypatch
):
  pose, gaze = recorded()
  kept = {'pose': pose, 'gaze': gaze}
  monkeypatch.setattr(learnt_head, '_hear', lambda name, *_: kept[name])
  monkeypatch.setattr(learnt_head, 'make_lively', lambda poses: poses)
  monkeypatch.setattr(learnt_head, 'fixate', lambda gaze: gaze)
  audio = write_wave(tmp_path / 'v.wav', speak(['ah'], seconds=COUNT / 25))
  acting = Acting(expression='rule', gaze='audio')
  acted = act(hear_voice(audio, acting), acting)
  again = to_coefficients(acted)
  np.testing.assert_allclose(again.pose, pose, atol=1e-5)
  np.testing.assert_allclose(again.gaze, gaze, atol=1e-6)
  shown = from_coefficients(again)
  np.testing.assert_allclose(shown.turns, acted.turns, atol=1e-3)


def test_lively_turns_are_larger_and_tremble_less():
  frames = np.arange(400)[:, None]
  slowly, quickly = np.sin(frames / 50), np.sin(frames * 2.0)
  poses = np.tile(np.float32(slowly), 6), np.tile(np.float32(quickly), 6)
  slow, quick = (make_lively(x)[50:-50].std(0) for x in poses)
  assert (slow > 1.2 * slowly.std()).all()
  assert (quick < 0.01).all()
  # Pitch is sampled more nearly as large as it should be than yaw.
  assert slow[1] > 1.05 * slow[0]


def test_a_head_starts_to_move_from_where_it_faces_the_camera(
  small, monkeypatch
):
  asked = {}
  run = learnt_head.hear_motion

  def watch(name, denoiser, variables, voice, first, seed):
    asked[name] = first
    return run(name, denoiser, variables, voice, first, seed)

  monkeypatch.setattr(learnt_head, 'hear_motion', watch)
  head, gaze = hear_head(VOICE, 0), hear_gaze(VOICE, 0)
  assert head.turns.shape == head.shifts.shape == (VOICE.frames, 3)
  assert gaze.shape == (VOICE.frames, 2)
  for name, channels in (('pose', 6), ('gaze', 2)):
    np.testing.assert_array_equal(asked[name], np.zeros(channels))


def test_another_seed_moves_otherwise_and_the_same_one_alike(small):
  one, again, other = (hear_gaze(VOICE, seed) for seed in (0, 0, 1))
  np.testing.assert_array_equal(one, again)
  assert np.abs(one - other).max() > 1e-3
