"""Trains or evaluates: `python -m dagan_jax.main --config=configs/dagan.py`.

Fields are changed as `--config.data.batch_size=8`; see configs/base.py.
"""

import re
import sys
from pathlib import Path

from absl import app, flags
from ml_collections import config_flags

from dagan_jax.console import log
from dagan_jax.console.errors import UsageError
from data_pipelines.errors.mendable import exit_code

_CONFIG = config_flags.DEFINE_config_file(
  'config', None, 'A config, as configs/dagan.py or configs/dagan.py:debug.'
)
_WORKDIR = flags.DEFINE_string(
  'workdir', None, 'Where the run lives; default: runs/<name of the config>.'
)
_MODE = flags.DEFINE_enum('mode', 'train', ['train', 'evaluate'], 'What to do.')


def main(_: list[str]) -> None:
  """Does what the flags say; they are parsed."""
  log.quiet()
  if _CONFIG.value is None:
    raise UsageError('--config is missing, as --config=configs/dagan.py')
  from dagan_jax.evaluation import evaluate
  from dagan_jax.training import loop

  name = Path(flags.FLAGS['config'].config_filename).name
  default = f'runs/{name.replace(".py", "").replace(":", "_")}'
  workdir = _WORKDIR.value or default
  if _MODE.value == 'train':
    loop.train_stages(_CONFIG.value, workdir)
  else:
    evaluate.evaluate(_CONFIG.value, workdir)


def parse(argv: list[str]) -> list[str]:
  """Parses flags; a UsageError says in one line what is wrong with them."""
  try:
    rest = flags.FLAGS(argv)
    getattr(_CONFIG.value, 'task', None)  # raises why it could not be read
  except (KeyError, AttributeError) as error:  # an unknown field, and advice
    words = re.findall(r'\w+', re.sub(r'\\n', ' ', str(error)))
    advice = f'; did you mean {words[4]!r}?' if 'mean' in words[:4] else ''
    raise UsageError(f'the config has no field {words[0]!r}{advice}') from None
  except Exception as error:  # the flags' own errors, or any of a config's
    raise UsageError(str(error).strip().splitlines()[-1].strip()) from None
  if rest[1:]:
    raise UsageError(f'{rest[1]!r} is no flag')
  return rest


if __name__ == '__main__':
  sys.exit(exit_code(lambda: app.run(main, flags_parser=parse)))
