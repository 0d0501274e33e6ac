import json
import pathlib
import sys

import jax
import pytest

from tests.support import tiny

ROOT = pathlib.Path(__file__).parent.parent


@pytest.fixture
def benchmark_train(monkeypatch):
  monkeypatch.syspath_prepend(str(ROOT / 'scripts'))
  import benchmark_train

  monkeypatch.setattr(benchmark_train, 'matrix_product_peak', lambda *_: 1e9)
  return benchmark_train


def test_a_sweep_has_a_row_for_each_batch_and_goes_on_where_memory_ends(
  benchmark_train, monkeypatch, tmp_path
):
  asked = []

  def measure(config, repeats, peak):
    assert peak == 4e9  # of four devices
    asked.append(config.precision)
    if config.data.batch_size > 8:
      raise jax.errors.JaxRuntimeError('RESOURCE_EXHAUSTED: 3 GiB')
    return {'step_ms': 2.0 * config.data.batch_size}

  monkeypatch.setattr(benchmark_train, 'measure', measure)
  path = tmp_path / 'rows.json'
  benchmark_train.sweep(
    tiny.config(),
    1,
    batches=(16, 8),
    precisions=('float32', 'bfloat16'),
    output=str(path),
  )
  assert asked == ['float32', 'float32', 'bfloat16', 'bfloat16']
  told = json.loads(path.read_text())
  assert told['devices'] == 4
  assert told['rows'] == [
    {'batch_size': 16, 'precision': precision, 'out_of_memory': True}
    if count == 16
    else {'batch_size': 8, 'precision': precision, 'step_ms': 16.0}
    for precision in ('float32', 'bfloat16')
    for count in (16, 8)
  ]


def test_twice_the_examples_are_twice_the_arithmetic(benchmark_train):
  config = tiny.config()
  flops = []
  for config.data.batch_size in (2, 4):
    examples = benchmark_train.noise(config)
    flops.append(benchmark_train.step_flops(config, examples))
  assert flops[1] == pytest.approx(2 * flops[0], rel=0.02)


def test_a_product_of_matrices_has_a_speed(monkeypatch):
  monkeypatch.syspath_prepend(str(ROOT / 'scripts'))
  monkeypatch.delitem(sys.modules, 'benchmark_train', raising=False)
  import benchmark_train
  import stopwatch

  monkeypatch.setattr(stopwatch, 'median_seconds', lambda *_: 0.1)
  assert benchmark_train.matrix_product_peak('float32', 1) == 2 * 512**3 / 0.1
