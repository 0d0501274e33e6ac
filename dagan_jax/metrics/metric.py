"""What a row of the table of metrics says."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Metric(NamedTuple):
  """One value 'b' for each example; NaN where it says nothing of one."""

  function: Callable[..., Any]
  needs: tuple[str, ...]  # its arguments, in their order
  title: str  # a column's: what it is, how defined, its unit and range
  better: str = 'lower'  # or 'higher'; '': neither, or best at a value
  least_side: int = 1  # pixels that pictures need for it
