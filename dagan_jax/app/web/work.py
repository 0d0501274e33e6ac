"""Does the jobs of visitors, in a process of its own.

Whatever a stranger's file does to the programs that read it, the page goes on.
"""

import contextlib
import io
import logging as python_logging
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

from dagan_jax.app.animation import Studio, open_reenactor
from dagan_jax.app.depth import estimate_depth
from dagan_jax.app.driving import Driving
from dagan_jax.app.extras import Extras
from dagan_jax.app.files import Job
from dagan_jax.app.origins import Signing, describe_origin
from dagan_jax.app.web.checks import check_file, check_pasted
from dagan_jax.app.web.limits import Limits, Serving
from dagan_jax.app.web.requests import SECOND, Made, Request
from dagan_jax.app.web.values import read_options
from dagan_jax.app.web.worker import hide_folders
from dagan_jax.console import progress
from dagan_jax.console.errors import UsageError
from dagan_jax.inference import compile_cache, memory
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice.bridge import ActingSpeaker
from dagan_jax.inference.voice.settings import Acting
from data_pipelines.errors.mendable import DataError
from data_pipelines.media.file_kinds import Kind, is_animation, kind_of

# What each task needs, and what kind of file that is.
NEEDED = {
  'animate': {'portrait': 'picture', 'driving': 'video'},
  'speak': {'portrait': 'picture', 'voice': 'sound'},
  'depth': {'picture': 'either'},
  'compare': {'portrait': 'picture', 'driving': 'video'},
}


class Work:
  """One network, and all that is done with it."""

  def __init__(self, serving: Serving, limits: Limits, signing: Signing):
    """Opens the network.

    Raises:
      UsageError: there is none that animates.
      DataError: the certificate cannot sign.
    """
    self._serving, self._limits = serving, limits
    self._origin = describe_origin(signing=signing)
    self._animator = open_reenactor(
      serving.workdir, Settings(precision=serving.precision)
    )

  def do(self, request: Request, tell: progress.Listener) -> Made:
    """Does a job.

    Args:
      request: all of it.
      tell: is told how far it is.

    Raises:
      DataError, UsageError: a file or an option is of no use.
    """
    for place, kind in NEEDED[request.task].items():
      if place not in request.files:
        raise UsageError(f'{place}: choose a file first')
      check_file(pathlib.Path(request.files[place]), kind, self._limits)
    tasks: dict[str, Callable[[Request], dict[str, str]]] = {
      'animate': self._animate,
      'speak': self._speak,
      'depth': self._find_depth,
      'compare': self._compare,
    }
    with progress.listen(tell), _heard() as notes, _hushed():
      files = tasks[request.task](request)
    return Made(files, list(dict.fromkeys(notes)))

  def _animate(self, request: Request) -> dict[str, str]:
    settings = self._settings(request.values)
    return {'video': self._make(request, settings, 'result.mp4')}

  def _compare(self, request: Request) -> dict[str, str]:
    second = {
      name.removeprefix(SECOND): value
      for name, value in request.values.items()
      if name.startswith(SECOND)
    }
    both = self._settings(request.values), self._settings(second)
    names = 'video', 'second'
    return {
      name: self._make(request, settings, f'{name}.mp4')
      for name, settings in zip(names, both, strict=True)
    }

  def _make(self, request: Request, settings: Settings, name: str) -> str:
    portrait, driving = request.files['portrait'], request.files['driving']
    output = str(pathlib.Path(portrait).with_name(name))
    studio = self._studio(settings, portrait)
    driven = studio.drive(driving)
    if (driven.motion.count or 0) > self._limits.most_frames:
      raise DataError(
        f'{driving}: {driven.motion.count} frames; at most'
        f' {self._limits.most_frames} are taken'
      )
    studio.animate(Job(portrait, driving, output))
    if driven.broken:
      python_logging.warning('%s; the result ends there', driven.broken)
    return output

  def _speak(self, request: Request) -> dict[str, str]:
    acting = read_options(Acting, request.values)
    if acting.videos:
      raise UsageError('no other file is watched here; choose a word')
    source, audio = request.files['portrait'], request.files['voice']
    settings = self._settings(request.values)
    studio = self._studio(settings, source)
    portrait = studio.prepare(source)
    speaker = ActingSpeaker(self._animator, audio, acting, settings)
    with progress.bar(None, unit='frame acted') as bar:

      def show(done: int, total: int | None) -> None:
        bar.total = total
        bar.update(done - bar.n)

      motion = speaker.act(portrait, acting.seed, progress=show)
    output = str(pathlib.Path(source).with_name('result.mp4'))
    driving = Driving(motion, sound=audio)
    studio.make(output, portrait, driving, {'portrait': source, 'voice': audio})
    return {'video': output}

  def _find_depth(self, request: Request) -> dict[str, str]:
    source = pathlib.Path(request.files['picture'])
    is_still = kind_of(source) is Kind.PICTURE and not is_animation(source)
    shown = ('picture', 'depth.png') if is_still else ('video', 'depth.mp4')
    made = {
      shown[0]: str(source.with_name(shown[1])),
      'cloud': str(source.with_name('head.ply')),
    }
    estimate_depth(
      self._serving.depth_workdir,
      str(source),
      list(made.values()),
      crop=self._settings(request.values).crop,
    )
    return made

  def _settings(self, values: dict[str, Any]) -> Settings:
    return read_options(Settings, values, precision=self._serving.precision)

  def _studio(self, settings: Settings, portrait: str) -> Studio:
    if settings.paste_back:
      check_pasted(pathlib.Path(portrait), self._limits)
    self._animator.check_panels(settings.panels)
    return Studio(
      self._animator,
      settings,
      Extras(None),
      self._origin,
      keep_part=False,
      as_folders=False,
    )


class _Notes(python_logging.Handler):
  """Keeps what is logged."""

  def __init__(self):
    super().__init__(python_logging.INFO)
    self.lines: list[str] = []

  def emit(self, record: python_logging.LogRecord) -> None:
    self.lines.append(hide_folders(record.getMessage()))


@contextlib.contextmanager
def _heard() -> Iterator[list[str]]:
  """What is logged meanwhile, of which visitors should know."""
  notes = _Notes()
  python_logging.root.addHandler(notes)
  try:
    yield notes.lines
  finally:
    python_logging.root.removeHandler(notes)


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
  """Commands print the paths that they write; here nobody wants to know."""
  with contextlib.redirect_stdout(io.StringIO()):
    yield


def open_work(
  serving: Serving, limits: Limits, signing: Signing
) -> Callable[[Request, progress.Listener], Made]:
  """What does jobs, for a process of its own; raises as `Work` does."""
  compile_cache.keep()
  memory.keep_freed_memory()
  return Work(serving, limits, signing).do
