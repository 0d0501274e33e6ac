"""What is to be done: a list of jobs, each done once, alone, in any order."""

import hashlib
import json
import os
import pathlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

SPEECH = 'speech'  # the kind of a data set that has no pictures
VERSION = 2  # raise it when the same job would give other frames
_TRUTH = 3  # and this one when it would tell more of a rendered face


class Recipe(NamedTuple):
  """How clips are made of videos: all that decides about their bytes."""

  raw: str  # the folder of videos
  size: int = 256  # side of the clips, pixels
  fps: Fraction = Fraction(25)
  encoding: str = 'jpeg'  # or 'png'
  quality: int = 95  # of JPEG
  people: str = 'largest'  # whom to take: see follow.choose
  bridge: int = 12  # frames without a face to bridge
  least: int = 25  # frames of a clip
  longest: int = 1024  # frames of a clip; longer ones are divided
  least_side: int = 64  # of the square in the video, pixels
  detector: str = ''  # see `face_finder`


class Job(NamedTuple):
  """A video, or a part of it, to make clips of."""

  name: str  # its clips' name, or the beginning of their names
  video: str  # path below the folder of videos
  identity: str | None = None  # None: to be found by the face
  split: str = ''  # 'train' or 'test', where the data set fixes it
  start: float = 0.0  # seconds
  end: float | None = None  # None: to the video's end
  box: tuple[float, float, float, float] | None = None  # given crop, see below
  box_size: tuple[int, int] | None = None  # width, height

  # A box is left, top, right, bottom in pixels of a video of `box_size`, or of
  # the video as it is; a width of 0 follows from the height.

  def key(self, recipe: Recipe) -> str:
    """Changes when the result would: names the file that holds it."""
    path = pathlib.Path(recipe.raw) / self.video
    wants = [*self._replace(split='', identity=''), self.identity is None]
    return _digest(wants, stamp(path), *_settings(recipe))


class Listing(NamedTuple):
  """What a data set consists of."""

  jobs: 'Sequence[AnyJob]'  # of one kind
  missing: dict[str, str]  # clips that it lists but cannot have, and why
  passed_over: Mapping[str, Sequence[str]] = MappingProxyType({})  # by reason
  notes: tuple[str, ...] = ()  # what else a user may want to know


class FaceJob(NamedTuple):
  """A rendered face, to be recorded."""

  face: int  # see rendered_faces
  frames: int
  split: str

  @property
  def name(self) -> str:
    """The clip's name, and whose it is."""
    return f'face{self.face}'

  video = ''  # there is none

  @property
  def identity(self) -> str:
    """Whom the clip shows."""
    return self.name

  def key(self, recipe: Recipe) -> str:
    """Changes when the result would: names the file that holds it."""
    return _digest([self.face, self.frames, _TRUTH], *_settings(recipe))


class SpeakerJob(NamedTuple):
  """Somebody rendered who speaks, see `speech.monologue` and `synthetic`."""

  speaker: int
  split: str
  frames: int  # of the speech, 25 a second
  pictures: int = 0  # that are rendered of it; 0: the speech itself is written

  @property
  def name(self) -> str:
    """The speech's name, and whose it is; speakers of splits are others."""
    return f'{self.split}_speaker{self.speaker}'

  video = ''  # there is none

  @property
  def identity(self) -> str:
    """Who speaks."""
    return self.name

  def key(self, recipe: Recipe) -> str:
    """Changes when the result would: names the file that holds it."""
    wants = ['speaker', *self]
    # What only pictures depend on does not make a speech another one.
    return _digest(wants, *(_settings(recipe) if self.pictures else ()))


class RecordingJob(NamedTuple):
  """Somebody who speaks, to be listened to; paths are those below raw."""

  video: str  # or a sound
  identity: str
  transcript: str = ''  # what is said; '': not known
  coefficients: str = ''  # how the face moves; '': it is to be acted
  split: str = ''  # 'train' or 'test', where the folders fix it

  @property
  def name(self) -> str:
    """The speech's name, or the beginning of their names."""
    return self.video

  def key(self, recipe: Recipe) -> str:
    """Changes when the result would: names the file that holds it."""
    raw = pathlib.Path(recipe.raw)
    files = [self.video, self.transcript, self.coefficients]
    stamps = [stamp(raw / name) if name else None for name in files]
    return _digest(
      ['recording', *self._replace(split='')], stamps, recipe.longest
    )


AnyJob = Job | FaceJob | SpeakerJob | RecordingJob


def stamp(path: pathlib.Path) -> list[int] | None:
  """Tells a file's versions apart: time and size; None where there is none.

  Of a folder of frames: its own time and the number of its entries.
  """
  try:
    status = path.stat()
    size = len(os.listdir(path)) if path.is_dir() else status.st_size
  except OSError:
    return None
  return [status.st_mtime_ns, size]


def _settings(recipe: Recipe) -> list:
  """What of a recipe counts, wherever the videos lie."""
  named = recipe.detector
  detector = named and (stamp(pathlib.Path(named)) or named)
  return [*recipe._replace(raw='', fps=str(recipe.fps), detector=''), detector]


def _digest(*parts) -> str:
  text = json.dumps([VERSION, *parts])
  return hashlib.sha256(text.encode()).hexdigest()[:32]
