"""What a run tells: lines, a bar, JSON, TensorBoard and pictures.

In `<workdir>`: `metrics.jsonl` with one object for each step reported,
`images/<step>_<name>.png`, `parameters.txt`, and `tensorboard/` where
TensorFlow is installed. In a run of many hosts only the first one tells.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from absl import logging
from clu import parameter_overview
from etils import epath
from jaxtyping import UInt8
from PIL import Image

from dagan_jax.console import progress
from dagan_jax.console.errors import UsageError
from dagan_jax.runs.tensorboard import open_tensorboard
from data_pipelines.errors.whole_files import write_whole


class Reports:
  """Tells how a run goes, from `start` (steps done) to `steps`.

  Leaving it as a context manager flushes what is written.
  """

  def __init__(
    self, workdir: epath.Path, *, start: int, steps: int, batch_size: int
  ):
    self._workdir = workdir
    self._steps = steps
    self._batch_size = batch_size
    self._first_host = jax.process_index() == 0
    self._tensorboard = None
    if self._first_host:
      self._bar = progress.bar(steps, start)
      self._lines = workdir / 'metrics.jsonl'
      _drop_lines_after(self._lines, start)
      self._tensorboard = open_tensorboard(workdir / 'tensorboard')

  def __enter__(self) -> 'Reports':
    return self

  def __exit__(self, *_) -> None:
    if self._first_host:
      self._bar.close()
    if self._tensorboard:
      self._tensorboard.close()

  def overview(self, networks: Mapping[str, Any]) -> None:
    """Counts each network's parameters; the tables go to a file."""
    if not self._first_host:
      return
    tables = []
    for name, variables in networks.items():
      count = parameter_overview.count_parameters(variables['params'])
      logging.info('%s: %s parameters', name, f'{count:,}')
      table = parameter_overview.get_parameter_overview(
        variables['params'], include_stats=False
      )
      tables.append(f'{name}\n{table}\n')
    (self._workdir / 'parameters.txt').write_text('\n'.join(tables))
    logging.info('compiling the training step: seconds to minutes')

  def first_step(self, step: int, seconds: float) -> None:
    """The first step is done; nearly all its time went into compiling it."""
    if self._first_host:
      logging.info('compiled in %s', progress.duration(seconds))
    self.start_clock(step)

  def start_clock(self, step: int) -> None:
    """Measures the speed from here: `step` steps are done."""
    self._clock_step = step
    self._clock_time = time.perf_counter()
    self._waited = 0.0

  def waited(self, seconds: float) -> None:
    """So long did the loop wait for its next batch."""
    self._waited += seconds

  def stepped(self) -> None:
    """One more step is under way."""
    if self._first_host:
      self._bar.update()

  def speed(self, step: int) -> dict[str, float]:
    """Of the steps since the clock was started; nothing when there are none.

    steps_per_s, images_per_s, data_wait (the share of the time that the loop
    waited for data), eta_s (seconds until the last step).
    """
    if step == self._clock_step:
      return {}
    seconds = time.perf_counter() - self._clock_time
    steps_per_s = (step - self._clock_step) / seconds
    return {
      'steps_per_s': steps_per_s,
      'images_per_s': steps_per_s * self._batch_size,
      'data_wait': self._waited / seconds,
      'eta_s': (self._steps - step) / steps_per_s,
    }

  def write(
    self,
    step: int,
    values: Mapping[str, float],
    speed: Mapping[str, float] | None = None,
  ) -> None:
    """Writes the one line of a step: losses, scores, speed."""
    if not self._first_host:
      return
    row = {'step': step, **values, **(speed or {})}
    with self._lines.open('a') as file:
      file.write(json.dumps(row) + '\n')
    if self._tensorboard:
      self._tensorboard.write_scalars(step, {**values, **(speed or {})})
      self._tensorboard.flush()
    shown = ' '.join(f'{name} {value:.4g}' for name, value in values.items())
    if not self._bar.disable:
      self._bar.set_postfix_str(shown)
      return
    if speed:
      shown += (
        f' | {speed["steps_per_s"]:.3g} steps/s,'
        f' {speed["data_wait"]:.0%} waiting for data,'
        f' {progress.duration(speed["eta_s"])} left'
      )
    logging.info('step %d of %d: %s', step, self._steps, shown)

  def picture(
    self, step: int, name: str, picture: UInt8[np.ndarray, 'h w 3']
  ) -> None:
    """Keeps a picture as PNG, and in TensorBoard."""
    if not self._first_host:
      return
    path = self._workdir / 'images' / f'{step:07}_{name}.png'
    path.parent.mkdir(exist_ok=True)
    with path.open('wb') as file:
      Image.fromarray(picture).save(file, 'PNG')
    if self._tensorboard:
      self._tensorboard.write_images(step, {name: picture[None]})


def _drop_lines_after(path: epath.Path, step: int) -> None:
  """So that a resumed run's file has each step once."""
  if not path.exists():
    return
  kept = []
  for line in path.read_text().splitlines():
    try:
      if json.loads(line)['step'] <= step:
        kept.append(line + '\n')
    except (ValueError, KeyError, TypeError):
      continue  # a killed process left half a line
  with write_whole(path, error=UsageError) as partial:
    partial.write_text(''.join(kept))
