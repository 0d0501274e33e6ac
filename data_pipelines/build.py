"""Makes a data set of videos: `python -m data_pipelines.build`.

Every video is a job of its own: read at a constant rate, faces found, followed
and cropped, encoded, kept in one file below OUT/.work. When all are done, their
clips are written as a data set of TensorFlow Datasets. Stopped at any moment,
the same command goes on; the same videos and flags give the same bytes.
docs/data.md tells the layout, and what becomes of odd videos.
"""

import argparse
import functools
import importlib.util
import logging
import os
import pathlib
import re
import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from data_pipelines.builders.listings import (
  hdtf,
  rendered,
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
  Listing,
  Recipe,
)
from data_pipelines.builders.writing import (
  assembly,
  collection,
  report,
)
from data_pipelines.errors.mendable import (
  DataError,
  exit_code,
)

LISTINGS = {
  'videos': videos.listing,
  'hdtf': hdtf.listing,
  'voxceleb': voxceleb.listing,
}
RUNNERS = ('DirectRunner', 'FlinkRunner', 'SparkRunner', 'DataflowRunner')


def build(flags: argparse.Namespace) -> None:
  """Makes the data set that the flags tell of, see `parser`.

  Raises:
    DataError: flags, videos or lists are of no use, or something is missing.
  """
  recipe, listing = _recipe(flags), _listing(flags)
  out = pathlib.Path(flags.out)
  # What is missing shall be told now, not after a night's work.
  for package in ('tensorflow_datasets', 'array_record'):
    if importlib.util.find_spec(package) is None:
      raise DataError(
        f"{package} is not installed: `pip install 'dagan_jax[train]'` brings"
        ' what data sets are written with'
      )
  if flags.name != 'synthetic':
    process.finder(recipe.detector)
  if flags.dry_run:
    told = forecast.forecast(listing, recipe, out)
    print(forecast.text(told, flags.jobs))
    return
  beam = {}
  run = functools.partial(processes.in_processes, number=flags.jobs)
  if flags.beam_runner:
    from data_pipelines.builders.work import beam_work

    beam = beam_work.settings(flags.beam_runner, flags.beam_options, flags.jobs)
    run = functools.partial(beam_work.in_pipeline, **beam)
  with assembly.workplace(out) as folder:
    place = assembly.place(out, flags.name, recipe)
    state = assembly.state(
      flags.name, listing, recipe, flags.test_fraction, flags.licence
    )
    if not assembly.is_there(place, folder, state):
      outcomes = processes.outcomes(listing.jobs, recipe, folder, run)
      written = _assembled(flags, listing, outcomes, recipe, folder, beam)
      assembly.put(written, place, folder, state)
    if flags.clean:
      assembly.clean(folder)
  print((place / 'report.txt').read_text())
  print(f'{place}: the data set; look at contact_sheet.png there')


def parser() -> argparse.ArgumentParser:
  """The command line."""
  made = argparse.ArgumentParser(
    prog='python -m data_pipelines.build',
    description='Makes a data set of videos; stopped, the same command goes'
    ' on.',
  )
  add = made.add_argument
  add('--name', required=True, choices=[*LISTINGS, 'synthetic'])
  add('--raw', default='', metavar='DIR', help='the folder of videos')
  add('--out', required=True, metavar='DIR', help='where the data set goes')
  add('--size', type=int, default=256, help='side of the pictures, pixels')
  add('--fps', type=Fraction, default=Fraction(25), help='25, 30000/1001, ...')
  add('--encoding', choices=('jpeg', 'png'), default='jpeg')
  add('--quality', type=int, default=95, help='of JPEG, 1 to 100')
  add(
    '--people',
    default='largest',
    metavar='largest|leftmost|all|INDEX',
    help='whom to take where there are several; INDEX counts from the left',
  )
  add(
    '--bridge',
    type=int,
    default=12,
    metavar='FRAMES',
    help='for so long a face may be lost and still be followed',
  )
  add('--shortest', type=float, default=1.0, help='seconds of a clip')
  add('--longest', type=float, default=40.0, help='seconds; then it is divided')
  add(
    '--least_side',
    type=int,
    default=64,
    metavar='PIXELS',
    help="a clip's square in the video must be so large",
  )
  add(
    '--identity',
    choices=('folder', 'cluster'),
    default='',
    help='who is who: by folders and lists, or by the faces; default: by the'
    ' faces where nothing else tells, or --people=all takes several',
  )
  add('--test_fraction', type=float, default=0.1, help='of the people')
  add('--licence', default='unknown', metavar='TEXT', help='of the videos')
  add('--detector', default='', metavar='FILE.onnx', help="YuNet; else dlib's")
  add('--jobs', type=int, default=os.cpu_count(), metavar='N', help='processes')
  add('--dry_run', action='store_true', help='say what time and space it takes')
  add('--clean', action='store_true', help='remove the work in OUT/.work')
  add('--beam_runner', choices=RUNNERS, help='work on Apache Beam')
  add(
    '--beam_options', default='', metavar='a=b,c=d', help='flags of the runner'
  )
  add('--identities', type=int, default=100, help='of --name=synthetic')
  add('--clip_frames', type=int, default=125, help='of --name=synthetic')
  return made


