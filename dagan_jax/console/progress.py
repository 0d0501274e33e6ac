"""Progress bars, and how long things take, in words."""

from tqdm import tqdm


def bar(total: int | None, done: int = 0, unit: str = 'step') -> tqdm:
  """A progress bar on a terminal; elsewhere one that shows nothing.

  Without a total it counts.
  """
  return tqdm(
    total=total,
    initial=done,
    unit=unit,
    disable=None,  # None: unless this is a terminal
    dynamic_ncols=True,
    smoothing=0.05,
  )


def duration(seconds: float) -> str:
  """'8 s', '3 min 20 s', '2 h 05 min'."""
  seconds = round(seconds)
  if seconds < 60:
    return f'{seconds} s'
  if seconds < 3600:
    return f'{seconds // 60} min {seconds % 60:02} s'
  return f'{seconds // 3600} h {seconds % 3600 // 60:02} min'
