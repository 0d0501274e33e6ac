"""The one kind of error that a user's data can cause."""


class DataError(ValueError):
  """Says in one line what is wrong with the user's data, and how to mend it.

  Commands print the message without a traceback and exit with code 2.
  """
