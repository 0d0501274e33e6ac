"""Losses between two reports, and whether they are still finite."""

import jax
import numpy as np
from clu import metrics

from dagan_jax.console.errors import UsageError
from dagan_jax.runs.checkpoints import Checkpoints


class LossWatch:
  """The losses since the last report, each looked at one step late.

  While the host waits for the losses of a step, the devices have the next one
  to work on.
  """

  def __init__(self, checkpoints: Checkpoints):
    self._checkpoints = checkpoints
    self._pending: tuple[int, metrics.Collection] | None = None
    self._sum: metrics.Collection | None = None

  def add(self, step: int, update: metrics.Collection) -> None:
    """Takes a step's losses, and checks those of the step before."""
    self.check()
    self._pending = step, update

  def check(self) -> None:
    """Waits for the step taken last.

    Raises:
      UsageError: names the losses that are not finite.
    """
    if self._pending is None:
      return
    step, update = self._pending
    self._pending = None
    update = jax.device_get(update)
    bad = [
      name
      for name, value in update.compute().items()
      if not np.isfinite(value).all()
    ]
    if bad:
      kept = self._checkpoints.wait()
      good = (
        'no checkpoint was saved before'
        if kept is None
        else f'the last good checkpoint is {self._checkpoints.folder}/{kept}'
      )
      raise UsageError(
        f'not finite at step {step}: {", ".join(bad)}; {good}. A smaller'
        ' optimizer.learning_rate or an optimizer.clip_norm may help'
      )
    self._sum = update if self._sum is None else self._sum.merge(update)

  def mean(self) -> dict[str, float]:
    """Averages over the steps since the last call, the latest included."""
    self.check()
    values = self._sum.compute()
    self._sum = None
    return {name: float(value) for name, value in values.items()}
