"""Lets portraits speak, from files to files."""

import dataclasses
import functools
import os
import pathlib

from dagan_jax.app.animation import Studio, open_reenactor
from dagan_jax.app.driving import Driving
from dagan_jax.app.extras import Extras
from dagan_jax.app.network_option import workdir_option
from dagan_jax.app.origins import Signing
from dagan_jax.app.outputs import check_outputs
from dagan_jax.console import progress
from dagan_jax.console.errors import UsageError
from dagan_jax.console.options import option
from dagan_jax.inference.gohd.animator import GohdAnimator
from dagan_jax.inference.gohd.programs import holds_gohd
from dagan_jax.inference.gohd.speaking import Speaker
from dagan_jax.inference.motion import DrawsPortraits
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice.bridge import ActingSpeaker
from dagan_jax.inference.voice.settings import Acting
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import video_writer


@dataclasses.dataclass(frozen=True, kw_only=True)
class VoiceFiles:
  """The command's options that name files; flags are made from them.

  Raises:
    UsageError: they do not go together.
  """

  workdir: str | None = workdir_option(
    'a trained or converted network that animates, a workdir of GoHD that'
    ' convert made'
  )
  source: str = option(help='the portrait: a picture of any size')
  audio: str = option(
    parse=os.path.expanduser,
    help='the voice: a sound file of any kind, or a video with a soundtrack',
  )
  output: str = option(
    parse=os.path.expanduser,
    help='.mp4, which has the sound, .gif or .webp; a name without suffix: a'
    ' folder of PNG frames',
  )
  face_model: str | None = option(
    None,
    parse=os.path.expanduser,
    help="the Basel Face Model, in whose terms GoHD's published networks"
    ' measure faces: BFM_model_front.mat, as Deep3DFaceRecon makes it (default:'
    " the rendered people's faces, which are nearly as large)",
  )
  samples: int = option(
    1,
    parse=int,
    help='how many performances, of one seed after another: out-1.mp4 and so'
    ' on',
  )
  save: str | None = option(
    None,
    help='what is kept beside each video, comma-separated: motion, to drive'
    ' other portraits by animate --driving; depth and pointcloud. As for'
    ' animate',
  )
  contact_sheet: str | None = option(
    None,
    parse=os.path.expanduser,
    help='a PNG of source, driver, result and how it came about, to look at',
  )

  def __post_init__(self):
    if self.samples < 1:
      raise UsageError(f'--samples={self.samples}: give 1 or more')
    if self.samples > 1 and self.contact_sheet:
      raise UsageError('--contact_sheet is for one sample alone')

  @property
  def outputs(self) -> list[str]:
    """The videos' paths, one for each sample."""
    if self.samples == 1:
      return [self.output]
    path = pathlib.Path(self.output)
    stem, suffix = path.stem, path.suffix
    numbers = range(1, self.samples + 1)
    return [str(path.with_name(f'{stem}-{n}{suffix}')) for n in numbers]


def speak_files(
  files: VoiceFiles,
  acting: Acting,
  settings: Settings,
  signing: Signing | None = None,
) -> None:
  """Does all that the command is asked for; prints every path it writes.

  Raises:
    UsageError: the workdir holds no network that animates, or an option is
      wrong.
    DataError: the portrait shows no face, the sound cannot be read, or the
      output not written.
    KeyboardInterrupt: Ctrl-C. Of one video what was made by then is written and
      kept; of several, those that are whole.
  """
  extras = Extras(files.save, many=files.samples > 1)
  _check_places(files, acting, extras)
  studio = Studio.open(
    files.workdir,
    settings,
    extras,
    signing,
    keep_part=files.samples == 1,
    as_folders=False,
    open_animator=functools.partial(_open_animator, files),
  )
  speaks = Speaker if holds_gohd(files.workdir) else ActingSpeaker
  portrait = studio.prepare(files.source)
  speaker = speaks(studio.animator, files.audio, acting, settings)
  made_of = {'portrait': files.source, 'voice': files.audio}
  made_of |= {f'video {n}': path for n, path in enumerate(acting.videos, 1)}
  for number, output in enumerate(files.outputs):
    with progress.bar(None, unit='frame acted') as bar:
      motion = speaker.act(
        portrait,
        acting.seed + number,
        progress=functools.partial(_show, bar),
      )
    driving = Driving(motion, sound=files.audio)
    studio.make(output, portrait, driving, made_of, files.contact_sheet)


def _show(bar, done: int, total: int | None) -> None:
  """Shows how many frames are done, and of how many."""
  bar.total = total
  bar.update(done - bar.n)


def _open_animator(
  files: VoiceFiles, workdir: str | None, settings: Settings
) -> DrawsPortraits:
  """What moves the portrait: GoHD's networks, or those of a reenactor.

  Raises:
    UsageError: there is no such network, or it does not do what is asked for.
  """
  if not holds_gohd(workdir):
    if files.face_model:
      raise UsageError(
        "--face_model is for GoHD's networks; name their workdir, --workdir, or"
        ' leave the flag out'
      )
    return open_reenactor(workdir, settings)
  if files.contact_sheet:
    raise UsageError(
      '--contact_sheet shows how a reenactor makes its pictures, and this'
      " workdir holds GoHD's networks; --grid=source,result shows theirs"
    )
  animator = GohdAnimator.open(workdir, files.face_model)
  animator.check(settings)
  return animator


def _check_places(files: VoiceFiles, acting: Acting, extras: Extras) -> None:
  """Raises DataError where results cannot go, or a video is missing.

  Before anything is heard, which may take long.
  """
  for path in acting.videos:
    if not os.path.exists(path):
      raise DataError(
        f'{path}: there is no such video, and no such word for --pose,'
        ' --expression or --gaze'
      )
  kept = [path for output in files.outputs for path in extras.paths(output)]
  inputs = [files.source, files.audio, *acting.videos]
  check_outputs([*files.outputs, *kept], inputs, files.contact_sheet)
  for output in files.outputs:
    video_writer.check_place(output)
