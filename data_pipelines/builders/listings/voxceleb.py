"""Jobs of VoxCeleb: celebrities in videos of YouTube, by FOMM's lists of crops.

The list is vox-metadata.csv of
https://github.com/AliaksandrSiarohin/video-preprocessing, as that file and
load_videos.py, which reads it, have it:

  video_id,start,end,bbox,fps,width,height,partition,person_id
  WMh3ye5tBsE,3657,3994,624-48-1018-553,25,1280,720,train,id10005

Start and end count frames at `fps`; the box is left, top, right, bottom in a
video of `width` x `height`. What crop_vox.py writes, for VoxCeleb2 too, may
have neither partition (then people are held out as in other data sets) nor
person_id (then video_id is WMh3ye5tBsE#id10005). The boxes are not square; the
original squashes them, here the square around them is taken.

Put the list into the folder of videos, and the videos beside it, or into any
one folder there, as WMh3ye5tBsE.mp4.
"""

import csv
import pathlib
from collections.abc import Iterator

from data_pipelines.builders.listings.named_videos import find_named_videos
from data_pipelines.builders.work.jobs import (
  Job,
  Listing,
)
from data_pipelines.errors.mendable import DataError
from data_pipelines.reading.video_folder import SPLITS

SOURCE = (
  'get vox-metadata.csv from'
  ' https://github.com/AliaksandrSiarohin/video-preprocessing'
)


def list_jobs(raw: pathlib.Path, identity: str) -> Listing:
  """Returns a job for each clip whose video is there; splits are the list's.

  Args:
    raw: the folder of the list, or of several (*.csv), and of the videos.
    identity: 'cluster' to go by the faces instead of the list's people.

  Raises:
    DataError: there is no list, it is not as above, or no video is there.
  """
  lists = sorted(raw.glob('*.csv'))
  if not lists:
    raise DataError(f'{raw}: holds no list of clips; {SOURCE}')
  videos = find_named_videos(raw, lists)
  found = Listing([], {})
  # A clip that is listed twice is one clip.
  clips = {job.name: job for path in lists for job in _clips(path)}.values()
  for job in clips:
    if job.video not in videos.found:
      found.missing[job.name] = f'{job.video}.mp4 is not there'
      continue
    who = None if identity == 'cluster' else job.identity
    found.jobs.append(job._replace(video=videos.found[job.video], identity=who))
  if not found.jobs:
    raise DataError(
      f'{raw}: holds none of the videos that the list names; put them there as'
      ' VIDEO_ID.mp4'
    )
  passed_over = videos.leave_out_unlisted(job.video for job in clips)
  return found._replace(passed_over=passed_over)


def _clips(path: pathlib.Path) -> Iterator[Job]:
  """The clips of a list; their videos are names yet."""
  with open(path, encoding='utf-8', newline='') as file:
    for row in csv.DictReader(file):
      try:
        yield _job(row)
      except (KeyError, ValueError, TypeError, AttributeError):
        line = ','.join(str(value) for value in row.values())
        raise DataError(
          f'{path}: a line that cannot be read, {line}; {SOURCE} anew'
        ) from None


def _job(row: dict[str, str]) -> Job:
  """The clip of a line; its video is a name yet."""
  video, _, person = row['video_id'].partition('#')
  person = row.get('person_id') or person or video
  rate = float(row['fps'])
  left, top, right, bottom = map(int, row['bbox'].split('-'))
  split = row.get('partition') or ''
  if split not in ('', *SPLITS) or right <= left or bottom <= top:
    raise ValueError('no such split or box')
  start, end = int(row['start']), int(row['end'])
  return Job(
    name=f'{person}#{video}#{start:06}#{end:06}',
    video=video,
    identity=person,
    split=split,
    start=start / rate,
    end=end / rate,
    box=(left, top, right, bottom),
    box_size=(int(row['width']), int(row['height'])),
  )
