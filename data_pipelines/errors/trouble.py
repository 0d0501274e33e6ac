"""Tells passing trouble of a machine from damage of a file.

A disk that does not answer, a network that is gone for a moment, a full memory
or a door that is locked today say nothing about what is in a file. Whoever
gives a verdict that lasts, 'damaged' or 'of no use', asks here first.
"""

import errno
import os
import re

# What the system says of a name or a file, whenever it is asked.
_LASTING = {
  errno.EDOM,
  errno.EINVAL,
  errno.EISDIR,
  errno.ELOOP,
  errno.ENAMETOOLONG,
  errno.ENOENT,
  errno.ENOTDIR,
  errno.EPIPE,
  errno.ESPIPE,
}


def passing_reason(error: BaseException | None) -> str | None:
  """What passing trouble led to an error; None where there was none.

  An error raised in place of another one counts as that other one. An OSError
  without a number is a library's, about what it found in a file; TensorStore,
  which keeps checkpoints, tells the system's number in its words.
  """
  while error is not None:
    if isinstance(error, MemoryError):
      return 'out of memory'
    number = error.errno if isinstance(error, OSError) else None
    if found := re.search(r"os_error_code='(\d+)'", str(error)):
      number = int(found[1])
    if number and number not in _LASTING:
      return os.strerror(number)
    error = error.__cause__ or error.__context__
  return None
