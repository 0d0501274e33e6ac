"""What hears in voices what faces do, in small files that the package brings.

Each holds one of GoHD's networks that rendered speakers taught: a mapper of one
stage, told nothing of eyes, which hears expressions (`gohd_expression.py`,
`lips`), and the denoisers of head poses and of gazes (`gohd_pose.py`,
`gohd_gaze.py`). They are boxes like a network that animates, see `boxed`.
"""

import pathlib
from types import MappingProxyType

from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.boxed import SUFFIX, Trained, seal, unseal
from dagan_jax.weights.workdirs import Networks

_FOLDER = pathlib.Path(__file__).parents[1] / 'box'
OURS = MappingProxyType(
  {name: _FOLDER / f'{name}{SUFFIX}' for name in ('expression', 'pose', 'gaze')}
)
TASKS = 'gohd_mapper', 'gohd_diffusion'


def open_voice_box(name: str) -> Trained:
  """The network of a name of OURS that the package brings.

  Raises:
    UsageError: the file is missing, cut short, damaged, or of another version.
  """
  path = str(OURS[name])
  return Trained(path, *unseal(path, _describe_kind(name)))


def write_voice_box(path: str, networks: Networks) -> None:
  """Writes the network of a workdir that learnt one of TASKS.

  Raises:
    UsageError: a mapper has to be told of eyes, or the disk refuses the file.
  """
  config = networks.config
  name = _find_name(config)
  if name == 'expression' and config.sees_eyes:
    raise UsageError(
      f'{path}: a box holds a mapper that is told nothing of eyes; train'
      ' configs/gohd_expression.py:lips'
    )
  described = {
    'task': config.task,
    'model': {name: config.model[name].to_dict()},
  }
  seal(path, _describe_kind(name), described, networks.variables[name])


def _find_name(config: ConfigDict) -> str:
  return 'expression' if config.task == TASKS[0] else config.target


def _describe_kind(name: str) -> str:
  return f'a network that hears {name}s, of dagan_jax'
