"""Networks as one safetensors file, by our names."""

import json

import numpy as np

from dagan_jax.weights.files.safetensors_files import write_safetensors_file
from dagan_jax.weights.names.layouts import leaves
from dagan_jax.weights.workdirs import Networks


def write_safetensors(path: str, networks: Networks) -> None:
  """Writes all networks, names joined by dots; the config is in the metadata.

  Raises:
    UsageError: the disk refuses the file.
  """
  variables = dict(networks.variables)
  if 'depth' in variables.get('reenactor', {}).get('params', {}):
    variables.pop('depth', None)  # the reenactor holds the same
  arrays = {
    name.replace('/', '.'): np.asarray(array)
    for name, array in leaves(variables)
  }
  config = json.dumps(networks.config.to_dict())
  write_safetensors_file(path, arrays, {'config': config})
