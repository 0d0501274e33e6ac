"""Reads files of foreign weights without running anything that is in them."""

import pathlib
import zipfile
import zlib

import numpy as np

from dagan_jax.errors import UsageError


def read_tensors(path: str) -> dict[str, np.ndarray]:
  """Arrays by name from a PyTorch .pth or a NumPy .npz.

  Raises:
    UsageError: the file is missing, damaged, of another kind, would run code,
      or needs PyTorch, which is not installed.
  """
  file = pathlib.Path(path)
  if not file.is_file():
    raise UsageError(f'there is no file {path}')
  if file.suffix == '.npz':
    try:
      with np.load(file, allow_pickle=False) as arrays:
        return dict(arrays)
    except (
      ValueError,
      OSError,
      EOFError,
      TypeError,
      zlib.error,
      zipfile.BadZipFile,
    ) as error:
      raise UsageError(f'{path} is not a readable .npz: {error}') from error
  try:
    import torch
  except ImportError as error:
    raise UsageError(
      f"{path} is a PyTorch file: install PyTorch (pip install 'dagan_jax"
      "[convert]') or save its arrays as .npz"
    ) from error
  try:
    loaded = torch.load(file, map_location='cpu', weights_only=True)
  except Exception as error:  # foreign bytes break the unpickler in any way
    raise UsageError(
      f'{path} is no file of plain PyTorch weights: it is damaged, of another '
      'kind, or wants to run code, which was not done'
    ) from error
  if not isinstance(loaded, dict):
    raise UsageError(f'{path} holds no table of weights')
  return {
    name: tensor.numpy()
    for name, tensor in loaded.items()
    if isinstance(tensor, torch.Tensor)
  }