def main() -> None:
  """Parses the command line, builds, ends with 0, 2 (user's error) or 130."""
  # TensorFlow talks, unless told not to before it is there; TFDS by absl.
  os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
  os.environ.setdefault('TF_ENABLE_ONEDNN_OPTS', '0')
  logging.getLogger('absl').setLevel(logging.ERROR)
  flags = parser().parse_args()

  def command() -> None:
    try:
      build(flags)
    except OSError as error:
      raise DataError(f'{error}; free some room or mend it') from None

  stopped = 'stopped; the same command goes on from here'
  sys.exit(exit_code(command, stopped=stopped))


def _assembled(
  flags: argparse.Namespace,
  listing: Listing,
  outcomes: Sequence[Outcome],
  recipe: Recipe,
  folder: pathlib.Path,
  beam: dict[str, Any],
) -> pathlib.Path:
  """Writes the data set below `folder`; returns its version folder."""
  splits = collection.split(listing.jobs, outcomes, flags.test_fraction)
  if not splits:
    first = listing.jobs[0].video, outcomes[0].rejected[0]
    raise DataError(
      f'{recipe.raw}: not one clip in {len(outcomes)} videos; the first,'
      f' {": ".join(first)}'
    )
  from data_pipelines.builders.writing import tfds_writer

  written = tfds_writer.write(
    flags.name, splits, recipe, flags.licence, folder / 'fresh', beam
  )
  told = report.summary(listing, outcomes, splits, recipe)
  report.write(told, splits, written)
  return written


def _recipe(flags: argparse.Namespace) -> Recipe:
  limits = {
    'size': (flags.size, 16, 4096),
    'fps': (flags.fps, 1, 240),
    'quality': (flags.quality, 1, 100),
    'bridge': (flags.bridge, 0, 10_000),
    'shortest': (flags.shortest, 0, flags.longest / 2),
    'test_fraction': (flags.test_fraction, 0, 1),
    'jobs': (flags.jobs, 1, 1000),
  }
  for name, (value, least, most) in limits.items():
    if not least <= value <= most:
      raise DataError(f'--{name}={value} is not within {least} and {most}')
  if not re.fullmatch(r'largest|leftmost|all|\d+', flags.people):
    raise DataError(
      f'--people={flags.people} is neither largest, leftmost, all nor a number'
    )
  return Recipe(
    raw=flags.raw,
    size=flags.size,
    fps=flags.fps,
    encoding=flags.encoding,
    quality=flags.quality,
    people=flags.people,
    bridge=flags.bridge,
    least=max(2, round(flags.shortest * flags.fps)),
    longest=max(2, round(flags.longest * flags.fps)),
    least_side=flags.least_side,
    detector=flags.detector,
  )


def _listing(flags: argparse.Namespace) -> Listing:
  if flags.name == 'synthetic':
    return rendered.listing(
      flags.identities, flags.clip_frames, flags.test_fraction
    )
  raw, out = pathlib.Path(flags.raw), pathlib.Path(flags.out)
  if not flags.raw or not raw.is_dir():
    raise DataError(f'--raw={flags.raw}: there is no such folder')
  if raw.resolve() in (out.resolve(), *out.resolve().parents):
    raise DataError(
      f'--out={out} is inside of --raw={raw}: the data set would be taken for'
      ' videos; give a folder elsewhere'
    )
  by_face = flags.name == 'videos' and flags.people == 'all'
  identity = flags.identity or ('cluster' if by_face else '')
  return LISTINGS[flags.name](raw, identity)


if __name__ == '__main__':
  main()
