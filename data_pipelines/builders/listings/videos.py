"""Jobs of any folder of videos, laid out as video_folder tells.

Where no video lies in a sub-folder, or has a '#' in its name, nothing says who
is in it: people are then told apart by their faces.
"""

import collections
import pathlib

from data_pipelines.builders.work.jobs import (
  Job,
  Listing,
)
from data_pipelines.reading import video_folder
from data_pipelines.reading.video_folder import FoundClip


def list_jobs(raw: pathlib.Path, identity: str) -> Listing:
  """Returns a job for each video below `raw`, in the order of their names.

  Args:
    raw: a folder of videos, or of `train` and `test`.
    identity: 'folder', 'cluster', or '' for what the layout suggests.

  Raises:
    DataError: there is no video.
  """
  found = video_folder.find(str(raw), '--raw')
  clips = [
    (split, clip) for split, some in found.clips.items() for clip in some
  ]
  named = found.fixes_splits or any(
    '#' in clip.path.stem or '/' in clip.name for _, clip in clips
  )
  by_face = identity == 'cluster' or (not identity and not named)
  counts = collections.Counter((split, clip.name) for split, clip in clips)
  jobs = [
    _job(raw, split, clip, counts[split, clip.name] > 1, by_face)
    for split, clip in clips
  ]
  return Listing(jobs, {}, found.passed_over)


def _job(
  raw: pathlib.Path, split: str, clip: FoundClip, shared: bool, by_face: bool
) -> Job:
  below = clip.path.relative_to(raw).as_posix()
  # Clips need names of their own: train/1.mp4, test/1.mp4 and test/1.mov.
  name = below if shared else (pathlib.PurePath(split) / clip.name).as_posix()
  own = clip.identity == clip.name  # it is a person of its own
  identity = None if by_face else name if own else clip.identity
  return Job(name, below, identity, split)
