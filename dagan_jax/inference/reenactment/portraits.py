"""A portrait, prepared: all that does not depend on what drives it."""

from typing import NamedTuple

import jax
import numpy as np

from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.reenactment.crops import (
  cut_square,
  find_portrait_framing,
)
from dagan_jax.inference.reenactment.programs import Programs
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.models.dagan.reenactor import SourceFeatures
from data_pipelines.faces.framing import (
  Framing,
  central,
)
from data_pipelines.faces.person_mask import person_mask


class Portrait(NamedTuple):
  """A picture, the square of it that moves, and what the network knows of it.

  Made by `Animator.prepare`.
  """

  picture: np.ndarray  # uint8 'h w 3'
  framing: Framing  # where the square lies
  square: np.ndarray  # uint8 's s 3'
  features: SourceFeatures  # on the device
  mask: np.ndarray | None  # float32 's s 1', 1: the person; to hold the rest

  @property
  def keypoints(self) -> Keypoints:
    """'k 2' and 'k 2 2', on the host."""
    return jax.tree.map(lambda x: x[0], jax.device_get(self.features.keypoints))


def prepare_portrait(
  programs: Programs, picture: np.ndarray, settings: Settings, name: str
) -> Portrait:
  """See `Animator.prepare`."""
  framing = find_portrait_framing(picture, settings.crop, name)
  square = cut_square(picture, framing, programs.size)
  mask = person_mask(square) if settings.background == 'static' else None
  features = programs.encode(square[None])
  return Portrait(picture, framing or central(picture), square, features, mask)
