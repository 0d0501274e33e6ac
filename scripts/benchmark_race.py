"""Times a driving frame beside other runtimes: `benchmark.py race`.

The network is written as `convert --onnx` writes it, and ONNX Runtime and
OpenVINO, where they are installed, run those files. Each keeps what depends on
the portrait alone, and each draws the same frame, one at a time: finds the
keypoints of the driving frame, and renders. All are timed in turns.
"""

import functools
import os
import pathlib
import tempfile
from collections.abc import Callable

import numpy as np
from benchmark_animation import (
  compile_part,
  make_network,
  measure_matrix_product,
  name_device,
  whole_frame,
)
from ml_collections import ConfigDict
from stopwatch import median_seconds_in_turns

from dagan_jax.inference.reenactment.programs import Programs
from dagan_jax.weights.boxed import Trained
from dagan_jax.weights.to_onnx import Piece, list_pieces, open_onnx, write_onnx

_PIECES = 'analyse', 'render'
Run = Callable[[dict[str, np.ndarray]], list[np.ndarray]]


def race(config: ConfigDict, repeats: int) -> None:
  """Prints what a driving frame takes here and in other runtimes.

  Args:
    config: describes the network and its pictures.
    repeats: how often each is measured, in turns; medians are printed.
  """
  reenactor, variables, size = make_network(config)
  peak = measure_matrix_product(repeats)
  print(f'{name_device()}: {peak / 1e9:.0f} GFLOP/s in a float32 product')
  calls = {}
  for name, fast in (('trained form', False), ('dagan_jax', None)):
    programs = Programs(reenactor, variables, size, fast=fast)
    part, given = whole_frame(programs, 1)
    program = compile_part(reenactor, part)
    calls[name] = functools.partial(program, programs.weights, *given)
  pieces = {
    piece.name: piece for piece in list_pieces(reenactor, variables, size)
  }
  with tempfile.TemporaryDirectory() as parent:
    folder = pathlib.Path(parent) / 'onnx'
    write_onnx(str(folder), Trained('the network', config, variables))
    for name, opens in (('ONNX Runtime', open_onnx), ('OpenVINO', _open)):
      try:
        runs = {
          piece: opens(folder / f'{piece}.onnx', _processors())
          for piece in _PIECES
        }
      except ImportError as error:
        print(f'{name} is left out: {error}')
        continue
      calls[name] = functools.partial(_draw, pieces, runs)
    times = median_seconds_in_turns(calls, repeats)
  ours = times['dagan_jax']
  for name, seconds in times.items():
    print(f'{name:14s} {1e3 * seconds:7.1f} ms {seconds / ours:5.2f} x')


def _draw(pieces: dict[str, Piece], runs: dict[str, Run]) -> np.ndarray:
  """A frame: the driving picture's keypoints, and the portrait with them."""
  points = runs['analyse'](pieces['analyse'].inputs)
  given = {**pieces['render'].inputs}
  given |= dict(zip(pieces['analyse'].outputs, points, strict=True))
  return runs['render'](given)[0]


def _open(path: pathlib.Path, threads: int) -> Run:
  """A file in OpenVINO, in float32, for the least delay, as `open_onnx`."""
  import openvino

  asked = {
    'PERFORMANCE_HINT': 'LATENCY',
    'INFERENCE_PRECISION_HINT': 'f32',
    'INFERENCE_NUM_THREADS': threads,
    'ENABLE_HYPER_THREADING': True,
  }
  compiled = openvino.Core().compile_model(str(path), 'CPU', asked)
  names = {name for given in compiled.inputs for name in given.names}

  def infer(arrays):
    given = {name: x for name, x in arrays.items() if name in names}
    found = compiled(given)
    return [found[output] for output in compiled.outputs]

  return infer


def _processors() -> int:
  """Those that JAX uses as well, hyperthreads included."""
  return len(os.sched_getaffinity(0))
