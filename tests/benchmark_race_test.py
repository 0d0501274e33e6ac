import pathlib

import numpy as np

from dagan_jax.weights.to_onnx import Piece

SCRIPTS = pathlib.Path(__file__).parent.parent / 'scripts'


def test_a_frame_is_drawn_with_the_points_that_were_found_for_it(monkeypatch):
  monkeypatch.syspath_prepend(str(SCRIPTS))
  import benchmark_race

  picture, old = np.full(3, 2.0), np.zeros(2)
  pieces = {
    'analyse': Piece('analyse', None, {'picture': picture}, ['value']),
    'render': Piece('render', None, {'source': picture, 'value': old}, ['x']),
  }
  runs = {
    'analyse': lambda given: [given['picture'][:2] + 1],
    'render': lambda given: [(given['source'].sum(), given['value'].tolist())],
  }
  assert benchmark_race._draw(pieces, runs) == (6.0, [3.0, 3.0])
  assert pieces['render'].inputs['value'] is old
