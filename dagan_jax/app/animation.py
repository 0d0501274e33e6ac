"""Moves portraits as videos move, from files to files: one, or many."""

import pathlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

import numpy as np
from absl import logging

from dagan_jax.app.contact_sheet import draw_contact_sheet
from dagan_jax.app.driving import Driving, check_driving, open_driving
from dagan_jax.app.extras import Extras
from dagan_jax.app.files import Files, Job, list_jobs
from dagan_jax.app.origins import Signing, describe_origin, name_inputs
from dagan_jax.app.outputs import check_outputs
from dagan_jax.console import progress
from dagan_jax.console.errors import UsageError
from dagan_jax.inference.motion import DrawsPortraits
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.inference.reenactment.settings import Settings
from data_pipelines.errors.mendable import DataError, MendableError
from data_pipelines.errors.wording import list_passed_over
from data_pipelines.media import pictures, video_writer
from data_pipelines.provenance.origin import Origin

Result = TypeVar('Result')


def animate_files(
  files: Files, settings: Settings, signing: Signing | None = None
) -> None:
  """Does all that the command is asked for; prints every path it writes.

  Of many videos those that are there are kept, and where one fails the others
  are made all the same.

  Raises:
    UsageError: the workdir holds no network that animates, or an option is
      wrong; or, of many videos, some failed: the log says why.
    DataError: portrait or video cannot be read, or the output not written. Of a
      video that breaks off, what came before the break is written and kept.
    KeyboardInterrupt: Ctrl-C. Of one video what was made by then is written and
      kept. Of many, nothing remains of the one in the making, for what is there
      counts as whole the next time.
  """
  jobs, passed_over = list_jobs(files)
  extras = Extras(files.save, many=files.are_many)
  if files.are_many:
    _check_folder(pathlib.Path(files.output), jobs)
  else:
    _check_places(jobs[0], extras, files.contact_sheet)
  studio = Studio.open(
    files.workdir,
    settings,
    extras,
    signing,
    keep_part=not files.are_many,
    as_folders=files.format == 'png',
  )
  try:
    if files.are_many:
      _animate_many(studio, jobs, pathlib.Path(files.output))
      return
    (job,) = jobs
    studio.animate(job, files.contact_sheet)
  finally:
    for line in list_passed_over(passed_over):
      logging.info('%s', line)
  if broken := studio.drive(job.driving).broken:
    raise DataError(f'{broken}; {job.output} ends there')


def open_reenactor(workdir: str | None, settings: Settings) -> Animator:
  """The network of a workdir or a box; None: the package's.

  Raises:
    UsageError: there is no network that animates, or it does not show a panel
      that is asked for.
  """
  animator = Animator.open(workdir, precision=settings.precision)
  animator.check_panels(settings.panels)
  return animator


