"""What a job is asked to do: plain values that go from process to process."""

from typing import NamedTuple

TASKS = ('animate', 'speak', 'depth', 'compare')
# The option that says which part of a file is looked at.
CROPS = {'portrait': 'crop', 'driving': 'crop_driving', 'picture': 'crop'}


class Request(NamedTuple):
  """One job.

  Attributes:
    task: one of TASKS.
    files: paths in the job's folder, by what they are: portrait, driving, ...
    values: options by name, as numbers, words or texts; those of a second
      video, to compare with, begin with SECOND.
  """

  task: str
  files: dict[str, str]
  values: dict[str, object]


SECOND = 'second.'


class Made(NamedTuple):
  """What a job made.

  Attributes:
    files: paths in the job's folder, by what they are: video, cloud, ...
    notes: lines that tell what the visitor may not expect.
  """

  files: dict[str, str]
  notes: list[str]
