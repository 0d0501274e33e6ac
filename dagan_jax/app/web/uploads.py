"""Files that come from visitors, onto the disk under names of ours."""

import pathlib
import time
from collections.abc import AsyncIterator, Callable

from dagan_jax.app.web.checks import choose_suffix
from dagan_jax.app.web.limits import Limits
from dagan_jax.console.errors import UsageError

_HEAD = 16  # bytes that tell a file's kind
_ROOM = 1 << 23  # bytes between two looks at whether there is room
_PATIENCE = 300.0  # seconds that sending one file may take


async def save_upload(
  pieces: AsyncIterator[bytes],
  folder: pathlib.Path,
  stem: str,
  name: str,
  limits: Limits,
  check_room: Callable[[], None],
) -> pathlib.Path:
  """Writes what comes to a file of a folder; returns where.

  Args:
    pieces: of the file.
    folder: of ours, where no other file is called so.
    stem: what messages call the file: portrait, driving, ...
    name: what the visitor calls it, of which a known suffix is kept.
    limits: of the file's size.
    check_room: raises UsageError where all files are too many; is asked again
      and again, for many may be sent at once.

  Raises:
    UsageError: it is too large, or empty, or takes too long to come.
  """
  check_room()
  partial, count, head = folder / stem, 0, b''
  latest = time.monotonic() + _PATIENCE
  with open(partial, 'wb') as file:
    async for piece in pieces:
      if time.monotonic() > latest:
        raise UsageError(f'{stem}: took too long to come; send a smaller file')
      is_much = count // _ROOM != (count + len(piece)) // _ROOM
      count += len(piece)
      if count > limits.most_bytes:
        raise UsageError(
          f'{stem}: more than {limits.most_megabytes:g} megabytes; send a'
          ' smaller file'
        )
      head = head or piece[:_HEAD]
      file.write(piece)
      if is_much:
        check_room()
  if not count:
    raise UsageError(f'{stem}: empty (0 bytes); choose another file')
  return partial.rename(partial.with_suffix(choose_suffix(name, head)))
