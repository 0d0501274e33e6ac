"""Every option of animating: its name, default, meaning and limits."""

import dataclasses
import numbers
from collections.abc import Sequence
from typing import Any

from dagan_jax.console.errors import UsageError
from dagan_jax.console.options import option
from dagan_jax.inference.reenactment.panels import PANELS, check_panels
from dagan_jax.models.layers.precision import PRECISIONS
from data_pipelines.faces.one_person import PEOPLE

MOTIONS = ('relative', 'absolute')
BACKGROUNDS = ('moving', 'static')


def _parse_start(text: str) -> str | int:
  return int(text) if text.isdecimal() else text


@dataclasses.dataclass(frozen=True)
class Settings:
  """How a portrait is moved.

  Flags of the command are made from these fields, and every method of
  `Animator` takes them, as an object or by name.

  Raises:
    UsageError: a value means nothing.
  """

  motion: str = option(
    'relative',
    choices=MOTIONS,
    help="relative: add to the portrait's pose what changes from the driving"
    " frame `start`, scaled to the portrait's face; absolute: take the driving"
    " pose as it is, and with it the shape of the other's face",
  )
  start: str | int = option(
    'best',
    parse=_parse_start,
    help='the driving frame that relative motion starts from: the one posed'
    ' most like the portrait (best), the first (first), or a number from 0; of'
    ' a stream always the first',
  )
  strength: float = option(
    1.0,
    parse=float,
    span=(0.0, 2.0),
    help='how much of the motion is taken: 0 nothing, 1 all',
  )
  smooth: float = option(
    0.0,
    parse=float,
    span=(0.0, 10.0),
    help='hertz: damp what trembles faster, 1 strongly, 3 gently, 0 not at all',
  )
  crop: str | Sequence[int | float] = option(
    'auto',
    help='the part of the portrait that moves: the largest face (auto; needs'
    ' the extra [eval]), the central square (none), or around x,y,w,h in'
    ' pixels',
  )
  crop_driving: str | Sequence[int | float] = option(
    'auto',
    help='the part of the driving video, likewise; auto follows one person, and'
    ' is fixed for each shot, with room for the face wherever it goes; where no'
    ' face of that person is seen, the portrait holds its pose. Of a stream,'
    ' the largest face, looked for as frames come',
  )
  person: str = option(
    'largest',
    choices=PEOPLE,
    help='whom auto follows where a video shows several people: who covers the'
    ' most of it (largest), or whose face is the largest when the first ones'
    ' are seen (first)',
  )
  paste_back: bool = option(
    False, help='put the moving part back into the whole portrait'
  )
  size: int = option(
    0,
    parse=int,
    help='width and height in pixels of the part that moves, for networks that'
    " blend: 0 the portrait's own, to the next 64 pixels and 512 at most, but"
    " no less than the network's pictures. What is kept of the portrait is as"
    ' sharp as the portrait, what is drawn is enlarged. Other networks draw at'
    ' their own size alone',
  )
  background: str = option(
    'moving',
    choices=BACKGROUNDS,
    help='behind the person: moved along with the head, as networks do it'
    ' (moving), or held as the portrait shows it (static; needs the extra'
    ' [eval])',
  )
  grid: str = option(
    'result',
    several=PANELS,
    help='what is shown side by side, comma-separated, in the order given:'
    f' some of {", ".join(PANELS)}. The result alone keeps its size, all else'
    ' is as high as the part that moves. Depth is that of the driving frame,'
    ' and so are keypoints; occlusion is dark where the portrait is not seen'
    ' and must be made up',
  )
  debug_identity: bool = option(
    False,
    help='show the part of the portrait unmoved, to look at crop and paste',
  )
  provenance: bool = option(
    True,
    help='say in every video and picture that commands write that this program'
    ' made it: by an invisible mark in the pixels and a signed C2PA manifest;'
    ' --noprovenance leaves both out, and metadata alone say so',
  )
  precision: str | None = option(
    None,
    choices=PRECISIONS,
    help='of what moves and draws (default: float32 on processors, bfloat16 on'
    ' accelerators)',
  )

  def __post_init__(self):
    self.check()

  @property
  def panels(self) -> tuple[str, ...]:
    """The names in `grid`."""
    return tuple(self.grid.split(','))

  def change(self, **changes: Any) -> 'Settings':
    """The same but for some fields."""
    return dataclasses.replace(self, **changes) if changes else self

  def check(self) -> None:
    """Raises UsageError for values that mean nothing."""
    for field in dataclasses.fields(self):
      value, choices = getattr(self, field.name), field.metadata['choices']
      if choices and value not in (field.default, *choices):
        raise UsageError(
          f'{field.name}={value}: choose from {", ".join(choices)}'
        )
    for name in ('strength', 'smooth'):
      value = getattr(self, name)
      if not 0 <= value < float('inf'):
        raise UsageError(f'{name}={value}: give a number, 0 or more')
    if self.size < 0:
      raise UsageError(f'size={self.size}: give a number of pixels, or 0')
    is_number = isinstance(self.start, numbers.Integral) and self.start >= 0
    if not is_number and self.start not in ('best', 'first'):
      raise UsageError(
        f'start={self.start}: give best, first or a number from 0'
      )
    check_panels(self.panels)
