"""What hears mouths in voices, in one small file that the package brings.

It is GoHD's mapper of one stage, told nothing of eyes, that rendered speakers
taught (`configs/gohd_expression.py`, `lips`); a box like a network that
animates, see `boxed`.
"""

import pathlib

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.boxed import SUFFIX, Trained, seal, unseal
from dagan_jax.weights.workdirs import Networks

OURS = pathlib.Path(__file__).parents[1] / 'box' / f'voice{SUFFIX}'
TASK = 'gohd_mapper'
_KIND = 'a network that hears expressions, of dagan_jax'
_NAME = 'expression'


def open_voice_box() -> Trained:
  """The mapper that the package brings.

  Raises:
    UsageError: the file is missing, cut short, damaged, or of another version.
  """
  return Trained(str(OURS), *unseal(str(OURS), _KIND))


def write_voice_box(path: str, networks: Networks) -> None:
  """Writes the mapper of a workdir.

  Raises:
    UsageError: the mapper has to be told of eyes, or the disk refuses the file.
  """
  if networks.config.sees_eyes:
    raise UsageError(
      f'{path}: a box holds a mapper that is told nothing of eyes; train'
      ' configs/gohd_expression.py:lips'
    )
  config = {
    'task': TASK,
    'model': {_NAME: networks.config.model[_NAME].to_dict()},
  }
  seal(path, _KIND, config, networks.variables[_NAME])
