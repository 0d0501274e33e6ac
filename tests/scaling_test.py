import pathlib
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.runs import devices

ROOT = pathlib.Path(__file__).parent.parent


@pytest.fixture
def scaling(monkeypatch):
  monkeypatch.syspath_prepend(str(ROOT / 'scripts'))
  monkeypatch.delitem(sys.modules, 'scaling', raising=False)
  import scaling

  return scaling


def test_a_gradient_is_reduced_once_and_all_its_bytes_are_counted(scaling):
  mesh = devices.mesh()
  whole, shared = devices.replicated(mesh), devices.over_batch(mesh)

  def loss(weights, x):
    return jnp.mean((x @ weights) ** 2)

  step = jax.jit(
    jax.grad(loss), in_shardings=(whole, shared), out_shardings=whole
  )
  program = step.lower(np.zeros((5, 3), np.float32), np.zeros((8, 5)))
  found = scaling.collectives(program.compile().as_text())
  assert found == {'all-reduce': (1, 4 * 5 * 3)}


def test_arrays_of_any_kind_that_are_sent_together_are_one_message(scaling):
  text = """
  %all-reduce.1 = (f32[2,3]{1,0}, bf16[4]{0}, f32[]) all-reduce(%a, %b, %c)
  %x = pred[8]{0} all-gather-start(%d), dimensions={0}
  """
  assert scaling.collectives(text) == {
    'all-reduce': (1, 24 + 8 + 4),
    'all-gather': (1, 8),
  }


def test_one_device_waits_for_none_and_many_for_twice_the_bytes(scaling):
  link = scaling.Link('', 1.0, 1.0, 1, 0.0)
  assert scaling.all_reduce_seconds(10**9, 3, 1, link) == 0
  assert scaling.all_reduce_seconds(10**9, 3, 1024, link) == pytest.approx(
    2, rel=0.01
  )
  slow = link._replace(wait=1.0)
  more = scaling.all_reduce_seconds(10**9, 3, 8, slow)
  more -= scaling.all_reduce_seconds(10**9, 3, 8, link)
  assert more == pytest.approx(3 * 2 * 3 * 1e-6)