class Studio:
  """Animates one job after another with one network.

  A video is watched once: its motion alone is kept. Of portraits the last one
  is kept, for jobs are in their order.
  """

  def __init__(
    self,
    animator: DrawsPortraits,
    settings: Settings,
    extras: Extras,
    origin: Origin,
    *,
    keep_part: bool,
    as_folders: bool,
  ):
    """Args:
    animator: the network.
    settings: how portraits are moved.
    extras: what is kept beside the videos.
    origin: what all that is written says of how it came about.
    keep_part: whether of a video that is stopped the beginning is kept.
    as_folders: whether videos are folders of pictures, whatever their names.
    """
    self.animator, self._settings = animator, settings
    self._extras, self._keep_part = extras, keep_part
    self._as_folders = as_folders
    self._origin = origin
    self._portraits: dict[str, Future[Any]] = {}
    self._driving: dict[str, Future[Driving]] = {}

  @classmethod
  def open(
    cls,
    workdir: str | None,
    settings: Settings,
    extras: Extras,
    signing: Signing | None,
    *,
    keep_part: bool,
    as_folders: bool,
    open_animator: Callable[
      [str | None, Settings], DrawsPortraits
    ] = open_reenactor,
  ) -> 'Studio':
    """A studio with the network of a workdir or a box; None: the package's.

    Args:
      workdir: see `Animator.open`.
      settings: as for the studio itself, and all that follow.
      extras: what is kept beside the videos; its networks are opened.
      signing: who signs what is written.
      keep_part: see above.
      as_folders: see above.
      open_animator: opens the network, and checks that settings suit it.

    Raises:
      UsageError: there is no network that animates, or it does not show a panel
        that is asked for, or an option is wrong.
      DataError: the certificate cannot be read, or cannot sign.
    """
    origin = describe_origin(settings.provenance, signing)
    animator = open_animator(workdir, settings)
    extras.open(workdir)
    return cls(
      animator,
      settings,
      extras,
      origin,
      keep_part=keep_part,
      as_folders=as_folders,
    )

  def animate(self, job: Job, sheet: str | None = None) -> None:
    """Makes a video, and prints every path that is written.

    Raises:
      UsageError: the video has no such frame as it shall start from.
      DataError: something cannot be read, or a place not be written.
      KeyboardInterrupt: Ctrl-C.
    """
    check_driving(job.driving, self._settings, self._extras, sheet)
    portrait = self.prepare(job.source)
    made_of = {'portrait': job.source, 'driving': job.driving}
    self.make(job.output, portrait, self.drive(job.driving), made_of, sheet)

  def make(
    self,
    output: str,
    portrait: Any,
    driving: Driving,
    made_of: dict[str, str],
    sheet: str | None = None,
  ) -> None:
    """Moves a prepared portrait; writes and raises as `animate` does.

    Args:
      output: where the video goes.
      portrait: what `prepare` gave.
      driving: what it moves like.
      made_of: the paths of all that is used, by what they are.
      sheet: where a contact sheet goes.
    """
    motion = driving.motion
    frames = self.animator.frames(portrait, motion, self._settings)
    self._extras.write(output, portrait, motion)
    origin = name_inputs(self._origin, made_of)
    is_stopped = self._write(output, frames, driving, origin)
    print(output)
    if is_stopped:
      logging.warning('%s ends where it was stopped', output)
      raise KeyboardInterrupt
    if sheet:
      picture = draw_contact_sheet(
        self.animator, portrait, motion, self._settings
      )
      pictures.write_picture(sheet, picture, origin)
      print(sheet)

  def prepare(self, source: str) -> Any:
    """A file's portrait, prepared; raises as the animator's `prepare` does."""
    if source not in self._portraits:
      self._portraits = {source: _attempt(self._prepare, source)}
    return self._portraits[source].result()

  def drive(self, driving: str) -> Driving:
    """What drives; raises as `open_driving` does."""
    if driving not in self._driving:
      self._driving[driving] = _attempt(
        open_driving, self.animator, driving, self._settings
      )
    return self._driving[driving].result()

  def _prepare(self, source: str) -> Any:
    picture = pictures.read_picture(source)
    return self.animator.prepare(picture, self._settings, name=source)

  def _write(
    self,
    output: str,
    frames: Iterator[np.ndarray],
    driving: Driving,
    origin: Origin,
  ) -> bool:
    """Writes a video; whether Ctrl-C ended it early."""
    count = 0
    with (
      video_writer.VideoWriter(
        output,
        driving.motion.rate,
        sound=driving.soundtrack,
        origin=origin,
        as_folder=self._as_folders,
      ) as writer,
      progress.bar(driving.motion.count, unit='frame') as bar,
    ):
      try:
        for frame in frames:
          writer.write(frame)
          count += 1
          bar.update()
      except KeyboardInterrupt:
        if not (count and self._keep_part):
          raise
        return True
    return False


def _animate_many(
  studio: Studio, jobs: list[Job], folder: pathlib.Path
) -> None:
  """Does the jobs whose videos are not there yet; goes on where one fails.

  Raises:
    UsageError: the folder of the videos cannot be made; or, at the end, some
      failed, with their number.
  """
  try:
    folder.mkdir(parents=True, exist_ok=True)
  except OSError as error:
    raise UsageError(
      f'{folder}: no folder can be made ({error.strerror})'
    ) from None
  missing = [job for job in jobs if not pathlib.Path(job.output).exists()]
  failed, cut = [], []
  for number, job in enumerate(missing, 1):
    logging.info('%d of %d: %s', number, len(missing), job.output)
    name = pathlib.Path(job.output).name
    try:
      studio.animate(job)
    except MendableError as error:
      logging.warning('failed: %s', error)
      failed.append(f'{name}: {error}')
    else:
      if broken := studio.drive(job.driving).broken:
        cut.append(f'{name}: {broken}')
  logging.info(
    '%d made, %d were there already, %d failed',
    len(missing) - len(failed),
    len(jobs) - len(missing),
    len(failed),
  )
  for line in cut:
    logging.warning('made, but cut short: %s', line)
  for line in failed:
    logging.warning('failed: %s', line)
  if failed:
    raise UsageError(
      f'{len(failed)} of {len(jobs)} failed, as told above; the same command'
      ' tries only these again'
    )


def _check_folder(folder: pathlib.Path, jobs: list[Job]) -> None:
  """Raises UsageError for a folder where the videos of all cannot go."""
  if folder.exists() and not folder.is_dir():
    raise UsageError(f'{folder} is a file: the videos of all go into a folder')
  read = {
    pathlib.Path(path).resolve().parent
    for job in jobs
    for path in (job.source, job.driving)
  }
  if folder.resolve() in read:
    raise UsageError(
      f'{folder} holds what is read: name a folder for the videos'
    )


def _check_places(job: Job, extras: Extras, sheet: str | None) -> None:
  """Raises DataError where results of one job cannot go."""
  outputs = [job.output, *extras.paths(job.output)]
  check_outputs(outputs, [job.source, job.driving], sheet)
  video_writer.check_place(job.output)


def _attempt(work: Callable[..., Result], *arguments) -> Future[Result]:
  """Does some work now; gives its result, or raises its error, ever after."""
  future = Future()
  try:
    future.set_result(work(*arguments))
  except MendableError as error:
    future.set_exception(error)
  return future
