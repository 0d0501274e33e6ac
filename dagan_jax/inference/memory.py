"""Keeps memory that was freed, for a program that soon wants it again."""

import ctypes
import functools

# Of <malloc.h>.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX, _ARENA_MAX = -1, -2, -4, -8


@functools.cache
def keep_freed_memory() -> None:
  """Tells glibc not to give large blocks back to the system.

  This is for the whole process: commands call it at their start. A network on a
  processor wants the same blocks for every chunk of frames or training step,
  and pages that were given back would be cleared and mapped anew each time. All
  threads share one arena, for further ones give their largest blocks back all
  the same. The process keeps the most that it ever used. Where there is no
  glibc nothing happens.
  """
  try:
    option = ctypes.CDLL(None).mallopt
  except (AttributeError, OSError, TypeError):
    return
  option(_ARENA_MAX, 1)
  option(_MMAP_MAX, 0)
  option(_TRIM_THRESHOLD, 2**31 - 1)
  option(_TOP_PAD, 64 * 2**20)
