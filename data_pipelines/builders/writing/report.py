"""Says what came of a build: report.json, report.txt and contact_sheet.png."""

import json
import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from data_pipelines.builders.work.job_files import Outcome
from data_pipelines.builders.work.jobs import (
  Listing,
  Recipe,
)
from data_pipelines.builders.writing import left_out
from data_pipelines.builders.writing.collection import PlacedClip
from data_pipelines.media import pictures
from data_pipelines.media.encoded_images import decode_image

BOUNDS = (0, 64, 128, 256, 512)  # of faces' heights, pixels of the video
ROWS, MOMENTS, SIDE = 24, 5, 128  # of the contact sheet; pixels
BAR = 40  # characters

Splits = dict[str, Sequence[PlacedClip]]


def summary(
  listing: Listing,
  outcomes: Sequence[Outcome],
  splits: Splits,
  recipe: Recipe,
) -> dict[str, Any]:
  """Returns all that there is to say about a build, for report.json.

  videos: how many there were to make clips of.
  clips, identities, hours: of each split.
  rejected: {'video', 'why'} of each video or part of a video without a clip.
  not_read: {'video', 'why'} of each that could not be read this time.
  passed_over: {'why', 'files'} of what lay beside the videos.
  notes: what else one may want to know of single videos.
  face_heights: clips by the median height of the face in the video, pixels.
  recipe: how the clips were made.
  """
  clips = [clip for each in splits.values() for clip in each]
  heights = np.array([clip.made.face_height for clip in clips])
  counts, _ = np.histogram(heights, [*BOUNDS, np.inf])
  return {
    'splits': {
      name: {
        'clips': len(each),
        'identities': len({clip.identity for clip in each}),
        'hours': round(_hours(each, recipe), 4),
      }
      for name, each in splits.items()
    },
    **left_out.summarise(listing, outcomes),
    'face_heights': dict(zip(map(_bin, BOUNDS), counts.tolist(), strict=True)),
    'recipe': {**recipe._asdict(), 'raw': '', 'fps': str(recipe.fps)},
  }


def write(told: dict[str, Any], splits: Splits, folder: pathlib.Path) -> None:
  """Writes what `summary` returned, and a contact sheet, into a folder.

  Raises:
    OSError, DataError: the folder cannot be written.
  """
  (folder / 'report.json').write_text(json.dumps(told, indent=1))
  (folder / 'report.txt').write_text(text(told))
  pictures.write_picture(folder / 'contact_sheet.png', contact_sheet(splits))


def text(told: dict[str, Any]) -> str:
  """Returns what `summary` returned in words."""
  lines = []
  for name, split in told['splits'].items():
    lines.append(
      f'{name}: {split["clips"]} clips of {split["identities"]} people,'
      f' {duration(split["hours"])}'
    )
  lines += ['', 'height of the faces in the videos, pixels']
  most = max(told['face_heights'].values())
  for bin_, count in told['face_heights'].items():
    bar = '#' * -(-BAR * count // most)
    lines.append(f'  {bin_:>10} {count:6} {bar}'.rstrip())
  lines += left_out.tell(told)
  return '\n'.join(lines) + '\n'


def duration(hours: float) -> str:
  """'50 seconds', '50 minutes', '2.5 hours'."""
  if hours * 60 < 2:
    return f'{hours * 3600:.0f} seconds'
  if hours < 2:
    return f'{hours * 60:.0f} minutes'
  return f'{hours:.1f} hours'


def contact_sheet(splits: Splits) -> np.ndarray:
  """Returns some clips, a row each: the video with the square, then moments.

  uint8 (rows * 128, width, 3). The clips are spread over the data set.
  """
  clips = [clip for each in splits.values() for clip in each]
  places = np.linspace(0, len(clips) - 1, min(ROWS, len(clips)))
  rows = [_row(clips[round(place)]) for place in places]
  width = max(row.shape[1] for row in rows)
  return np.concatenate(
    [np.pad(row, ((0, 0), (width - row.shape[1], 0), (0, 0))) for row in rows]
  )


def _row(clip: PlacedClip) -> np.ndarray:
  places = np.linspace(0, clip.made.frames - 1, MOMENTS)
  wanted = {round(place) for place in places}
  moments = [
    pictures.square(decode_image(image), SIDE)
    for index, (image, *_) in enumerate(clip.outcome.frames(clip.number))
    if index in wanted
  ]
  moments += moments[-1:] * (MOMENTS - len(moments))
  overview = clip.outcome.overview(clip.number)
  if overview is None:
    return np.concatenate(moments, axis=1)
  width = max(1, round(overview.shape[1] * SIDE / overview.shape[0]))
  video = Image.fromarray(overview).resize((width, SIDE))
  return np.concatenate([np.asarray(video), *moments], axis=1)


def _hours(clips: Sequence[PlacedClip], recipe: Recipe) -> float:
  frames = sum(clip.made.frames for clip in clips)
  return float(frames / recipe.fps / 3600)


def _bin(bound: int) -> str:
  end = [*BOUNDS, None][BOUNDS.index(bound) + 1]
  return f'{bound} to {end}' if end else f'over {bound}'
