"""Names in the published file of SyncNet."""

from typing import Any

from dagan_jax.console.errors import UsageError
from dagan_jax.models.syncnet import PLACES
from dagan_jax.weights.names.layouts import Tensors, translate

# What each of the two networks is called there, and what it ends in.
_PARTS = {'lips': ('netcnnlip', 'netfclip'), 'voice': ('netcnnaud', 'netfcaud')}


def syncnet_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of the two `SyncFeatures`, as 'lips' and 'voice'.

  Raises:
    UsageError: the tensors are not those of SyncNet.
  """
  found = {}
  for name, (network, last) in _PARTS.items():
    table = [(f'fc_{k}/', f'{last}.{k}.') for k in (0, 3)]
    table.append(('fc_norm_1/', f'{last}.1.'))
    for place in PLACES:
      table.append((f'conv_{place}/', f'{network}.{place}.'))
      table.append((f'norm_{place + 1}/', f'{network}.{place + 1}.'))
    own = {
      key: array
      for key, array in tensors.items()
      if key.startswith((f'{network}.', f'{last}.'))
    }
    if not own:
      raise UsageError(f'this is not SyncNet: it has no tensors {network}')
    found[name] = translate(own, table)
  return found
