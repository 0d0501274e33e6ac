"""Trains and scores a list of configs on the same data, as one table.

  python scripts/ablation.py --workdir=runs/ablation --set data.path=CLIPS

trains table 5 of DaGAN++. On rendered faces, one or two hours on a laptop:

  python scripts/ablation.py --workdir=runs/ablation --configs \\
    configs/ablation.py:{baseline,dagan,daganpp}/synthetic --set steps=1000

Each config has a folder in the workdir. A command that was stopped goes on
where it was when it is given again. Configs that need the same depth network
share it: it is trained once. `--set` changes fields of all configs; a field of
the data changes for stage 1, too. `--seeds` trains each config once for each
seed: the table shows the mean, and how far the seeds are from it at most.
"""

import argparse
import importlib.util
import json
import pathlib
import statistics
import sys
from collections.abc import Sequence
from types import ModuleType

from absl import flags, logging
from ml_collections import ConfigDict, config_flags

from dagan_jax.console import log
from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation import evaluate
from dagan_jax.inference import compile_cache, memory
from dagan_jax.training import loop
from data_pipelines.errors.mendable import exit_code
from data_pipelines.errors.wording import describe

ROWS = 'configs/ablation.py'
COLUMNS = (
  'l1',
  'psnr',
  'ssim',
  'landmark_distance',
  'lpips',
  'identity_distance',
)

# What DaGAN++ reports for self-reenactment on VoxCeleb1, by config: L1, SSIM
# and the average keypoint distance. Its PSNR contradicts its L1 and is left
# out. Of the other rows of the table we have no numbers from the paper.
PAPER = {
  'dagan': {'l1': 0.0360, 'ssim': 0.804, 'landmark_distance': 1.279},
  'daganpp': {'l1': 0.0332, 'ssim': 0.826, 'landmark_distance': 1.226},
}


def run(
  configs: list[str],
  workdir: str,
  changes: list[str],
  seeds: Sequence[int] = (),
  depth: str = '',
) -> str:
  """Trains and scores what is not done yet; returns and writes the table.

  Args:
    configs: files, each with its variant.
    workdir: where all runs live.
    changes: of fields of all configs.
    seeds: that each config is trained with; none: its own.
    depth: a workdir of stage 1 whose depth all configs take that want one;
      empty: stage 1 is trained for each form of depth.

  Raises:
    UsageError: a config or a change does not exist or cannot be.
  """
  rows, folders = {}, {}
  for path in configs:
    for seed in seeds or (None,):
      config = load(path)
      for setting in changes:
        change(config, setting)
      name = name_of(path)
      if seed is not None:
        config.seed = config.data.seed = seed
        name += f'_seed_{seed}'
      rows[name] = config
      folders.setdefault(name_of(path), []).append(name)
  for number, (name, config) in enumerate(rows.items(), 1):
    logging.info('config %d of %d: %s', number, len(rows), name)
    folder = pathlib.Path(workdir) / name
    if _scores(folder).get('step') == config.steps:
      continue
    if depth and config.model.depth.layers:
      config.init.depth = depth
      config.stage_1 = ConfigDict()
    elif config.stage_1:
      form = config.stage_1.loss.photometric_form
      learnt = pathlib.Path(workdir) / f'depth_{form}'
      loop.train_and_evaluate(config.stage_1, learnt)
      config.init.depth = str(learnt)
      config.stage_1 = ConfigDict()
    loop.train_and_evaluate(config, folder)
    evaluate.evaluate(config, str(folder))
  text = table(
    {
      row: [_scores(pathlib.Path(workdir) / name) for name in names]
      for row, names in folders.items()
    }
  )
  (pathlib.Path(workdir) / 'table.md').write_text(text)
  return text


