"""The option that names a network, of all commands that move portraits."""

import os
from typing import Any

from dagan_jax.console.options import option


def workdir_option(
  kinds: str = 'a trained or converted network that animates',
) -> Any:
  """A field for `--workdir`; `kinds` says of which kinds it may be."""
  return option(
    None,
    parse=os.path.expanduser,
    help=f'{kinds}, or a file that convert --box wrote (default: the model that'
    ' the package brings along)',
  )
