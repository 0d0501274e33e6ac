"""A portrait made ready: all that does not depend on what drives it."""

import typing
from typing import Literal, NamedTuple

import jax
import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.reenactment.crops import (
  Crop,
  framed,
  portrait_framing,
)
from dagan_jax.inference.reenactment.programs import Programs
from dagan_jax.models.dagan.reenactor import SourceFeatures
from data_pipelines.faces.framing import (
  Framing,
  central,
)
from data_pipelines.faces.person_mask import person_mask

Background = Literal['moving', 'static']
BACKGROUNDS = typing.get_args(Background)


class Portrait(NamedTuple):
  """A picture, the square of it that moves, and what the network knows of it.

  Made by `Animator.portrait`.
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


def check_background(background: str) -> None:
  """Raises UsageError for none of BACKGROUNDS."""
  if background not in BACKGROUNDS:
    raise UsageError(
      f'background={background}: choose from {", ".join(BACKGROUNDS)}'
    )


def made_ready(
  programs: Programs,
  picture: np.ndarray,
  crop: Crop,
  background: str,
  name: str,
) -> Portrait:
  """See `Animator.portrait`."""
  check_background(background)
  framing = portrait_framing(picture, crop, name)
  square = framed(picture, framing, programs.size)
  mask = person_mask(square) if background == 'static' else None
  features = programs.encode(square[None])
  return Portrait(picture, framing or central(picture), square, features, mask)
