import ctypes
import functools
import gc
import weakref

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference import compile_cache
from dagan_jax.inference.reenactment import programs
from dagan_jax.inference.reenactment.programs import Programs
from dagan_jax.models.dagan.reenactor import (
  Reenactor,
  SourceFeatures,
  build_reenactor,
)
from dagan_jax.runs import checkpoints
from data_pipelines.synthetic import rendered_faces
from tests.support import tiny
from tests.support.variables import random_variables

SIZE = 64


def random_network(config) -> tuple[Reenactor, dict]:
  """A network, and weights that blur no picture away."""
  reenactor = build_reenactor(config.model.to_dict())
  picture = jax.ShapeDtypeStruct((1, SIZE, SIZE, 3), jnp.float32)
  return reenactor, random_variables(reenactor, picture, picture)


@pytest.fixture(scope='module')
def narrow() -> Programs:
  """FOMM, so narrow that it is compiled soon."""
  return Programs(*random_network(tiny.config()), SIZE)


def faces(count: int) -> np.ndarray:
  """Frames of a rendered head."""
  return np.stack(
    [rendered_faces.image(0, time / 5, SIZE) for time in range(count)]
  )


def encode_face(network: Programs) -> tuple[SourceFeatures, Keypoints]:
  """A portrait, and keypoints of two frames that differ from its own."""
  source = network.encode(faces(1))
  steps = np.float32([0.1, -0.2])[:, None, None]
  value, jacobian = source.keypoints
  jacobian = jnp.repeat(jacobian, 2, axis=0)
  return source, Keypoints(value + steps, jacobian)


def draw_faces(network: Programs) -> np.ndarray:
  """Some frames, moved by the network."""
  source, driving = encode_face(network)
  return np.int32(network.render(source, driving, None, 1.0).pictures)


@pytest.mark.parametrize(
  ('fusion', 'decoder'),
  [('none', 'plain'), ('none', 'spade'), ('cross_modal', 'multi_level')],
)
def test_fast_forms_give_the_same_frames(fusion, decoder):
  config = tiny.config() if fusion == 'none' else tiny.config_with_depth()
  generator = config.model.generator
  generator.update(fusion=fusion, decoder=decoder)
  # As wide as Winograd's form needs it.
  generator.levels, generator.width, generator.max_width = 2, 32, 64
  network = random_network(config)
  fast, plain = (Programs(*network, SIZE, fast=fast) for fast in (True, False))
  shapes = {kernel.shape[0] for kernel in jax.tree.leaves(fast.weights.fast)}
  assert shapes >= {2, 6}
  assert not plain.weights.fast
  frames = draw_faces(plain)
  assert frames.std() > 5
  assert np.abs(draw_faces(fast) - frames).max() <= 1


@pytest.mark.parametrize('decoder', ['plain', 'multi_level', 'spade'])
def test_half_precision_gives_nearly_the_same_frames(decoder):
  config = tiny.config()
  config.model.generator.decoder = decoder
  network = random_network(config)
  halved, whole = (
    Programs(*network, SIZE, precision=precision)
    for precision in ('bfloat16', 'float32')
  )
  error = np.mean((draw_faces(halved) - draw_faces(whole)) ** 2)
  assert error > 0
  # Random weights multiply roundings, SPADE's norms most of all.
  assert 10 * np.log10(255**2 / error) > (40 if decoder == 'spade' else 45)


@pytest.mark.parametrize('decoder', ['plain', 'multi_level', 'spade'])
def test_what_moves_and_draws_is_halved_but_not_spades_generator(decoder):
  config = tiny.config_with_depth()
  config.model.generator.decoder = decoder
  halved = Programs(
    *random_network(config), SIZE, precision='bfloat16', fast=False
  )
  for name, network in halved.weights.variables['params'].items():
    narrower = name == 'motion' or (name == 'generator' and decoder != 'spade')
    for path, leaf in jax.tree_util.tree_leaves_with_path(network):
      half = narrower and path[-1].key == 'kernel'
      assert leaf.dtype == (jnp.bfloat16 if half else jnp.float32)
  picture = jax.ShapeDtypeStruct((1, SIZE, SIZE, 3), jnp.uint8)
  encode = functools.partial(programs._encode, halved.reenactor)
  source = jax.eval_shape(encode, halved.weights, picture)
  made = jax.eval_shape(
    lambda source: halved.render(source, source.keypoints, None, 1.0), source
  )
  assert made.pictures.shape == picture.shape


def test_equal_digests_mean_equal_keypoints():
  reenactor, variables = random_network(tiny.config_with_depth())

  def digest(name=None):
    params = dict(variables['params'])
    if name:
      params[name] = jax.tree.map(lambda x: x + 1, params[name])
    changed = {**variables, 'params': params}
    return Programs(reenactor, changed, SIZE, fast=False).network

  assert digest() == digest() == digest('generator')
  assert len({digest(), digest('detector'), digest('depth')}) == 3


def test_what_lies_on_the_portrait_moves_with_it(narrow):
  source, driving = encode_face(narrow)
  carried = np.float32(faces(1) / 255)
  made = narrow.render(source, driving, None, 1.0, carried, inside=True)
  np.testing.assert_allclose(made.carried, made.rendering.deformed, atol=1e-5)
  plain = narrow.render(source, driving, None, 1.0)
  assert plain.carried is None and plain.rendering is None
  np.testing.assert_array_equal(plain.pictures, made.pictures)


def test_equal_networks_share_what_is_compiled_and_old_ones_are_freed():
  config = tiny.config()
  compiled = []
  for width in (4, 4, 6):
    config.model.detector.width = width
    network = Programs(*random_network(config), SIZE, fast=False)
    jax.block_until_ready(network.analyse(faces(1)))
    compiled.append(len(programs._analyse.files))
    learnt = weakref.ref(jax.tree.leaves(network.variables)[0])
    del network
    gc.collect()
    assert learnt() is None
  assert compiled[0] == compiled[1] < compiled[2]


def test_opening_a_network_changes_nothing_for_the_process(
  tmp_path, monkeypatch
):
  _, variables = random_network(tiny.config())
  checkpoints.write_workdir(
    tmp_path / 'w', tiny.config(), {'reenactor': variables}
  )

  def never(*_):
    raise AssertionError('a setting of the process was changed')

  monkeypatch.setattr(jax.config, 'update', never)
  monkeypatch.setattr(ctypes, 'CDLL', never)
  monkeypatch.setattr(compile_cache, 'keep', never)
  Programs.open(str(tmp_path / 'w'))


def test_a_place_for_programs_that_was_given_stays():
  before = jax.config.jax_compilation_cache_dir
  compile_cache.keep()
  assert jax.config.jax_compilation_cache_dir == before
