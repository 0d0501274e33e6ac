"""Reads what the original networks computed; README.md tells of it."""

import functools
import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np

from tests.reference import rule

FOLDER = pathlib.Path(__file__).parent


@functools.cache
def manifest() -> dict:
  return json.loads((FOLDER / 'manifest.json').read_text())


def arrays(name: str) -> dict[str, jax.Array]:
  with np.load(FOLDER / f'{name}.npz') as file:
    return {name: jnp.asarray(array) for name, array in file.items()}


def tensors(network: str, group: str = 'networks') -> dict[str, np.ndarray]:
  """The made-up weights of a network, as a PyTorch file would hold them."""
  return rule.state_dict(
    {
      name: {
        'shape': shape,
        'rule': 'computed' if name.endswith('down.weight') else 'rule',
      }
      for name, shape in manifest()[group][network].items()
    }
  )


def source(size: int = 256) -> jax.Array:
  """The picture most networks were shown, float 'b h w 3' in [0, 1]."""
  return unit(rule.image('source')[None, :: 256 // size, :: 256 // size])


def driving(*numbers: int) -> jax.Array:
  """Frames of the made-up driving video, float 'b h w 3'."""
  return unit(np.stack([rule.driving(number) for number in numbers]))


def unit(pictures: np.ndarray) -> jax.Array:
  return jnp.asarray(pictures, jnp.float32) / 255
