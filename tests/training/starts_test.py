import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from absl import logging

from configs import finetune
from dagan_jax.console.errors import UsageError
from dagan_jax.models.dagan.reenactor import build_reenactor
from dagan_jax.models.face_depth.network import FaceDepth
from dagan_jax.runs import checkpoints
from dagan_jax.tasks.reenactment.task import ReenactmentTask
from dagan_jax.training import starts
from dagan_jax.training.starts import load_fitting
from dagan_jax.weights import conversion
from tests.support import tiny

LEVELS = 3


def config_of(size, levels, width):
  config = tiny.config_with_depth()
  config.data.image_size = size
  config.model.generator.fusion = 'cross_modal'
  config.model.generator.decoder = 'multi_level'
  config.model.generator.levels = levels
  config.model.generator.width = width
  config.model.generator.max_width = 4 * 2 ** (LEVELS - 1)
  return config


def variables_of(config, value):
  """A reenactor's variables, all numbers the same; nothing is computed."""
  size = config.data.image_size
  image = jax.ShapeDtypeStruct((1, size, size, 3), jnp.float32)
  reenactor = build_reenactor(config.model.to_dict())
  shapes = jax.eval_shape(reenactor.init, jax.random.key(0), image, image)
  return jax.tree.map(lambda x: np.full(x.shape, value, x.dtype), dict(shapes))


@pytest.fixture(scope='module')
def small(tmp_path_factory):
  """A workdir of a model of 32 pixels: 4, 8 and 16 features."""
  path = tmp_path_factory.mktemp('small')
  config = config_of(32, LEVELS, 4)
  networks = {'reenactor': variables_of(config, 1.0)}
  checkpoints.write_workdir(path, config, networks)
  return str(path)


def test_a_larger_model_takes_all_levels_but_its_first(small, monkeypatch):
  told = []
  monkeypatch.setattr(
    logging, 'info', lambda text, *words: told.append(text % words)
  )
  fresh = variables_of(config_of(64, LEVELS + 1, 2), 7.0)
  judge = {'params': {'head': np.full(3, 7.0)}}
  networks = {'reenactor': fresh, 'discriminator': judge}
  fitted = load_fitting(networks, LEVELS + 1, small)
  assert fitted['discriminator'] is judge  # the small workdir has none
  loaded = {
    (*(key.key for key in path[1:-1]),): float(leaf.min()) == 1
    for path, leaf in jax.tree.leaves_with_path(fitted['reenactor'])
  }
  for name in ('depth', 'detector', 'motion'):
    assert all(one for path, one in loaded.items() if path[0] == name)
  generator = {
    '/'.join(path[1:3])
    for path, one in loaded.items()
    if one and path[0] == 'generator'
  }
  # What halves 32, 16 and 8 pixels is what halved 16 and 8 before.
  assert {'down_1/conv', 'down_2/conv', 'depth_down_2/conv'} <= generator
  assert {f'enhance_{i}/to_key' for i in range(LEVELS)} <= generator
  assert {'decode_features/residual_0', 'decode_features/fuse_0'} <= generator
  assert not {'first/conv', 'down_0/conv', 'enhance_3/to_key'} & generator
  table = next(text for text in told if 'reinitialised' in text)
  assert 'loaded         detector\n' in table
  assert 'reinitialised  generator.down_0' in table


def test_a_model_may_start_from_a_box(small, tmp_path):
  box = tmp_path / 'small.safetensors'
  conversion.convert_files([small], box=str(box))
  fresh = variables_of(config_of(32, LEVELS, 4), 7.0)
  fitted = load_fitting({'reenactor': fresh}, LEVELS, str(box))
  assert all(leaf.min() == 1 for leaf in jax.tree.leaves(fitted))


def test_a_workdir_of_another_kind_says_what_it_lacks(tmp_path):
  config = config_of(32, LEVELS, 4)
  checkpoints.write_workdir(tmp_path, config, {'depth': {'a': np.ones(2)}})
  with pytest.raises(UsageError, match=r"no network 'reenactor'"):
    load_fitting({'reenactor': {}}, LEVELS, str(tmp_path))


def fresh(config):
  """The shapes of stage 2's variables, filled with zeros."""
  pictures = np.zeros((1, tiny.SIZE, tiny.SIZE, 3), np.uint8)
  batch = {'source': pictures, 'driving': pictures}
  task = ReenactmentTask(config)
  state = jax.eval_shape(task.init, jax.random.key(0), batch)
  return jax.tree.map(lambda x: np.zeros(x.shape, x.dtype), state.variables)


def workdir_of_depth(path, layers):
  """A workdir with a depth network of width 8, all of it ones."""
  image = jax.ShapeDtypeStruct((1, tiny.SIZE, tiny.SIZE, 3), jnp.float32)
  shapes = jax.eval_shape(
    functools.partial(FaceDepth(layers, 8).init, train=False),
    jax.random.key(0),
    image,
  )
  depth = jax.tree.map(lambda x: np.ones(x.shape, x.dtype), dict(shapes))
  checkpoints.write_workdir(path, tiny.config_with_depth(), {'depth': depth})
  return str(path)


def test_a_given_depth_network_takes_the_place_of_the_random_one(tmp_path):
  config = tiny.config_with_depth()
  config.init.depth = workdir_of_depth(tmp_path / 'depth', 18)
  placed = starts.place_in_reenactment(config, fresh(config))
  for path, leaf in jax.tree.leaves_with_path(placed):
    networks = [part.key for part in path]
    given = networks[0] == 'reenactor' and networks[2:3] == ['depth']
    assert (leaf == given).all(), path


def test_a_depth_network_of_another_shape_is_refused(tmp_path):
  config = tiny.config_with_depth()
  config.init.depth = workdir_of_depth(tmp_path / 'depth', 50)
  with pytest.raises(UsageError, match='depth') as caught:
    starts.place_in_reenactment(config, fresh(config))
  assert '\n' not in str(caught.value)


def test_fine_tuning_begins_at_the_given_network(tmp_path):
  given = fresh(tiny.config())
  given = jax.tree.map(np.ones_like, {'reenactor': given['reenactor']})
  checkpoints.write_workdir(tmp_path, tiny.config(), given)
  config = finetune.get_config('debug')
  config.init.reenactor, config.init.vgg = str(tmp_path), 'none'
  config = starts.choose_given(starts.take_model(config), tmp_path / 'run')
  assert config.model.to_dict() == tiny.config().model.to_dict()
  assert config.data.image_size == tiny.SIZE
  placed = starts.place_in_reenactment(config, fresh(config))
  jax.tree.map(
    np.testing.assert_array_equal, placed['reenactor'], given['reenactor']
  )
  assert config.frozen_statistics


def test_a_config_without_model_names_whose_it_takes():
  with pytest.raises(UsageError, match=r'\A[^\n]*init\.reenactor[^\n]*\Z'):
    starts.take_model(finetune.get_config())
