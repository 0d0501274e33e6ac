"""How a video or a picture came about, and how the file tells of it."""

import pathlib
from typing import NamedTuple

from data_pipelines.provenance.manifests import Manifest
from data_pipelines.provenance.mark import Mark


class Origin(NamedTuple):
  """What whoever writes a video or a picture writes into it besides.

  Every part may be left out. Only the mark changes pixels.
  """

  comment: str | None = None  # for the metadata, see `comments`
  mark: Mark | None = None  # hidden in the pixels
  manifest: Manifest | None = None  # signed, see `manifests`

  def seal(self, path: pathlib.Path) -> None:
    """Signs a whole file, which nobody may change from now on.

    Raises:
      OSError: the disk is full, or the place has gone.
    """
    if self.manifest:
      self.manifest.sign(path)


UNTOLD = Origin()
