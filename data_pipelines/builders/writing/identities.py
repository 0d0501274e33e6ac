"""Whom each clip shows, and which people are held out."""

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.cluster import hierarchy

from data_pipelines.errors.mendable import DataError
from data_pipelines.reading.video_folder import draw_people

# Clips nearer than this show one person. dlib's own limit between two pictures
# is 0.6; means over several frames of two people may lie a little nearer.
SAME = 0.5
MOST = 20_000  # clips to compare: each with each


def cluster(
  names: Sequence[str], embeddings: Sequence[Sequence[float]]
) -> list[str]:
  """Returns an identity for each clip: clips of one face share it.

  Agglomerative clustering: the two groups whose clips are nearest on average
  become one, as long as they are less than SAME apart. A person bears the name
  of the first of the clips, so that further videos change little.

  Args:
    names: of the clips, all different.
    embeddings: n of 128 numbers, the mean over some frames of a clip.

  Raises:
    DataError: too many clips.
  """
  if len(names) > MOST:
    raise DataError(
      f'{len(names)} clips are too many to find out by their faces who is who'
      f' (at most {MOST}); put videos of one person into one folder and give'
      ' --identity=folder'
    )
  if len(names) < 2:
    return list(names)
  tree = hierarchy.linkage(np.asarray(embeddings, np.float64), 'average')
  groups = hierarchy.fcluster(tree, SAME, 'distance').tolist()
  first: dict[int, str] = {}
  return [
    first.setdefault(group, name)
    for group, name in zip(groups, names, strict=True)
  ]


def hold_out(identities: Iterable[str], fraction: float) -> set[str]:
  """Returns the people of the test split: `fraction` of them, rounded.

  One at least, unless there is but one or the fraction is 0. Those who would be
  held out of a folder of videos as well.
  """
  people = draw_people(identities)
  count = round(fraction * len(people))
  if fraction > 0 and len(people) > 1:
    count = max(1, count)
  return set(people[:count])
