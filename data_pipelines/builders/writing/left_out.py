"""What a build left out, and why; what else there is to say of single files."""

import collections
from collections.abc import Iterator, Sequence
from typing import Any

from data_pipelines.builders.work.job_files import Outcome
from data_pipelines.builders.work.jobs import AnyJob, Job, Listing
from data_pipelines.errors.wording import list_few


def summarise(listing: Listing, outcomes: Sequence[Outcome]) -> dict[str, Any]:
  """The part of report.json that a report of any kind has.

  videos: how many there were to make clips of.
  rejected: {'video', 'why'} of each video or part of a video without a clip.
  not_read: {'video', 'why'} of each that could not be read this time.
  passed_over: {'why', 'files'} of what lay beside the videos.
  notes: what else one may want to know of single videos.
  """
  rejected = [
    {'video': _title(job), 'why': why}
    for job, outcome in zip(listing.jobs, outcomes, strict=True)
    for why in outcome.rejected
    if not outcome.trouble
  ]
  rejected += [
    {'video': name, 'why': why} for name, why in listing.missing.items()
  ]
  return {
    'videos': len(listing.jobs) + len(listing.missing),
    'rejected': rejected,
    'not_read': [
      {'video': _title(job), 'why': outcome.trouble}
      for job, outcome in zip(listing.jobs, outcomes, strict=True)
      if outcome.trouble
    ],
    'passed_over': [
      {'why': why, 'files': files}
      for why, files in listing.passed_over.items()
      if files
    ],
    'notes': [
      *(note for outcome in outcomes for note in outcome.notes),
      *listing.notes,
    ],
  }


def tell(told: dict[str, Any]) -> list[str]:
  """What `summarise` returned, in lines; none where there is nothing."""
  lines = []
  if told['rejected']:
    without = len({one['video'] for one in told['rejected']})
    lines += ['', f'rejected, of {without} of {told["videos"]} videos']
    lines += _group(told['rejected'])
  if told['not_read']:
    lines += ['', 'not read this time; the same command tries them again']
    lines += _group(told['not_read'])
  if told['passed_over']:
    lines += ['', 'passed over']
    for one in told['passed_over']:
      count, names = len(one['files']), list_few(one['files'])
      lines.append(f'  {count} files, {one["why"]}: {names}')
  if told['notes']:
    lines += ['', 'notes', *(f'  {note}' for note in told['notes'])]
  return lines


def _group(told: Sequence[dict[str, str]]) -> Iterator[str]:
  """A line for each reason, the most frequent first."""
  reasons = collections.defaultdict(list)
  for one in told:
    reasons[one['why']].append(one['video'])
  for why, videos in sorted(reasons.items(), key=lambda item: -len(item[1])):
    yield f'  {list_few(videos)}: {why}'


def _title(job: AnyJob) -> str:
  """The video, or the clip where it is one that the data set lists."""
  if not isinstance(job, Job):
    return job.video or job.name
  return job.name if job.box else job.video
