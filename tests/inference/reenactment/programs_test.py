import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.inference import compile_cache
from dagan_jax.inference.reenactment.programs import Engine
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
def engine(request) -> Engine:
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
  return Engine(reenactor, variables, SIZE)


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


def rendered(engine: Engine, **options) -> np.ndarray:
  """Frames by the same network, made ready in another way."""
  other = Engine(engine.reenactor, engine.variables, engine.size, **options)
  pictures = faces(3)
  driving = other.analyse(pictures).keypoints
  frames, _ = other.render(other.encode(pictures[:1]), driving, None, 1.0)
  return np.int32(frames)


def test_fast_forms_give_the_same_frames(engine):
  plain = rendered(engine, fast=False)
  assert plain.std() > 5
  fast = rendered(engine, fast=True)
  assert np.abs(fast - plain).max() <= 1


def test_half_precision_gives_nearly_the_same_frames(engine):
  plain = rendered(engine, precision='float32')
  half = rendered(engine, precision='bfloat16')
  error = np.mean((half - plain) ** 2)
  assert error > 0
  assert 10 * np.log10(255**2 / error) > 45


def test_equal_digests_mean_equal_keypoints(engine):
  variables = jax.device_get(engine.variables)

  def digest(network=None):
    params = dict(variables['params'])
    if network:
      params[network] = jax.tree.map(lambda x: x + 1, params[network])
    changed = {**variables, 'params': params}
    return Engine(engine.reenactor, changed, engine.size).network

  assert digest() == engine.network == digest('generator')
  assert digest('detector') != engine.network


def test_what_lies_on_the_portrait_moves_with_it(engine):
  pictures = faces(3)
  source = engine.encode(pictures[:1])
  driving = engine.analyse(pictures).keypoints
  frames, moved = engine.render(
    source, driving, None, 1.0, np.float32(pictures[:1] / 255)
  )
  plain, nothing = engine.render(source, driving, None, 1.0)
  looked = engine.look(source, driving, None, 1.0)
  assert nothing is None
  np.testing.assert_array_equal(frames, plain)
  np.testing.assert_allclose(moved, looked.deformed, atol=1e-5)


def test_a_place_for_programs_that_was_given_stays(monkeypatch):
  before = jax.config.jax_compilation_cache_dir
  compile_cache.keep()
  assert jax.config.jax_compilation_cache_dir == before
