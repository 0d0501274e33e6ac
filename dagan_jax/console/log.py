"""What a command prints: its own lines, and libraries' warnings."""

import logging as python_logging
import os
import sys
import warnings
from pathlib import Path

from absl import logging
from tqdm import tqdm

import dagan_jax
import data_pipelines

_OURS = tuple(
  str(Path(file).resolve().parent) + os.sep
  for file in (dagan_jax.__file__, data_pipelines.__file__)
)


class _Lines(python_logging.Handler):
  """Prints records above a progress bar, where there is one."""

  def emit(self, record: python_logging.LogRecord) -> None:
    warns = record.levelno >= python_logging.WARNING
    if warns or os.path.abspath(record.pathname).startswith(_OURS):
      line = ('warning: ' if warns else '') + record.getMessage()
      tqdm.write(line, file=sys.stderr)


def quiet() -> None:
  """Prints our log lines, and of libraries only their warnings.

  Commands call it after absl has parsed the flags and before TensorFlow is
  imported for the first time.
  """
  os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
  os.environ.setdefault('TF_ENABLE_ONEDNN_OPTS', '0')  # or it prints two lines
  os.environ.setdefault('GRPC_VERBOSITY', 'ERROR')
  warnings.filterwarnings('ignore', category=DeprecationWarning)
  logging.set_verbosity(logging.INFO)
  python_logging.root.handlers = [_Lines()]
  python_logging.root.setLevel(python_logging.INFO)
  absl = logging.get_absl_logger()
  absl.handlers, absl.propagate = [], True
