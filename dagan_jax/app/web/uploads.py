"""Files that come from visitors, onto the disk under names of ours."""

import pathlib
from collections.abc import AsyncIterator

from dagan_jax.app.web.checks import choose_suffix
from dagan_jax.app.web.limits import Limits
from dagan_jax.console.errors import UsageError

_HEAD = 16  # bytes that tell a file's kind


async def save_upload(
  pieces: AsyncIterator[bytes],
  folder: pathlib.Path,
  stem: str,
  name: str,
  limits: Limits,
) -> pathlib.Path:
  """Writes what comes to a file of a folder; returns where.

  Args:
    pieces: of the file.
    folder: of ours, where no other file is called so.
    stem: what messages call the file: portrait, driving, ...
    name: what the visitor calls it, of which a known suffix is kept.
    limits: of the file's size.

  Raises:
    UsageError: it is too large, or empty.
  """
  partial, count, head = folder / stem, 0, b''
  with open(partial, 'wb') as file:
    async for piece in pieces:
      count += len(piece)
      if count > limits.most_bytes:
        raise UsageError(
          f'{stem}: more than {limits.most_megabytes:g} megabytes; send a'
          ' smaller file'
        )
      head = head or piece[:_HEAD]
      file.write(piece)
  if not count:
    raise UsageError(f'{stem}: empty (0 bytes); choose another file')
  return partial.rename(partial.with_suffix(choose_suffix(name, head)))
