"""A portrait, prepared: all that does not depend on what drives it."""

import math
from typing import NamedTuple, Protocol, runtime_checkable

import jax
import numpy as np

from dagan_jax.console.errors import UsageError
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

LARGEST = 512  # pixels of a result, unless a size is asked for
STEP = 64  # results have one of few sizes: each is a program to be compiled


@runtime_checkable
class FramedPortrait(Protocol):
  """What finishes pictures knows of a portrait, whatever moves it."""

  picture: np.ndarray  # uint8 'h w 3'
  framing: Framing  # where the square lies that moves
  fine: np.ndarray  # uint8 'S S 3', the square in the size of the results
  mask: np.ndarray | None  # float32 'S S 1', 1: the person; to hold the rest


class Portrait(NamedTuple):
  """A picture, the square of it that moves, and what the network knows of it.

  Made by `Animator.prepare`.
  """

  picture: np.ndarray  # uint8 'h w 3'
  framing: Framing  # where the square lies
  square: np.ndarray  # uint8 's s 3', as the network sees it
  fine: np.ndarray  # uint8 'S S 3', the same in the size of the results
  features: SourceFeatures  # on the device
  mask: np.ndarray | None  # float32 'S S 1', 1: the person; to hold the rest

  @property
  def is_finer(self) -> bool:
    """Whether results have more pixels than the network's pictures."""
    return len(self.fine) > len(self.square)

  @property
  def keypoints(self) -> Keypoints:
    """'k 2' and 'k 2 2', on the host."""
    return jax.tree.map(lambda x: x[0], jax.device_get(self.features.keypoints))


def prepare_portrait(
  programs: Programs, picture: np.ndarray, settings: Settings, name: str
) -> Portrait:
  """See `Animator.prepare`."""
  framing = find_portrait_framing(picture, settings.crop, name)
  square = fine = cut_square(picture, framing, programs.size)
  whole = framing or central(picture)
  size = choose_size(programs, whole.square.side, settings.size)
  if size > programs.size:
    fine = cut_square(picture, framing, size)
  mask = person_mask(fine) if settings.background == 'static' else None
  features = programs.encode(square[None])
  return Portrait(picture, whole, square, fine, features, mask)


def choose_size(programs: Programs, side: float | int, asked: int) -> int:
  """The width of the results in pixels.

  Args:
    programs: of the network.
    side: of the portrait's part that moves, in pixels of the portrait.
    asked: see `Settings.size`.

  Raises:
    UsageError: the network cannot draw at the size that is asked for.
  """
  least, blends = programs.size, programs.reenactor.generator.blend
  if asked and asked != least and (asked < least or not blends):
    able = f'{least} or more pixels' if blends else f'{least} pixels alone'
    raise UsageError(f'size={asked}: this network draws {able}')
  if asked or not blends or side <= least:
    return asked or least
  return max(least, STEP * math.ceil(min(side, LARGEST) / STEP))
