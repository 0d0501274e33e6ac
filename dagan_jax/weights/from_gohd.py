"""Builds GoHD's networks from its published files, each tensor checked."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.models.gohd.face_animator import WINDOW
from dagan_jax.models.gohd.networks import NETWORKS, build_network
from dagan_jax.weights.expected import zeros_of
from dagan_jax.weights.names import gohd as names
from dagan_jax.weights.names.layouts import leaves
from dagan_jax.weights.published import (
  Published,
  Tensors,
  check_tensors,
  list_unused,
  name_file,
  shapes_of,
)
from dagan_jax.weights.workdirs import Networks

BEFORE = 'gohd_'  # the names of a workdir's networks, in `detect.KINDS`
IMAGE_SIZE = 256  # pixels of all that the published animator draws
_SOUND = 320  # numbers that a denoiser hears of a frame
_OF_DAGAN = ('generator', 'kp_detector', 'discriminator', 'encoder', 'depth')
_ANOTHER = 'this is no network of GoHD as published'


class _Network(NamedTuple):
  """How the published file of a network becomes ours."""

  translate: Callable[[Tensors], dict[str, Any]]
  fields: Callable[[Tensors], dict[str, Any]]  # of its section of a config
  inputs: Callable[[Tensors], list[jax.ShapeDtypeStruct]]
  flags: Mapping[str, bool] = {}


def is_gohd(published: Published) -> bool:
  """Whether the files hold networks of GoHD."""
  return any(part.startswith(BEFORE) for part in published.parts)


def build_gohd(published: Published) -> Networks:
  """What a workdir of the files holds, be they all or some of GoHD's.

  Prints what was found, and what of it is not used.

  Raises:
    UsageError: a tensor is not as in the published networks, or a file is of
      another system.
  """
  parts, files = published.parts, published.files
  others = [part for part in _OF_DAGAN if part in parts]
  if others:
    raise UsageError(
      f'{files[others[0]]} holds no network of GoHD, others do: convert what'
      ' belongs together, each system into a workdir of its own'
    )
  model, variables = {}, {}
  for name, network in _NETWORKS.items():
    tensors = parts.get(BEFORE + name)
    if tensors is None:
      continue
    with name_file(files[BEFORE + name]):
      model[name] = network.fields(tensors)
      variables[name] = _build(build_network(model, name), network, tensors)
  print(f'GoHD: {", ".join(variables)}')
  missing = [name for name in NETWORKS if name not in variables]
  if missing:
    print(f'not in these files: {", ".join(missing)}')
  unused = list_unused(published)
  if unused:
    print(f'not used: {"; ".join(unused)}')
  config = ConfigDict(
    {
      'task': 'gohd',
      'model': model,
      'data': {'image_size': IMAGE_SIZE},
      # Nobody knows on which spectrum the published networks of poses and gazes
      # learnt. Their published command has never let them hear another one than
      # this, whose numbers are of another range.
      'pose_mel': 'wrapped',
    }
  )
  return Networks(config, variables, published.remainder)


def _build(module, network: _Network, tensors: Tensors) -> dict[str, Any]:
  """A network's variables, compared with what it would start with."""
  found = network.translate(tensors)
  init = functools.partial(module.init, **network.flags)
  expected = zeros_of(init, *network.inputs(tensors))
  for collection, tree in found.items():
    check_tensors(
      f'its {collection}',
      dict(leaves(tree)),
      dict(leaves(expected.get(collection, {}))),
      _ANOTHER,
    )
  return {
    collection: jax.tree.map(np.ascontiguousarray, tree)
    for collection, tree in found.items()
    if tree
  }


def _animator_fields(tensors: Tensors) -> dict[str, Any]:
  width, directions = tensors['dec.direction.weight'].shape
  transforms = any(name.startswith('dec.sft.') for name in tensors)
  return {
    'width': width,
    'directions': directions,
    'transformed_from': 64 if transforms else 2 * IMAGE_SIZE,
    'mixes_features': True,
  }


def _animator_inputs(tensors: Tensors) -> list[jax.ShapeDtypeStruct]:
  motion = _shape(tensors, 'enc.semantics_enc.first.0.weight')[1]
  return [_array(1, IMAGE_SIZE, IMAGE_SIZE, 3), _array(1, WINDOW, motion)]


def _denoiser_fields(tensors: Tensors) -> dict[str, Any]:
  width, channels, _ = _shape(tensors, 'input_projection.conv1d.weight')
  step = 'residual_layers.{}.diffusion_projection.weight'
  blocks = 0
  while step.format(blocks) in tensors:
    blocks += 1
  embedding = _shape(tensors, step.format(0))[1]
  return {
    'channels': channels,
    'width': width,
    'blocks': blocks,
    'embedding': embedding,
  }


def _denoiser_inputs(tensors: Tensors) -> list[jax.ShapeDtypeStruct]:
  channels = _denoiser_fields(tensors)['channels']
  return [
    _array(1, 2, channels),
    _array(1, 2, _SOUND),
    _array(1, 1, channels),
    _array(1, dtype=jnp.int32),
  ]


def _resnet_fields(first: str) -> Callable[[Tensors], dict[str, Any]]:
  return lambda tensors: {'width': _shape(tensors, first)[0]}


def _array(*shape: int, dtype=jnp.float32) -> jax.ShapeDtypeStruct:
  return jax.ShapeDtypeStruct(shape, dtype)


def _shape(tensors: Tensors, name: str) -> tuple[int, ...]:
  """The shape of a tensor that a network cannot do without.

  Raises:
    UsageError: it is missing.
  """
  if name not in tensors:
    raise UsageError(f'it has no tensor {name}')
  return shapes_of(tensors)[name]


_NETWORKS = {
  'animator': _Network(
    names.animator_variables, _animator_fields, _animator_inputs
  ),
  'pose': _Network(
    names.denoiser_variables, _denoiser_fields, _denoiser_inputs
  ),
  'gaze': _Network(
    names.denoiser_variables, _denoiser_fields, _denoiser_inputs
  ),
  'expression': _Network(
    names.mapper_variables,
    lambda _: {},
    lambda _: [_array(1, 80, 16), _array(1, 64)],
    {'train': False},
  ),
  'two_stage_expression': _Network(
    names.two_stage_variables,
    lambda _: {},
    lambda _: [
      _array(1, 2, 80, 16),
      _array(1, 64),
      _array(1, 21),
      _array(1, 1, 512),
    ],
    {'train': False},
  ),
  'coefficients': _Network(
    names.coefficients_variables,
    _resnet_fields('backbone.conv1.weight'),
    lambda _: [_array(1, 224, 224, 3)],
    {'train': False},
  ),
  'gaze_estimator': _Network(
    names.gaze_estimator_variables,
    _resnet_fields('conv1.weight'),
    lambda _: [_array(1, 448, 448, 3)],
    {'train': False},
  ),
  'face_parser': _Network(
    names.face_parser_variables,
    _resnet_fields('cp.resnet.conv1.weight'),
    lambda _: [_array(1, 512, 512, 3)],
    {'train': False},
  ),
}
