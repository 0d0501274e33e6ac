"""How a video or a picture came about, and how the file tells of it."""

from typing import NamedTuple

from data_pipelines.provenance.mark import Mark


class Origin(NamedTuple):
  """What whoever writes a video or a picture writes into it besides.

  Every part may be left out. The comment changes no pixel.
  """

  comment: str | None = None  # for the metadata, see `comments`
  mark: Mark | None = None  # hidden in the pixels


UNTOLD = Origin()
