import jax
import jax.numpy as jnp
import numpy as np
import pytest

from configs import gohd_expression, gohd_gaze, gohd_pose
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


def box_of(workdir, name, folder, monkeypatch):
  """A box that stands in the place of the package's own."""
  box = folder / f'{name}.safetensors'
  convert_files([workdir], box=str(box))
  monkeypatch.setattr(boxed_voice, 'OURS', {name: box})
  return open_voice_box(name)


def assert_alike(found, variables):
  jax.tree.map(
    lambda ours, theirs: np.testing.assert_allclose(
      ours, theirs, rtol=1e-3, atol=1e-3
    ),
    found.variables,
    dict(variables),
  )


def test_a_box_holds_the_mapper_of_a_workdir(tmp_path, monkeypatch):
  workdir, variables = workdir_of(tmp_path / 'w', 'blind')
  found = box_of(workdir, 'expression', tmp_path, monkeypatch)
  build_network(found.config.model.to_dict(), 'expression')
  assert_alike(found, variables)


@pytest.mark.parametrize('recipe', [gohd_pose, gohd_gaze])
def test_a_box_holds_what_makes_poses_or_gazes(recipe, tmp_path, monkeypatch):
  config = recipe.get_config('debug')
  name = config.target
  config.model[name].update({'blocks': 1, 'width': 8, 'steps': 200})
  network = build_network(config.model.to_dict(), name)
  some = jnp.zeros((1, 2, network.channels))
  given = some, jnp.zeros((1, 2, 320)), some[:, :1], jnp.zeros(1, int)
  variables = jax.jit(network.init)(jax.random.key(0), *given)
  checkpoints.write_workdir(tmp_path / 'w', config, {name: dict(variables)})
  found = box_of(str(tmp_path / 'w'), name, tmp_path, monkeypatch)
  assert build_network(found.config.model.to_dict(), name) == network
  assert_alike(found, variables)


def test_a_mapper_that_must_be_told_of_eyes_is_refused(tmp_path):
  workdir, _ = workdir_of(tmp_path / 'w', 'stage_1')
  with pytest.raises(UsageError, match='told nothing of eyes'):
    convert_files([workdir], box=str(tmp_path / 'voice.safetensors'))


@pytest.mark.parametrize('other', ['people', 'pose'])
def test_another_kind_of_box_is_refused(other, monkeypatch):
  path = boxed_voice.OURS['expression'].with_name(f'{other}.safetensors')
  monkeypatch.setattr(boxed_voice, 'OURS', {'expression': path})
  with pytest.raises(UsageError, match='is no model of this package'):
    open_voice_box('expression')


@pytest.mark.parametrize('name', ['expression', 'pose', 'gaze'])
def test_the_package_brings_networks_that_this_version_builds(name):
  trained = open_voice_box(name)
  network = build_network(trained.config.model.to_dict(), name)
  shapes = {
    'expression': [(1, 80, 16), (1, 64)],
    'pose': [(1, 2, 6), (1, 2, 320), (1, 1, 6), (1,)],
    'gaze': [(1, 2, 2), (1, 2, 320), (1, 1, 2), (1,)],
  }[name]
  given = [
    jax.ShapeDtypeStruct(shape, jnp.float32 if len(shape) > 1 else jnp.int32)
    for shape in shapes
  ]
  options = {'train': False}
  made = jax.eval_shape(
    lambda key, *x: network.init(key, *x, **options), jax.random.key(0), *given
  )
  assert jax.tree.map(np.shape, made) == jax.tree.map(
    np.shape, trained.variables
  )
