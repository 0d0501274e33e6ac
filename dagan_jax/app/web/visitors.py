"""Whose file is whose: a visitor sees what he sent and what was made for him.

A visitor is known by a secret that only his browser has. Each file has a secret
name besides. Who comes with one and not the other is told that there is no such
file.
"""

import contextlib
import pathlib
import secrets
import shutil
import time
from typing import NamedTuple

from dagan_jax.app.web.folders import count_bytes, make_folder
from dagan_jax.app.web.limits import Limits
from dagan_jax.console.errors import UsageError

_MOST_VISITORS = 10_000
GONE = 'this file is no longer here; choose it again'


class Held(NamedTuple):
  """A file of a visitor's."""

  path: pathlib.Path
  place: str  # what it is for; a visitor has one file for each


class Visitor:
  """One browser, and the files it sent or may fetch."""

  def __init__(self, root: pathlib.Path):
    """Makes his folder below a root."""
    self.folder = make_folder(root)
    self.seen = time.monotonic()
    self._files: dict[str, Held] = {}

  def touch(self) -> None:
    """Notes that he is still there."""
    self.seen = time.monotonic()

  def keep(self, path: pathlib.Path, place: str) -> str:
    """Takes a file over, in place of the one before; returns its secret."""
    for token, held in list(self._files.items()):
      if held.place == place:
        self.drop(token)
    token = secrets.token_urlsafe(24)
    kept = self.folder / (secrets.token_hex(16) + path.suffix)
    path.replace(kept)
    self._files[token] = Held(kept, place)
    return token

  def find(self, token: str) -> Held:
    """A file by its secret; raises UsageError where he has none."""
    held = self._files.get(token)
    if held is None:
      raise UsageError(GONE)
    return held

  def drop(self, token: str) -> None:
    """Removes a file."""
    if held := self._files.pop(token, None):
      held.path.unlink(missing_ok=True)

  def remove(self) -> None:
    """Removes all that he has."""
    self._files.clear()
    shutil.rmtree(self.folder, ignore_errors=True)


class Visitors:
  """All browsers that were here of late."""

  def __init__(self, root: pathlib.Path, limits: Limits):
    """Keeps their files below a root."""
    self._root, self._limits = root, limits
    self._visitors: dict[str, Visitor] = {}

  def greet(self, secret: str | None) -> tuple[str, Visitor]:
    """The visitor of a secret and the secret; a new one where it is unknown."""
    visitor = self._visitors.get(secret or '')
    if visitor is None:
      if len(self._visitors) >= _MOST_VISITORS:
        raise UsageError('too many visitors; come back in some minutes')
      secret, visitor = secrets.token_urlsafe(32), Visitor(self._root)
      self._visitors[secret] = visitor
    visitor.touch()
    return secret, visitor

  def know(self, secret: str | None) -> Visitor:
    """A visitor who was here; raises UsageError for others."""
    visitor = self._visitors.get(secret or '')
    if visitor is None:
      raise UsageError(GONE)
    visitor.touch()
    return visitor

  def check_room(self) -> None:
    """Raises UsageError where all files together are too many."""
    if count_bytes(self._root) > 1e9 * self._limits.most_gigabytes:
      raise UsageError(
        'there is no room for more files now; come back in some minutes'
      )

  def sweep(self) -> None:
    """Forgets who was not here for long, and removes his files."""
    oldest = time.monotonic() - 60 * self._limits.keep_minutes
    for secret, visitor in list(self._visitors.items()):
      if visitor.seen < oldest:
        with contextlib.suppress(KeyError):
          del self._visitors[secret]
        visitor.remove()
