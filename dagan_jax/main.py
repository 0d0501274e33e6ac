"""Trains or evaluates: `python -m dagan_jax.main --config=configs/dagan.py`.

Fields are changed as `--config.data.batch_size=8`; see configs/dagan.py.
"""

import contextlib
import difflib
import os
import sys
import traceback
from pathlib import Path

from absl import app, flags
from ml_collections import ConfigDict, config_flags

from dagan_jax.console import log
from dagan_jax.console.errors import UsageError
from dagan_jax.runs import launchers
from data_pipelines.errors.mendable import exit_code

_CONFIG = config_flags.DEFINE_config_file(
  'config', None, 'A config, as configs/dagan.py or configs/dagan.py:debug.'
)
_WORKDIR = flags.DEFINE_string(
  'workdir', None, 'Where the run lives; default: runs/<name of the config>.'
)
# Beside each, the variable of the environment that says the same.
_TOGETHER = {
  launchers.COORDINATOR: flags.DEFINE_string(
    'coordinator', None, 'Where process 0 of a run of many is, as host:8476.'
  ),
  launchers.PROCESSES: flags.DEFINE_integer(
    'processes', None, 'How many processes run together.', lower_bound=1
  ),
  launchers.PROCESS: flags.DEFINE_integer(
    'process', None, 'Which of them this is, from 0 on.', lower_bound=0
  ),
  launchers.SECONDS: flags.DEFINE_integer(
    'join_seconds', None, 'How long to wait for them (300).', lower_bound=1
  ),
}
_MODE = flags.DEFINE_enum('mode', 'train', ['train', 'evaluate'], 'What to do.')


def main(_: list[str]) -> None:
  """Does what the flags say; they are parsed."""
  log.quiet()
  if _CONFIG.value is None:
    raise UsageError('--config is missing, as --config=configs/dagan.py')
  os.environ |= {
    name: str(flag.value)
    for name, flag in _TOGETHER.items()
    if flag.value is not None
  }
  from dagan_jax.evaluation import evaluate
  from dagan_jax.inference import compile_cache, memory
  from dagan_jax.training import loop

  compile_cache.keep()
  memory.keep_freed_memory()

  name = Path(flags.FLAGS['config'].config_filename).name
  default = f'runs/{name.replace(".py", "").replace(":", "_")}'
  workdir = os.path.expanduser(_WORKDIR.value or default)
  if _MODE.value == 'train':
    loop.train_stages(_CONFIG.value, workdir)
  else:
    evaluate.evaluate(_CONFIG.value, workdir)


def parse(argv: list[str]) -> list[str]:
  """Parses flags; a UsageError says in one line what is wrong with them."""
  try:
    rest = flags.FLAGS(argv)
    config = _CONFIG.value
    getattr(config, 'task', None)  # raises why it could not be read
    if isinstance(config, ConfigDict):
      _expand_home(config)
  except Exception as error:  # the flags' own errors, or any of a config's
    if isinstance(error, KeyError | AttributeError):
      # A config may itself raise them, and then does so again.
      with contextlib.suppress(KeyError, AttributeError):
        _check_fields(argv)
    raise UsageError(_last_line(error)) from None
  if rest[1:]:
    raise UsageError(f'{rest[1]!r} is no flag')
  return rest


def _last_line(error: Exception) -> str:
  """What an error says in the end, or where it was raised without words."""
  text = str(error).strip() or ''.join(traceback.format_exception(error))
  lines = [line.strip() for line in text.splitlines()]
  if not lines[-1].isidentifier():
    return lines[-1]
  places = [line for line in lines if line.startswith('File "')]
  return ': '.join([f'{lines[-1]} without words', *places[-1:]])


def _expand_home(config: ConfigDict) -> None:
  """Puts the user's home for `~` in every path: no shell does it in a flag."""
  for name, value in config.items():
    if isinstance(value, ConfigDict):
      _expand_home(value)
    elif isinstance(value, str):
      config[name] = os.path.expanduser(value)


def _check_fields(argv: list[str]) -> None:
  """Raises a UsageError if a flag `--config.<field>` names no field."""
  alone = flags.FlagValues()
  holder = config_flags.DEFINE_config_file(
    'config', flag_values=alone, sys_argv=argv[:1]
  )
  alone(argv, known_only=True)
  for flag in argv[1:]:
    name, _, path = flag.lstrip('-').partition('=')[0].partition('.')
    if not flag.startswith('-') or name not in ('config', 'noconfig'):
      continue
    section = holder.value
    for field in path.split('.') if path else ():
      names = section.keys() if isinstance(section, ConfigDict) else ()
      if field not in names:
        close = difflib.get_close_matches(field, names, n=1)
        advice = f'; did you mean {close[0]!r}?' if close else ''
        raise UsageError(f'the config has no field {field!r}{advice}')
      section = section[field]


if __name__ == '__main__':
  sys.exit(exit_code(lambda: app.run(main, flags_parser=parse)))
