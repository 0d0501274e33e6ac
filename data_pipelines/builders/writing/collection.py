"""The clips of all jobs together: whose they are, and in which split."""

from collections.abc import Sequence
from typing import NamedTuple

from data_pipelines.builders.work.job_files import (
  MadeClip,
  Outcome,
)
from data_pipelines.builders.work.jobs import AnyJob
from data_pipelines.builders.writing import identities
from data_pipelines.errors.mendable import DataError
from data_pipelines.reading.video_folder import SPLITS

VERSION = '1.0.0'  # raise it when data sets are laid out in another way


class PlacedClip(NamedTuple):
  """A clip of the data set, and where its frames are."""

  made: MadeClip
  identity: str
  outcome: Outcome
  number: int  # among the clips of its outcome


def split(
  jobs: Sequence[AnyJob],
  outcomes: Sequence[Outcome],
  test_fraction: float,
) -> dict[str, list[PlacedClip]]:
  """Returns the clips of each split, in the order of the jobs.

  Who has no identity gets one by the face, split by split where the splits are
  given. Otherwise `test_fraction` of the people are held out.

  Raises:
    DataError: there is no clip, or a person is in both given splits.
  """
  found = {name: [] for name in ('', *SPLITS)}
  for job, outcome in zip(jobs, outcomes, strict=True):
    for number, made in enumerate(outcome.clips):
      clip = PlacedClip(made, job.identity, outcome, number)
      found[job.split].append(clip)
  found = {name: _name_people(clips) for name, clips in found.items()}
  test = identities.hold_out(
    (clip.identity for clip in found['']), test_fraction
  )
  for clip in found.pop(''):
    found['test' if clip.identity in test else 'train'].append(clip)
  people = [{clip.identity for clip in found[name]} for name in SPLITS]
  both = people[0] & people[1]
  if both:
    raise DataError(
      f'{len(both)} people are in the train and in the test split, such as'
      f' {min(both)}; move each to one of the two'
    )
  return {name: clips for name, clips in found.items() if clips}


def _name_people(clips: list[PlacedClip]) -> list[PlacedClip]:
  nameless = [clip.made for clip in clips if clip.identity is None]
  names = [made.name for made in nameless]
  found = identities.cluster(names, [made.embedding for made in nameless])
  people = dict(zip(names, found, strict=True))
  return [
    clip._replace(identity=people[clip.made.name])
    if clip.identity is None
    else clip
    for clip in clips
  ]
