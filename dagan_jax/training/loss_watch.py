"""Losses between two reports, and whether they are still finite."""

from typing import NoReturn

import jax
from absl import logging
from clu import metrics

from dagan_jax.console.errors import UsageError
from dagan_jax.runs.checkpoints import Checkpoints
from dagan_jax.training.not_finite import is_skipped, names_not_finite


class LossWatch:
  """The losses since the last report, each looked at one step late.

  While the host waits for the losses of a step, the devices have the next one
  to work on.
  """

  def __init__(self, checkpoints: Checkpoints, skips: int = 0):
    """Of updates that are not finite, `skips` may be skipped."""
    self._checkpoints = checkpoints
    self._skips, self._skipped = skips, 0
    self._pending: tuple[int, metrics.Collection] | None = None
    self._sum: metrics.Collection | None = None

  def add(self, step: int, update: metrics.Collection) -> None:
    """Takes a step's losses, and checks those of the step before."""
    self.check()
    self._pending = step, update

  def check(self) -> None:
    """Waits for the step taken last.

    Raises:
      UsageError: names the losses that are not finite, and what may help.
    """
    if self._pending is None:
      return
    step, update = self._pending
    self._pending = None
    update = jax.device_get(update)
    skipped = is_skipped(update)
    if skipped:
      self._skipped += 1
    bad = names_not_finite(update)
    if self._skipped > self._skips or (bad and not skipped):
      self._stop(step, bad or ['the gradients'])
    if skipped:
      logging.warning(
        'step %d was not finite and is skipped: %d of %d that may be',
        step,
        self._skipped,
        self._skips,
      )
      return
    self._sum = update if self._sum is None else self._sum.merge(update)

  def mean(self) -> dict[str, float]:
    """Averages over the steps since the last call, the latest included.

    Steps that were skipped do not count; `skipped` tells how many there were
    so far, if any. Nothing where all were.
    """
    self.check()
    if self._sum is None:
      return {}
    values = self._sum.compute()
    self._sum = None
    if self._skipped:
      values['skipped'] = self._skipped
    return {name: float(value) for name, value in values.items()}

  def _stop(self, step: int, bad: list[str]) -> NoReturn:
    kept = self._checkpoints.wait()
    good = (
      'no checkpoint was saved before'
      if kept is None
      else f'the last good checkpoint is {self._checkpoints.folder}/{kept}'
    )
    before, more = f', after {self._skips} skipped steps', ''
    if not self._skips:
      before, more = '', '; --config.nan_policy=skip passes over a few such'
    raise UsageError(
      f'not finite at step {step}{before}: {", ".join(bad)}; {good}. The same'
      ' command comes to it again: a smaller --config.optimizer.learning_rate,'
      ' another --config.seed, or a --config.optimizer.clip_norm leads around'
      f' it{more}'
    )
