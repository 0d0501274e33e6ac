"""Networks as one safetensors file, by our names."""

import json

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.names.layouts import leaves
from dagan_jax.weights.workdirs import Networks
from data_pipelines.errors.whole_files import write_whole


def write_safetensors(path: str, networks: Networks) -> None:
  """Writes all networks, names joined by dots; the config is in the metadata.

  Raises:
    UsageError: safetensors is not installed, or the disk refuses the file.
  """
  try:
    from safetensors.numpy import save
  except ImportError as error:
    raise UsageError(
      f"{path} needs a package: pip install 'dagan_jax[convert]'"
    ) from error
  variables = dict(networks.variables)
  if 'depth' in variables.get('reenactor', {}).get('params', {}):
    variables.pop('depth', None)  # the reenactor holds the same
  tensors = {
    name.replace('/', '.'): np.ascontiguousarray(array)
    for name, array in leaves(variables)
  }
  config = json.dumps(networks.config.to_dict())
  with write_whole(path, UsageError) as partial:
    # The library's own way of writing gives the file to its owner alone.
    partial.write_bytes(save(tensors, {'config': config}))
