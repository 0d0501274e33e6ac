import jax
import numpy as np
import pytest

from dagan_jax.engine import Engine
from tests import tiny
from tests.tiny import film


@pytest.fixture(scope='module')
def engine(tmp_path_factory):
  config = tiny.config()
  return Engine.open(tiny.workdir(tmp_path_factory.mktemp('run') / 'w', config))


def squares(count: int) -> np.ndarray:
  return np.stack(film(count, tiny.SIZE))


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
  pictures = squares(3)
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