def table(scores: dict[str, list[dict[str, float]]]) -> str:
  """A Markdown table of our scores and, where known, the paper's.

  Args:
    scores: of each config, one for each seed.
  """
  lines = [
    '| config | ' + ' | '.join(COLUMNS) + ' | paper |',
    '|' + '---|' * (len(COLUMNS) + 2),
  ]
  first = next(iter(scores.values()))[0]
  trivial = {name: first.get(f'copy_{name}') for name in COLUMNS}
  for name, runs in {'copy of source': [trivial], **scores}.items():
    cells = [_cell([run.get(column) for run in runs]) for column in COLUMNS]
    paper = ', '.join(
      f'{column} {value:g}'
      for column, value in PAPER.get(name.split('_')[0], {}).items()
    )
    lines.append(f'| {name} | {" | ".join(cells)} | {paper} |')
  return '\n'.join(lines) + '\n'


def load(path: str) -> ConfigDict:
  """The config of a file and, after a colon, its variant."""
  file, _, variant = path.partition(':')
  try:
    return _module(file).get_config(variant)
  except ValueError as error:
    raise UsageError(f'{path}: {error}') from None


def change(config: ConfigDict, setting: str) -> None:
  """Changes a field, and the same field of stage 1 if it is one of the data.

  The value is read as a flag of main.py is, by the type of the field. Fields of
  a stage 1 that a config does not have are passed over.

  Raises:
    UsageError: there is no such field, or it has no such value.
  """
  field, equals, _ = setting.partition('=')
  if not equals:
    raise UsageError(f'--set {setting}: it must be FIELD=VALUE')
  if field.startswith('stage_1.') and not config.stage_1:
    return
  settings = [setting]
  if field.startswith('data.') and config.stage_1:
    settings.append(f'stage_1.{setting}')
  argv = ['', *(f'--config.{each}' for each in settings)]
  values = flags.FlagValues()
  try:
    config_flags.DEFINE_config_dict(
      'config', config, flag_values=values, sys_argv=argv, lock_config=False
    )
    values(argv)
  except (KeyError, AttributeError):
    raise UsageError(
      f'--set {setting}: the configs have no field {field}'
    ) from None
  except (flags.Error, TypeError, ValueError) as error:
    raise UsageError(f'--set {setting}: {describe(error)}') from None


def name_of(path: str) -> str:
  """The folder of a config: its variant's row, or the name of its file."""
  file, _, variant = path.partition(':')
  return variant.replace('/', '_') or pathlib.Path(file).stem


def _module(file: str) -> ModuleType:
  if not pathlib.Path(file).is_file():
    raise UsageError(f'there is no config {file}')
  spec = importlib.util.spec_from_file_location(pathlib.Path(file).stem, file)
  module = importlib.util.module_from_spec(spec)
  spec.loader.exec_module(module)
  return module


def _cell(values: list[float | None]) -> str:
  """The mean of all seeds, and how far from it one is at most."""
  known = [value for value in values if value is not None]
  if not known or len(known) < len(values):
    return ''
  mean = statistics.mean(known)
  if len(known) == 1:
    return f'{mean:.4f}'
  return f'{mean:.4f} ± {max(abs(value - mean) for value in known):.4f}'


def _scores(folder: pathlib.Path) -> dict[str, float]:
  """The scores of a run and its step; empty if it was not evaluated yet."""
  scores = {}
  for beginning, place in ('', '.'), ('copy_', 'copy of source'):
    path = folder / 'evaluate' / place / 'scores.json'
    if path.exists():
      said = json.loads(path.read_text())
      scores['step'] = said['made']['step']
      for name, mean in said['means'].items():
        scores[beginning + name] = mean['value']
  return scores


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
  )
  add = parser.add_argument
  add('--workdir', required=True, help='where all runs live')
  add(
    '--configs',
    nargs='+',
    default=[f'{ROWS}:{row}' for row in _module(ROWS).TABLE_5],
    help='files, with variants; default: table 5',
  )
  add('--seeds', nargs='*', type=int, default=[], help='of each config')
  add('--depth', default='', help='a workdir of stage 1 for all configs')
  add('--set', nargs='*', default=[], help='FIELD=VALUE for all configs')
  asked = parser.parse_args()
  log.quiet()
  compile_cache.keep()
  memory.keep_freed_memory()

  def make_table():
    options = asked.set, asked.seeds, asked.depth
    print(run(asked.configs, asked.workdir, *options))

  sys.exit(exit_code(make_table))


if __name__ == '__main__':
  main()
