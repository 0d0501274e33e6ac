"""Runs networks in TensorFlow Lite's format that packages carry.

Of those packages files alone are read, so that none needs what it asks for;
ai-edge-litert runs them.
"""

import functools
import hashlib
import importlib.util
import pathlib
import threading

import numpy as np


def locate_package(package: str) -> pathlib.Path | None:
  """The folder of a package, which is not imported; None: not installed."""
  try:
    spec = importlib.util.find_spec(package)
  except ValueError:  # sys.modules holds None in its place
    return None
  folders = (spec and spec.submodule_search_locations) or ()
  return next(map(pathlib.Path, folders), None)


@functools.cache
def hash_file(path: pathlib.Path) -> str:
  """sha256 of a file; '' where there is none."""
  return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ''


@functools.cache
def _open(path: pathlib.Path):
  """A network, read once in each process."""
  from ai_edge_litert.interpreter import Interpreter

  network = Interpreter(str(path), num_threads=1)
  network.allocate_tensors()
  return network


# An interpreter keeps what it computes, so threads take turns.
_TURNS = threading.Lock()


def run_network(path: pathlib.Path, seen: np.ndarray) -> list[np.ndarray]:
  """What a network says of a picture: its outputs, in their order."""
  with _TURNS:
    network = _open(path)
    network.set_tensor(network.get_input_details()[0]['index'], seen[None])
    network.invoke()
    outputs = network.get_output_details()
    return [network.get_tensor(output['index']) for output in outputs]
