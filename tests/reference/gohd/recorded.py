"""Reads what the original networks of GoHD computed."""

import functools
import gzip
import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np

from tests.reference.gohd import rule

FOLDER = pathlib.Path(__file__).parent


@functools.cache
def manifest() -> dict[str, dict[str, list[int]]]:
  """Shapes by network and name."""
  with gzip.open(FOLDER / 'manifest.json.gz') as file:
    return json.load(file)


def arrays(name: str) -> dict[str, jax.Array]:
  """The arrays of one recording."""
  with np.load(FOLDER / f'{name}.npz') as file:
    return {name: jnp.asarray(array) for name, array in file.items()}


def tensors(network: str) -> dict[str, np.ndarray]:
  """The made-up weights of a network, as a PyTorch file would hold them."""
  return {
    name: rule.tensor(network, name, shape)
    for name, shape in manifest()[network].items()
  }
