"""Features of pictures, through networks that packages carry."""

import functools
from collections.abc import Iterable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from absl import logging
from jaxtyping import Array, Float

from dagan_jax.metrics.table import Arrays
from dagan_jax.models.alexnet import AlexNet
from dagan_jax.models.vgg import VGG, needed_layers
from dagan_jax.weights import installed
from dagan_jax.weights.names.lpips import (
  packaged_alexnet_variables,
  packaged_heads,
)
from dagan_jax.weights.names.vgg import packaged_vgg_variables

# Those of LPIPS: the last of each stage.
VGG_TAPS = ('relu1_2', 'relu2_2', 'relu3_3', 'relu4_3', 'relu5_3')

# Networks whose last features, averaged over a picture, make sets.
POOLED = ('vgg16',)

NETWORKS = {
  'alexnet': AlexNet(),
  'vgg16': VGG('vgg16', 64, VGG_TAPS),
  'dists': VGG('vgg16', 64, VGG_TAPS, 'l2'),
}

# By network: its variables, and the weights of its features.
Weights = dict[str, tuple[Any, tuple[jax.Array, ...]]]


def load_weights(networks: Iterable[str] = tuple(NETWORKS)) -> Weights:
  """What LPIPS and DISTS need, so far as it is installed; the log says else.

  Args:
    networks: of NETWORKS, those to see through.

  Raises:
    UsageError: another version of the package is installed.
  """
  weights = {}
  read = functools.cache(_read_variables)  # LPIPS and DISTS share VGG-16
  for name in networks:
    files = ('vgg16', 'dists') if name == 'dists' else (name,)
    missing = [file for file in files if not installed.find_file(file)]
    if missing:
      install = installed.FILES[missing[0]].package.install
      logging.info('nothing is seen through %s: %s brings it', name, install)
      continue
    variables, heads = read(files[0])
    if name == 'dists':
      heads = jax.tree.map(jnp.asarray, installed.read_dists())
    weights[name] = variables, heads
  return weights


def _read_variables(file: str) -> tuple[Any, tuple[jax.Array, ...]]:
  """Variables of 'vgg16' or 'alexnet', and the heads of its LPIPS."""
  arrays = installed.read_network(file)
  if file == 'alexnet':
    variables = packaged_alexnet_variables(arrays)
  else:
    layers = tuple(needed_layers('vgg16', VGG_TAPS).values())
    variables = packaged_vgg_variables(arrays, layers)
  return jax.tree.map(jnp.asarray, (variables, packaged_heads(arrays)))


def add_features(
  weights: Weights, truth: Arrays, answers: Mapping[str, Arrays]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
  """Truth and answers with the features of their pictures, where they have any.

  Args:
    weights: as `load_weights` gives them.
    truth: arrays that all answers are compared with.
    answers: arrays of each answer.
  """
  truth = dict(truth)
  answers = {name: dict(answer) for name, answer in answers.items()}
  if 'true_picture' not in truth:
    return truth, answers
  for name, (variables, heads) in weights.items():
    network = NETWORKS[name]
    truth[f'true_{name}'] = network.apply(variables, truth['true_picture'])
    truth[f'{name}_heads'] = heads
    for answer in answers.values():
      if 'picture' in answer:
        answer[name] = network.apply(variables, answer['picture'])
  return truth, answers


def pool_features(arrays: Arrays) -> dict[str, Float[Array, 'b c']]:
  """Means over each picture of a network's last features, by their names.

  Args:
    arrays: of truth and answer, as `add_features` gives them.
  """
  names = (f'{side}{name}' for name in POOLED for side in ('true_', ''))
  return {
    name: jnp.mean(arrays[name][-1], axis=(1, 2))
    for name in names
    if name in arrays
  }
