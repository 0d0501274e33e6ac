"""Progress bars, and how long things take, in words."""

import contextlib
from collections.abc import Callable, Iterator

from tqdm import tqdm

# Is told the unit of a bar, how many are done, and of how many, if known.
Listener = Callable[[str, int, int | None], None]

_listeners: list[Listener] = []


@contextlib.contextmanager
def listen(listener: Listener) -> Iterator[None]:
  """Tells how far all bars of this process are, whether one sees them or not.

  What the listener raises ends the work that is told of.
  """
  _listeners.append(listener)
  try:
    yield
  finally:
    _listeners.remove(listener)


class _Bar(tqdm):
  """A progress bar that listeners hear as well."""

  def update(self, n: int = 1) -> bool | None:
    """Takes so many more as done."""
    if self.disable:
      self.n += n
    shown = super().update(n)
    for listener in _listeners:
      listener(self.unit, self.n, self.total)
    return shown


def bar(total: int | None, done: int = 0, unit: str = 'step') -> tqdm:
  """A progress bar on a terminal; elsewhere one that shows nothing.

  Without a total it counts.
  """
  shown = _Bar(
    total=total,
    initial=done,
    unit=unit,
    disable=None,  # None: unless this is a terminal
    dynamic_ncols=True,
    smoothing=0.05,
  )
  shown.unit = unit  # one that shows nothing keeps none
  return shown


def duration(seconds: float) -> str:
  """'8 s', '3 min 20 s', '2 h 05 min'."""
  seconds = round(seconds)
  if seconds < 60:
    return f'{seconds} s'
  if seconds < 3600:
    return f'{seconds // 60} min {seconds % 60:02} s'
  return f'{seconds // 3600} h {seconds % 3600 // 60:02} min'
