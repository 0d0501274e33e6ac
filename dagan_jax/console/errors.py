"""The error in what a user asks for, and how commands tell of it."""

from data_pipelines.errors.mendable import (
  MendableError,
  exit_code,
)

__all__ = ['UsageError', 'exit_code']


class UsageError(MendableError):
  """What is wrong with a command, config or checkpoint."""
