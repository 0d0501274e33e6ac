"""Jobs of recordings of people who speak.

A recording is a sound, or a video with one; beside it lies a file of its name
that ends in .txt, what is said in it, or in .npz or .mat, how the face moves in
it; or one of each.
"""

import collections
import pathlib

from data_pipelines.builders.work.coefficient_files import SUFFIXES
from data_pipelines.builders.work.jobs import Listing, RecordingJob
from data_pipelines.errors.mendable import DataError
from data_pipelines.media.folders import list_folder, walk
from data_pipelines.reading.video_folder import SPLITS

TRANSCRIPT = '.txt'
ALONE = 'recordings without a transcript (.txt) or coefficients (.npz, .mat)'
OTHERS = 'neither a recording nor anything that belongs to one'


def list_jobs(raw: pathlib.Path) -> Listing:
  """A job for each recording below `raw`, in the order of their names.

  The top folder below `raw` is the person, or what stands before a # in a
  file's name, or the file itself; folders train and test are the splits.

  Raises:
    DataError: there is no recording that anything is known of.
  """
  jobs, passed_over = [], collections.defaultdict(list)
  has_splits = all((raw / split).is_dir() for split in SPLITS)
  for folder in walk(raw):
    entries = list_folder(folder)
    beside = {path.name: path for path in entries.others}
    for path in [*entries.videos, *entries.sounds]:
      below = path.relative_to(raw)
      transcript = beside.pop(path.stem + TRANSCRIPT, None)
      measured = [beside.pop(path.stem + suffix, None) for suffix in SUFFIXES]
      coefficients = next((one for one in measured if one), None)
      if not transcript and not coefficients:
        passed_over[ALONE].append(below.as_posix())
        continue
      jobs.append(_job(raw, below, transcript, coefficients, has_splits))
    rest = [*beside.values(), *entries.pictures]
    passed_over[OTHERS] += [path.relative_to(raw).as_posix() for path in rest]
  if not jobs:
    raise DataError(
      f'{raw}: holds no recording with a file of the same name beside it that'
      ' ends in .txt (what is said) or .npz or .mat (how the face moves)'
    )
  return Listing(jobs, {}, passed_over)


def _job(raw, below, transcript, coefficients, has_splits) -> RecordingJob:
  split, who = '', below
  if has_splits and below.parts[0] in SPLITS:
    split, who = below.parts[0], below.relative_to(below.parts[0])
  person = who.parts[0] if len(who.parts) > 1 else who.stem
  if '#' in who.stem:
    person = who.stem.split('#')[0]
  transcript, coefficients = (
    path.relative_to(raw).as_posix() if path else ''
    for path in (transcript, coefficients)
  )
  return RecordingJob(below.as_posix(), person, transcript, coefficients, split)
