"""Jobs of HDTF: talking heads in videos of YouTube, by its official lists.

The lists are those of https://github.com/MRzzm/HDTF, folder HDTF_dataset, as
its README of 2021 tells and the files themselves have them; a line for each
video or clip, separated by spaces:

  RD_video_url.txt       Radio11 https://www.youtube.com/watch?v=...
  RD_annotion_time.txt   Radio11.mp4 00:30-01:00 01:30-02:30
  RD_crop_wh.txt         Radio11_0.mp4 412 599 0 599      left width top height
  RD_resolution.txt      Radio11.mp4 720                  the video's height

and the same for WDA and WRA. Clip k of a video is its k-th interval. Boxes
count in the video at the listed height; without that list, in the video as it
is. Clips without a box are not the authors' choice and left out. There is no
official split.

Put the lists into the folder of videos, or into HDTF_dataset/ below it, and the
videos beside them as Radio11.mp4 or RD/Radio11.mp4.
"""

import pathlib
import re
from collections.abc import Iterator

from data_pipelines.builders.listings.named_videos import find_named_videos
from data_pipelines.builders.work.jobs import (
  Job,
  Listing,
)
from data_pipelines.errors.mendable import DataError

PARTS = ('RD', 'WDA', 'WRA')
SOURCE = 'get HDTF_dataset from https://github.com/MRzzm/HDTF'

Rows = dict[str, list[str]]  # the words of a line by its first, less '.mp4'


def list_jobs(raw: pathlib.Path, identity: str) -> Listing:
  """Returns a job for each clip whose video is there.

  A person is a video's name without the digits at its end. The videos of RD are
  but numbered: 'Radio' is one person, so that nobody is in both splits.

  Args:
    raw: the folder of lists and videos.
    identity: 'cluster' to go by the faces instead.

  Raises:
    DataError: a list is missing or is not as above, or no video is there.
  """
  lists = raw / 'HDTF_dataset'
  lists = lists if lists.is_dir() else raw
  parts = [p for p in PARTS if (lists / f'{p}_video_url.txt').is_file()]
  if not parts:
    raise DataError(f'{lists}: holds no list RD_video_url.txt; {SOURCE}')
  found, listed = Listing([], {}), set()
  videos = find_named_videos(raw, lists.glob('*.txt'))
  for part in parts:
    for job in _clips(lists, part, found.missing):
      video = videos.found.get(job.video)
      listed.add(job.video)
      if video is None:
        found.missing[job.name] = f'{job.video}.mp4 is not there'
      elif identity == 'cluster':
        found.jobs.append(job._replace(video=video, identity=None))
      else:
        found.jobs.append(job._replace(video=video))
  if not found.jobs:
    raise DataError(
      f'{raw}: holds none of the videos that the lists name; put them there as'
      ' Radio11.mp4 or RD/Radio11.mp4'
    )
  # Told of already: clips without a box.
  listed |= {clip.rpartition('_')[0] for clip in found.missing}
  return found._replace(passed_over=videos.leave_out_unlisted(listed))


def _clips(
  lists: pathlib.Path, part: str, missing: dict[str, str]
) -> Iterator[Job]:
  """The clips of a part; their videos are names yet."""
  times = _rows(lists / f'{part}_annotion_time.txt')
  boxes = _rows(lists / f'{part}_crop_wh.txt')
  heights = lists / f'{part}_resolution.txt'
  heights = _rows(heights) if heights.is_file() else {}
  for video in _rows(lists / f'{part}_video_url.txt'):
    for number, interval in enumerate(times.get(video, ())):
      name = f'{video}_{number}'
      if name not in boxes:
        missing[name] = 'HDTF lists no box for it'
        continue
      try:
        start, end = map(_seconds, interval.split('-'))
        left, width, top, height = map(int, boxes[name])
        box_size = (0, int(heights[video][0])) if video in heights else None
      except (ValueError, IndexError):
        raise DataError(
          f'{lists}: {name} has an interval, box or height that cannot be read:'
          f' {interval}, {" ".join(boxes[name])}; {SOURCE} anew'
        ) from None
      person = re.sub(r'\d+$', '', video)
      box = (left, top, left + width, top + height)
      yield Job(name, video, person, '', start, end, box, box_size)


def _rows(path: pathlib.Path) -> Rows:
  if not path.is_file():
    raise DataError(f'{path}: there is no such list; {SOURCE}')
  rows = {}
  for line in path.read_text(encoding='utf-8').splitlines():
    if words := line.split():
      rows[words[0].removesuffix('.mp4')] = words[1:]
  return rows


def _seconds(time: str) -> float:
  """Of '01:30' or '1:01:30'."""
  total = 0
  for part in time.split(':'):
    total = 60 * total + int(part)
  return float(total)
