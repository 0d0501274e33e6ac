"""Tells passing trouble of a machine from damage of a file.

A disk that does not answer, a network that is gone for a moment, a full memory
or a door that is locked today say nothing about what is in a file. Whoever gives
a verdict that lasts, as 'damaged' or 'of no use', asks here first.
"""

import errno

_PASSING = frozenset(
  getattr(errno, name)
  for name in (
    'EACCES EAGAIN EBUSY ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK EDQUOT'
    ' EHOSTDOWN EHOSTUNREACH EINTR EIO EMFILE ENETDOWN ENETRESET ENETUNREACH'
    ' ENFILE ENOBUFS ENODEV ENOLCK ENOMEM ENOSPC ENOTCONN ENXIO EPERM'
    ' EREMOTEIO EROFS ESHUTDOWN ESTALE ETIMEDOUT'
  ).split()
  if hasattr(errno, name)  # not every system has all
)


def passing_reason(error: BaseException | None) -> str | None:
  """What passing trouble led to an error; None where there was none.

  An error raised in place of another one counts as that other one.
  """
  while error is not None:
    if isinstance(error, MemoryError):
      return 'out of memory'
    if isinstance(error, OSError) and error.errno in _PASSING:
      return error.strerror or str(error)
    error = error.__cause__ or error.__context__
  return None
