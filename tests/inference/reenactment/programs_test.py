import ctypes

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.inference import compile_cache
from dagan_jax.inference.reenactment import programs
from dagan_jax.inference.reenactment.programs import Programs
from dagan_jax.models.dagan.reenactor import build_reenactor
from data_pipelines.synthetic import rendered_faces
from tests.support import tiny

SIZE = 64
FORMS = {
  'fomm': {},
  'dagan': {'fusion': 'depth'},
  'daganpp': {'fusion': 'cross_modal', 'decoder': 'multi_level'},
  'spade': {'fusion': 'depth', 'decoder': 'spade'},
}


@pytest.fixture(scope='module', params=FORMS)
def network(request) -> Programs:
  """As wide as fast forms need it, with weights that blur no picture away."""
  form = FORMS[request.param]
  config = tiny.config_with_depth() if form else tiny.config()
  generator = config.model.generator
  generator.update(form)
  generator.levels, generator.width, generator.max_width = 2, 32, 64
  reenactor = build_reenactor(config.model.to_dict())
  picture = jax.ShapeDtypeStruct((1, SIZE, SIZE, 3), jnp.float32)
  shapes = jax.eval_shape(reenactor.init, jax.random.key(0), picture, picture)
  random = np.random.default_rng(0)

  def drawn(path, leaf):
    names = [part.key for part in path]
    if names[-1] in ('scale', 'var', 'gamma'):
      return np.ones(leaf.shape, np.float32)
    spread = np.prod(leaf.shape[:-1]) ** -0.5 if len(leaf.shape) > 1 else 0.1
    if names[-2] in ('gamma', 'beta'):
      spread /= 4  # styles that have been learnt change a map, not replace it
    return np.float32(spread * random.standard_normal(leaf.shape))

  variables = jax.tree_util.tree_map_with_path(drawn, shapes)
  settle(variables['params'], variables['batch_stats'])
  return Programs(reenactor, variables, SIZE)


def settle(params: dict, stats: dict) -> None:
  """Spectral normalisation knows its singular vectors."""
  if 'u' in stats:
    matrix = params['kernel'].transpose(3, 2, 0, 1)
    u, _, v = np.linalg.svd(matrix.reshape(len(matrix), -1), False)
    stats.update(u=u[:, 0], v=v[0])
  elif 'mean' not in stats:
    for name in stats:
      settle(params[name], stats[name])


def faces(count: int) -> np.ndarray:
  """Frames of a rendered head."""
  return np.stack(
    [rendered_faces.image(0, time / 5, SIZE) for time in range(count)]
  )


def rendered(network: Programs, **options) -> np.ndarray:
  """Frames by the same network, made ready in another way."""
  other = Programs(
    network.reenactor, network.variables, network.size, **options
  )
  pictures = faces(3)
  driving = other.analyse(pictures).keypoints
  made = other.render(other.encode(pictures[:1]), driving, None, 1.0)
  return np.int32(made.pictures)


def test_fast_forms_give_the_same_frames(network):
  plain = rendered(network, fast=False)
  assert plain.std() > 5
  fast = rendered(network, fast=True)
  assert np.abs(fast - plain).max() <= 1


def test_half_precision_gives_nearly_the_same_frames(network):
  plain = rendered(network, precision='float32')
  half = rendered(network, precision='bfloat16')
  error = np.mean((half - plain) ** 2)
  assert error > 0
  assert 10 * np.log10(255**2 / error) > 45


def test_equal_digests_mean_equal_keypoints(network):
  variables = jax.device_get(network.variables)

  def digest(name=None):
    params = dict(variables['params'])
    if name:
      params[name] = jax.tree.map(lambda x: x + 1, params[name])
    changed = {**variables, 'params': params}
    return Programs(network.reenactor, changed, network.size).network

  assert digest() == network.network == digest('generator')
  assert digest('detector') != network.network


def test_what_lies_on_the_portrait_moves_with_it(network):
  pictures = faces(3)
  source = network.encode(pictures[:1])
  driving = network.analyse(pictures).keypoints
  carried = np.float32(pictures[:1] / 255)
  made = network.render(source, driving, None, 1.0, carried, inside=True)
  np.testing.assert_allclose(made.carried, made.rendering.deformed, atol=1e-5)
  plain = network.render(source, driving, None, 1.0)
  assert plain.carried is None and plain.rendering is None
  np.testing.assert_array_equal(plain.pictures, made.pictures)


def test_equal_networks_share_what_is_compiled():
  config = tiny.config_with_depth()
  picture = faces(1)
  compiled = []
  for width in (4, 4, 8):
    config.model.generator.width = width
    reenactor = build_reenactor(config.model.to_dict())
    image = jax.ShapeDtypeStruct(picture.shape, jnp.float32)
    init = jax.eval_shape(reenactor.init, jax.random.key(0), image, image)
    variables = jax.tree.map(lambda x: np.zeros(x.shape, np.float32), init)
    other = Programs(reenactor, variables, SIZE)
    source, keypoints = other.encode(picture), other.analyse(picture).keypoints
    other.render(source, keypoints, None, 1.0)
    compiled.append(programs._render._cache_size())
  assert compiled[0] == compiled[1] < compiled[2]


def test_opening_a_network_changes_nothing_for_the_process(
  tmp_path, monkeypatch
):
  workdir = tiny.workdir(tmp_path / 'w', tiny.config())

  def never(*_):
    raise AssertionError('a setting of the process was changed')

  monkeypatch.setattr(jax.config, 'update', never)
  monkeypatch.setattr(ctypes, 'CDLL', never)
  monkeypatch.setattr(compile_cache, 'keep', never)
  Programs.open(workdir)


def test_a_place_for_programs_that_was_given_stays(monkeypatch):
  before = jax.config.jax_compilation_cache_dir
  compile_cache.keep()
  assert jax.config.jax_compilation_cache_dir == before
