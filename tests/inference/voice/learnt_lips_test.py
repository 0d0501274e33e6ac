"""What the network of the package hears in made-up voices."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.inference import compile_cache
from dagan_jax.inference.voice import mapped_voice
from dagan_jax.inference.voice.heard import hear_voice
from dagan_jax.inference.voice.learnt_lips import MOUTH
from dagan_jax.inference.voice.mapped_voice import map_voice
from dagan_jax.inference.voice.performing import act
from dagan_jax.inference.voice.settings import Acting
from dagan_jax.models.gohd import stretch_encoder
from dagan_jax.models.gohd.expression import ExpressionMapper
from data_pipelines.media.voice import read_voice
from data_pipelines.synthetic.anatomy import EXPRESSIONS
from data_pipelines.synthetic.performance import perform
from tests.support.spoken_sounds import speak, write_wave

JAW = [EXPRESSIONS[number] for number in MOUTH].index('jawOpen')


@pytest.fixture(scope='module')
def sound(tmp_path_factory):
  path = tmp_path_factory.mktemp('voice') / 'voice.wav'
  silence = np.zeros(16_000, np.float32)
  words = speak(['ah', '', 'ah', 'oo', 'ah', 'ee'] * 2)
  write_wave(path, np.concatenate([silence, words, silence]))
  return path


@pytest.fixture(scope='module')
def heard(sound):
  return hear_voice(sound, Acting(pose='rule'))


def test_a_mouth_opens_for_a_voice_and_rests_in_silence(heard):
  lips, speaking = heard.lips, heard.articulation.speaking
  assert lips.shape == (heard.count, len(MOUTH))
  assert lips.min() >= 0 and lips.max() <= 1
  quiet = speaking < 0.1
  assert not lips[quiet].any()
  assert lips[~quiet, JAW].max() > 0.1


def test_only_the_mouth_is_learnt_and_a_rule_can_take_its_place(heard):
  learnt = act(heard, Acting(seed=2, pose='rule'))
  by_rule = act(heard, Acting(seed=2, pose='rule', expression='rule'))
  plain = perform(heard.articulation, 2)
  np.testing.assert_array_equal(by_rule.expression, plain.expression)
  rest = np.setdiff1d(np.arange(len(EXPRESSIONS)), MOUTH)
  np.testing.assert_array_equal(
    learnt.expression[:, rest], plain.expression[:, rest]
  )
  assert (learnt.expression[:, MOUTH] != plain.expression[:, MOUTH]).any()
  np.testing.assert_array_equal(learnt.turns, plain.turns)


def test_in_which_chunks_a_voice_is_heard_changes_nothing(
  sound, monkeypatch, tmp_path
):
  mapper = ExpressionMapper(8, hears='stretches')
  monkeypatch.setattr(stretch_encoder, 'subtract_mean', lambda mel: mel)
  rest, voice = np.zeros(64, np.float32), read_voice(sound)
  given = jnp.zeros((20, 80, 16)), jnp.zeros((20, 64))
  variables = mapper.init(jax.random.key(0), *given, train=False)
  monkeypatch.setattr(compile_cache, 'traced_folder', lambda: tmp_path)
  whole = map_voice(mapper, variables, voice, rest)
  assert len(list(tmp_path.iterdir())) == 1  # for a later start
  monkeypatch.setattr(mapped_voice, '_CHUNK', 10)
  parts = map_voice(mapper, variables, voice, rest)
  assert len(whole) == voice.frames
  np.testing.assert_allclose(parts, whole, atol=1e-5)
