"""Files laid out as the published ones, with weights made by rule.py."""

import pathlib

import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.conversion import convert_files
from tests.reference import recorded, rule

REENACTORS = {
  'dagan': ('kp_detector', 'generator'),
  'spade': ('kp_detector', 'spade_generator'),
  'fomm': ('kp_detector', 'generator'),
}


def checkpoint(kind: str = 'dagan', **changes) -> dict:
  """The parts of a checkpoint as arrays; `changes` as in `scaled`."""
  detector, generator = REENACTORS[kind]
  shapes = {
    'generator': recorded.manifest()['networks'][generator],
    'kp_detector': recorded.manifest()['networks'][detector],
    'discriminator': recorded.manifest()['networks']['discriminator'],
  }
  if kind == 'fomm':
    shapes['generator'] = {
      name: shape
      for name, shape in shapes['generator'].items()
      if not name.startswith(('src_', 'AttnModule'))
    }
    first = 'predictor.encoder.down_blocks.0.conv.weight'
    last = ('kp.weight', 'jacobian.weight')
    shapes['kp_detector'] = dict(shapes['kp_detector'])
    for name in (first, *last):
      out, seen, *kernel = shapes['kp_detector'][name]
      shapes['kp_detector'][name] = [out, seen - 1, *kernel]
    shapes['kp_detector']['down.weight'] = [3, 1, 13, 13]
  if changes:
    shapes = {
      part: {name: scaled(part, name, s, **changes) for name, s in x.items()}
      for part, x in shapes.items()
    }
  return {part: made(x) for part, x in shapes.items()}


def made(shapes: dict) -> dict[str, np.ndarray]:
  """Tensors by rule."""
  return rule.state_dict(
    {
      name: {
        'shape': shape,
        'rule': 'computed' if name.endswith('down.weight') else 'rule',
      }
      for name, shape in shapes.items()
    }
  )


def depth(layers: int = 18, divide: int = 1) -> dict:
  """The two files of a face depth network, all of its widths divided."""
  networks = recorded.manifest()['networks']
  parts = {
    part: made(
      {
        name: [n // divide if 16 <= n != 1000 else n for n in shape]
        for name, shape in networks[f'depth_{part}coder_resnet{layers}'].items()
      }
    )
    for part in ('en', 'de')
  }
  numbers = {'height': 224, 'width': 192, 'use_stereo': False}
  return {'encoder': {**parts['en'], **numbers}, 'depth': parts['de']}


def scaled(
  part: str, name: str, shape: list, *, keypoints: int = 15, divide: int = 1
) -> list:
  """A shape in a network of other keypoints, all of its widths divided."""
  if name.endswith('down.weight'):
    return shape
  motions = keypoints + 1
  hourglass = 32 // divide + (shape[1:] or [0])[0] - 32  # and what it sees
  whole = {
    'kp': (keypoints, hourglass),
    'jacobian': (4 * keypoints, hourglass),
    'dense_motion_network.mask': (motions, 64 // divide + 4 * motions),
    'dense_motion_network.occlusion': (1, 64 // divide + 4 * motions),
    'dense_motion_network.hourglass.encoder.down_blocks.0.conv': (
      128 // divide,
      4 * motions,
    ),
    'discs.1.down_blocks.0.conv': (64 // divide, 3 + keypoints),
  }
  module = name.rpartition('.')[0]
  if module in whole:
    out, inside = whole[module]
    return [out, inside, *shape[2:]][: len(shape)]
  # Colours, a picture's depth and SPADE's maps are what they are.
  return [n // divide if n >= 16 else n for n in shape[:2]] + shape[2:]


def save(path: pathlib.Path, contents: dict, prefix: str = '') -> str:
  """Saves with PyTorch, tensors' names behind `prefix`; returns the path."""
  import torch

  def tensors(branch):
    if isinstance(branch, dict):
      return {
        prefix * ('.' in name) + name: tensors(value)
        for name, value in branch.items()
      }
    return torch.tensor(branch) if isinstance(branch, np.ndarray) else branch

  torch.save(tensors(contents), path)
  return str(path)


def save_depth(folder: pathlib.Path, layers: int = 18, divide: int = 1) -> str:
  """Saves the folder of a face depth network; returns its path."""
  folder.mkdir()
  for name, contents in depth(layers, divide).items():
    save(folder / f'{name}.pth', contents)
  return str(folder)


def load(path: pathlib.Path) -> dict:
  """What PyTorch reads."""
  import torch

  return torch.load(path, weights_only=True)


def check_equal(ours: dict, theirs: dict) -> None:
  """Compares names, types, shapes and bits of two files."""
  import torch

  assert ours.keys() == theirs.keys()
  for name, value in theirs.items():
    if isinstance(value, dict):
      check_equal(ours[name], value)
    elif isinstance(value, torch.Tensor):
      assert ours[name].dtype == value.dtype
      assert ours[name].shape == value.shape
      assert torch.equal(ours[name], value), name
    else:
      assert type(ours[name]) is type(value) and ours[name] == value


def check_refused(folder, sources, depth=None):
  """Checks that converting is refused in one line, and nothing run or written.

  Returns the line.
  """
  outputs = {'to': 'W', 'to_torch': 'back', 'safetensors': 'x.out'}
  outputs = {flag: str(folder / 'out' / name) for flag, name in outputs.items()}
  with pytest.raises(UsageError) as caught:
    convert_files(sources, depth, **outputs)
  assert '\n' not in str(caught.value)
  assert not (folder / 'executed').exists()
  assert not (folder / 'out').exists()
  return str(caught.value)
