"""Makes a data set: from what a user wants to a folder of records.

Every video is a job of its own: read at a constant rate, faces found, followed
and cropped, encoded, kept in one file below OUT/.work. When all are done, their
clips are written as a data set of TensorFlow Datasets. Stopped at any moment,
the same settings go on; the same videos and settings give the same bytes.
"""

import dataclasses
import functools
import importlib.util
import os
import pathlib
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from data_pipelines.builders.listings import (
  hdtf,
  recordings,
  rendered,
  speakers,
  videos,
  voxceleb,
)
from data_pipelines.builders.work import (
  forecast,
  process,
  processes,
)
from data_pipelines.builders.work.job_files import Outcome
from data_pipelines.builders.work.jobs import (
  SPEECH,
  Listing,
  Recipe,
  RecordingJob,
  SpeakerJob,
)
from data_pipelines.builders.writing import (
  assembly,
  collection,
  report,
  speech_report,
)
from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.wording import list_passed_over
from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.reading import copies
from data_pipelines.speech.programs import check_programs

LISTINGS = {
  'videos': videos.list_jobs,
  'hdtf': hdtf.list_jobs,
  'voxceleb': voxceleb.list_jobs,
}
RENDERED = ('synthetic', 'speakers')  # they need no files
NAMES = (*LISTINGS, *RENDERED)


@dataclasses.dataclass(frozen=True)
class Settings:
  """What a data set is made of, and how; the flags of `data_pipelines.build`.

  The command's flags have these names and defaults, and say what each means.
  """

  name: str  # one of NAMES
  out: str
  raw: str = ''
  size: int = 256
  fps: Fraction = Fraction(25)
  encoding: str = 'jpeg'
  quality: int = 95
  people: str = 'largest'
  bridge: int = 12
  shortest: float = 1.0
  longest: float = 40.0
  least_side: int = 64
  identity: str = ''
  test_fraction: float = 0.1
  licence: str = 'unknown'
  detector: str = ''
  jobs: int = os.cpu_count() or 1
  dry_run: bool = False
  clean: bool = False
  beam_runner: str | None = None
  beam_options: str = ''
  identities: int = 100
  clip_frames: int = 125
  speakers: int = 100
  seconds: float = 15.0
  frames: int = 0


def build(settings: Settings) -> str:
  """Makes the data set, unless it is there; returns what there is to tell.

  Raises:
    DataError: settings, videos or lists are of no use, something is missing,
      or a place cannot be written.
    OSError: a place cannot be written.
  """
  recipe = _recipe(settings)
  parts = [(_listing(settings), recipe)]
  if settings.name == 'speakers' and settings.frames:
    if settings.raw:
      raise DataError(
        '--frames draws rendered speakers; of recordings, --name=videos makes'
        ' pictures'
      )
    parts.append(_list_pictures(settings, recipe))
  _check_packages()
  if settings.name == 'speakers' and not settings.raw:
    check_programs()
  if settings.name not in RENDERED:
    # By its name: which one '' stands for may change until the build goes on.
    detector = process.finder(recipe.detector).name
    parts = [(parts[0][0], recipe._replace(detector=detector))]
  make = _forecast if settings.dry_run else _make
  return '\n'.join(make(settings, *part) for part in parts)


def _forecast(settings: Settings, listing: Listing, recipe: Recipe) -> str:
  told = forecast.forecast(listing, recipe, pathlib.Path(settings.out))
  beside = [*list_passed_over(listing.passed_over), *listing.notes]
  return '\n'.join([forecast.text(told, settings.jobs), *beside])


def _make(settings: Settings, listing: Listing, recipe: Recipe) -> str:
  """Makes a data set of a listing, unless it is there."""
  out, beam = pathlib.Path(settings.out), {}
  run = functools.partial(processes.do_in_processes, count=settings.jobs)
  if settings.beam_runner:
    from data_pipelines.builders.work import beam_work

    beam = beam_work.settings(
      settings.beam_runner, settings.beam_options, settings.jobs
    )
    run = functools.partial(beam_work.do_in_pipeline, **beam)
  with assembly.workplace(out) as folder:
    kind = SPEECH if _is_spoken(listing) else str(recipe.size)
    place = assembly.place(out, settings.name, kind)
    state = assembly.state(
      settings.name, listing, recipe, settings.test_fraction, settings.licence
    )
    assembly.recover(place)
    if not assembly.is_there(place, folder, state):
      outcomes = processes.do_jobs(listing.jobs, recipe, folder, run)
      written = _assemble(settings, listing, outcomes, recipe, folder, beam)
      is_all = not any(outcome.trouble for outcome in outcomes)
      assembly.put(written, place, folder, state if is_all else None)
    # What could not be read shall not cost all other work again.
    if settings.clean and assembly.is_there(place, folder, state):
      assembly.clean(folder)
  told = (place / 'report.txt').read_text()
  return f'{told}\n{place}: the data set; look at contact_sheet.png there'


