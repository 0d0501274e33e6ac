import jax
import jax.numpy as jnp
import numpy as np
import pytest

from configs import gohd_expression
from dagan_jax.console.errors import UsageError
from dagan_jax.models.gohd.networks import build_network
from dagan_jax.runs import checkpoints
from dagan_jax.weights import boxed_voice
from dagan_jax.weights.boxed_voice import open_voice_box
from dagan_jax.weights.conversion import convert_files


def workdir_of(path, variant):
  config = gohd_expression.get_config(f'debug/{variant}')
  network = build_network(config.model.to_dict(), 'expression')
  shapes = jnp.zeros((1, 80, 16)), jnp.zeros((1, 64))
  variables = network.init(jax.random.key(0), *shapes, train=False)
  checkpoints.write_workdir(path, config, {'expression': dict(variables)})
  return str(path), variables


def test_a_box_holds_the_mapper_of_a_workdir(tmp_path, monkeypatch):
  workdir, variables = workdir_of(tmp_path / 'w', 'blind')
  box = tmp_path / 'voice.safetensors'
  convert_files([workdir], box=str(box))
  monkeypatch.setattr(boxed_voice, 'OURS', box)
  found = open_voice_box()
  build_network(found.config.model.to_dict(), 'expression')
  jax.tree.map(
    lambda ours, theirs: np.testing.assert_allclose(ours, theirs, atol=1e-3),
    found.variables,
    dict(variables),
  )


def test_a_mapper_that_must_be_told_of_eyes_is_refused(tmp_path):
  workdir, _ = workdir_of(tmp_path / 'w', 'stage_1')
  with pytest.raises(UsageError, match='told nothing of eyes'):
    convert_files([workdir], box=str(tmp_path / 'voice.safetensors'))


def test_another_kind_of_box_is_refused(monkeypatch):
  monkeypatch.setattr(
    boxed_voice, 'OURS', boxed_voice.OURS.with_name('people.safetensors')
  )
  with pytest.raises(UsageError, match='is no model of this package'):
    open_voice_box()
