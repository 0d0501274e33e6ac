"""Narrow VGG networks of made-up weights, as files hold them."""

from typing import Any

import numpy as np

from dagan_jax.models.vgg import PAPER_TAPS, needed_layers, tap_names
from dagan_jax.weights.names.vgg import vgg_kind, vgg_variables

_TIMES = (1, 2, 4, 8, 8)


def tensors(kind: str, width: int) -> dict[str, np.ndarray]:
  """A whole network by torchvision's names, in PyTorch's layouts."""
  rng = np.random.default_rng(0)
  made, channels = {}, 3
  for name, index in needed_layers(kind, tap_names(kind)).items():
    features = width * _TIMES[int(name[4]) - 1]
    shape = (features, channels, 3, 3)
    weight = rng.normal(0, np.sqrt(2 / (9 * channels)), shape)
    made[f'features.{index}.weight'] = weight.astype(np.float32)
    made[f'features.{index}.bias'] = np.zeros(features, np.float32)
    channels = features
  return made


def variables(
  given: dict[str, np.ndarray], taps: tuple[str, ...] = PAPER_TAPS
) -> dict[str, Any]:
  """What a VGG with these taps needs of a file."""
  layers = needed_layers(vgg_kind(given), taps)
  return vgg_variables(given, tuple(layers.values()))
