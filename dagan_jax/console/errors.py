"""The error in what a user asks of a network."""

from data_pipelines.errors.mendable import MendableError


class UsageError(MendableError):
  """Says in one line what is wrong with a command, a config or a checkpoint."""