def _check_packages() -> None:
  """What is missing shall be told now, not after a night's work."""
  for package in ('tensorflow_datasets', 'array_record'):
    if importlib.util.find_spec(package) is None:
      raise DataError(
        f"{package} is not installed: `pip install 'dagan_jax[train]'` brings"
        ' what data sets are written with'
      )


def _assemble(
  settings: Settings,
  listing: Listing,
  outcomes: Sequence[Outcome],
  recipe: Recipe,
  folder: pathlib.Path,
  beam: dict[str, Any],
) -> pathlib.Path:
  """Writes the data set below `folder`; returns its version folder."""
  splits = collection.split(listing.jobs, outcomes, settings.test_fraction)
  if not splits:
    why = outcomes[0].trouble or outcomes[0].rejected[0]
    first = listing.jobs[0].video, why
    raise DataError(
      f'{recipe.raw}: not one clip in {len(outcomes)} videos; the first,'
      f' {": ".join(first)}'
    )
  if _is_spoken(listing):
    from data_pipelines.builders.writing import speech_writer

    written = speech_writer.write(splits, settings.licence, folder / 'fresh')
    speech_report.write(listing, outcomes, splits, written)
    return written
  from data_pipelines.builders.writing import tfds_writer

  written = tfds_writer.write(
    settings.name, splits, recipe, settings.licence, folder / 'fresh', beam
  )
  told = report.summary(listing, outcomes, splits, recipe)
  report.write(told, splits, written)
  return written


def _recipe(settings: Settings) -> Recipe:
  limits = {
    'size': (settings.size, 16, 4096),
    'fps': (settings.fps, 1, 240),
    'quality': (settings.quality, 1, 100),
    'bridge': (settings.bridge, 0, 10_000),
    'shortest': (settings.shortest, 0, settings.longest / 2),
    'test_fraction': (settings.test_fraction, 0, 1),
    'jobs': (settings.jobs, 1, 1000),
  }
  for name, (value, least, most) in limits.items():
    if not least <= value <= most:
      raise DataError(f'--{name}={value} is not within {least} and {most}')
  if not re.fullmatch(r'largest|leftmost|all|\d+', settings.people):
    raise DataError(
      f'--people={settings.people} is neither largest, leftmost, all nor a'
      ' number'
    )
  return Recipe(
    raw=settings.raw,
    size=settings.size,
    fps=settings.fps,
    encoding=settings.encoding,
    quality=settings.quality,
    people=settings.people,
    bridge=settings.bridge,
    least=max(2, round(settings.shortest * settings.fps)),
    longest=max(2, round(settings.longest * settings.fps)),
    least_side=settings.least_side,
    detector=settings.detector,
  )


def _is_spoken(listing: Listing) -> bool:
  """Whether it is of speeches rather than of pictures."""
  first = listing.jobs[0]
  if isinstance(first, SpeakerJob):
    return not first.pictures
  return isinstance(first, RecordingJob)


def _list_pictures(
  settings: Settings, recipe: Recipe
) -> tuple[Listing, Recipe]:
  """Speakers' pictures: every so many-th of the frames of their speeches."""
  listing = speakers.list_jobs(
    settings.speakers,
    settings.seconds,
    settings.test_fraction,
    settings.frames,
  )
  step = listing.jobs[0].frames // settings.frames
  return listing, recipe._replace(fps=Fraction(FRAME_RATE, step))


def _listing(settings: Settings) -> Listing:
  if settings.name == 'speakers' and not settings.raw:
    return speakers.list_jobs(
      settings.speakers, settings.seconds, settings.test_fraction
    )
  if settings.name == 'synthetic':
    return rendered.list_jobs(
      settings.identities, settings.clip_frames, settings.test_fraction
    )
  raw, out = pathlib.Path(settings.raw), pathlib.Path(settings.out)
  if not settings.raw or not raw.is_dir():
    raise DataError(f'--raw={settings.raw}: there is no such folder')
  if raw.resolve() in (out.resolve(), *out.resolve().parents):
    raise DataError(
      f'--out={out} is inside of --raw={raw}: the data set would be taken for'
      ' videos; give a folder elsewhere'
    )
  if settings.name == 'speakers':
    return recordings.list_jobs(raw)
  by_face = settings.name == 'videos' and settings.people == 'all'
  identity = settings.identity or ('cluster' if by_face else '')
  listing = LISTINGS[settings.name](raw, identity)
  notes = copies.describe_copies(
    copies.NamedVideo(raw / job.video, job.video, job.identity)
    for job in listing.jobs
    if job.identity is not None
  )
  return listing._replace(notes=tuple(notes))
