"""Makes of our variables what published files hold."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.names.face_depth import (
  DECODER,
  ENCODER,
)
from dagan_jax.weights.names.layouts import (
  Table,
  Tensors,
  translate_back,
)
from dagan_jax.weights.names.reenactment import (
  DETECTOR,
  DISCRIMINATOR,
  GENERATOR,
  SPADE_GENERATOR,
)
from dagan_jax.weights.published import (
  NUMBERS,
  PREFIX,
  tensors_under,
)

SCALE = 4  # published reenactors find motion in pictures so much smaller
_MOTION_KERNEL = 'dense_motion_network.down.weight'
_CLASSES = 1000  # of ImageNet: encoder.pth still has the classifier's weights


def antialias_kernel(channels: int) -> np.ndarray:
  """The blur before a picture shrinks by SCALE, (channels, 1, 13, 13)."""
  sigma = (SCALE - 1) / 2
  reach = round(4 * sigma)
  place = np.arange(-reach, reach + 1, dtype=np.float32)
  line = np.exp(-(place**2) / (2 * sigma**2))
  kernel = np.outer(line, line)
  kernel = (kernel / kernel.sum()).astype(np.float32)
  return np.tile(kernel, (channels, 1, 1, 1))


def check_antialias(remainder: Mapping[str, np.ndarray], where: str) -> None:
  """Checks that a checkpoint shrinks pictures as published ones do.

  Raises:
    UsageError: its kernels are missing, or are for another scale.
  """
  for name in ('kp_detector/down.weight', f'generator/{_MOTION_KERNEL}'):
    kernel = remainder.get(name)
    if kernel is None:
      raise UsageError(f'{where}: {name} is missing: does it shrink pictures?')
    expected = antialias_kernel(len(kernel) if kernel.ndim == 4 else 1)
    if kernel.shape != expected.shape or not np.allclose(
      kernel, expected, atol=1e-5
    ):
      raise UsageError(
        f'{where}: {name} is no blur for a quarter of the size, but'
        f' {list(kernel.shape)}: only networks that find motion in 64 of 256'
        ' pixels are known'
      )


def reenactor_parts(
  variables: Mapping[str, Any], spade: bool
) -> dict[str, Tensors]:
  """A reenactor's tensors in the parts 'generator' and 'kp_detector'.

  Raises:
    UsageError: the published networks have no module of some name in it.
  """
  motion_and_generator = {
    collection: {
      name: tree[name] for name in ('motion', 'generator') if name in tree
    }
    for collection, tree in variables.items()
  }
  table = SPADE_GENERATOR if spade else GENERATOR
  return {
    'generator': translate_back(motion_and_generator, table),
    'kp_detector': _part(variables, 'detector', DETECTOR),
  }


def discriminator_part(variables: Mapping[str, Any]) -> Tensors:
  """A discriminator's tensors."""
  return translate_back(variables, DISCRIMINATOR)


def depth_parts(variables: Mapping[str, Any]) -> dict[str, Tensors]:
  """A face depth network's tensors in the files 'encoder' and 'depth'."""
  return {
    'encoder': _part(variables, 'encoder', ENCODER),
    'depth': _part(variables, 'decoder', DECODER),
  }


def whole_file(
  parts: Mapping[str, Tensors], remainder: Mapping[str, np.ndarray]
) -> dict[str, Any]:
  """A reenactor's checkpoint, with all that our networks have no use for."""
  file = {name: whole_part(name, x, remainder) for name, x in parts.items()}
  return {**file, 'epoch': _number('epoch', remainder)}


def whole_part(
  part: str, tensors: Tensors, remainder: Mapping[str, np.ndarray]
) -> dict[str, Any]:
  """A part with the rest of its file, or with a substitute for that rest."""
  kept = tensors_under(remainder, part)
  prefix = PREFIX if kept.pop(PREFIX, None) is not None else ''
  numbers = {name: kept.pop(name).item() for name in NUMBERS if name in kept}
  if not kept:
    kept = _unused_tensors(part, tensors)
    if part == 'encoder':
      numbers = {name: NUMBERS[name] for name in NUMBERS if name != 'epoch'}
  whole = {prefix + name: array for name, array in {**tensors, **kept}.items()}
  return {**whole, **numbers}


def _part(variables: Mapping[str, Any], name: str, table: Table) -> Tensors:
  variables = {
    collection: tree[name]
    for collection, tree in variables.items()
    if name in tree
  }
  return translate_back(variables, table)


def _unused_tensors(part: str, tensors: Tensors) -> Tensors:
  """Substitutes for the tensors that only published files have."""
  made = {
    name.replace('running_mean', 'num_batches_tracked'): np.array(0)
    for name in tensors
    if name.endswith('running_mean')
  }
  if part == 'generator':
    made[_MOTION_KERNEL] = antialias_kernel(3)
  if part == 'kp_detector':
    first = 'predictor.encoder.down_blocks.0.conv.weight'
    made['down.weight'] = antialias_kernel(tensors[first].shape[1])
  if part == 'encoder':
    deepest = max(len(x) for x in tensors.values())
    made['encoder.fc.weight'] = np.zeros((_CLASSES, deepest), np.float32)
    made['encoder.fc.bias'] = np.zeros(_CLASSES, np.float32)
  return made


def _number(name: str, remainder: Mapping[str, np.ndarray]) -> Any:
  kept = remainder.get(name)
  return NUMBERS[name] if kept is None else kept.item()
