"""Estimates what a build takes, from a few seconds of one video."""

import pathlib
import shutil
import tempfile
import time
from typing import NamedTuple

from data_pipelines.builders.work import job_files
from data_pipelines.builders.work.jobs import (
  AnyJob,
  FaceJob,
  Job,
  Listing,
  Recipe,
  RecordingJob,
  SpeakerJob,
)
from data_pipelines.builders.work.process import process
from data_pipelines.builders.writing.report import duration
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import video_reader
from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.media.waveform import RATE, read_waveform

TRIED = 4.0  # seconds of a video
VIDEOS = 5  # to try until one gives a clip
COPIES = 2  # of each frame: a job's file, the data set itself


class Forecast(NamedTuple):
  """How much there is to do."""

  videos: int
  broken: int  # of them cannot be opened
  hours: float  # of video to look at
  speed: float | None  # seconds of video a second, one process; None: no clip
  disk: int | None  # bytes that are needed, if every frame is used
  room: int  # bytes that are free


def forecast(listing: Listing, recipe: Recipe, out: pathlib.Path) -> Forecast:
  """Looks at the beginnings of all videos and does a part of one job."""
  lengths = {job: _seconds(job, recipe) for job in listing.jobs}
  whole = [job for job, seconds in lengths.items() if seconds]
  total = sum(lengths[job] or 0.0 for job in whole)
  speed = disk = None
  for job in whole[:: max(1, len(whole) // VIDEOS)][:VIDEOS]:
    # The first time, models are read.
    _try_beginning(job, recipe, float(recipe.least / recipe.fps))
    spent, size = _try_beginning(job, recipe, TRIED)
    if size:
      tried = lengths[job]
      if not isinstance(job, RecordingJob):
        tried = min(TRIED, tried)
      speed, disk = tried / spent, round(COPIES * size / tried * total)
      break
  nearest = next(p for p in (out, *out.absolute().parents) if p.exists())
  return Forecast(
    videos=len(listing.jobs),
    broken=len(listing.jobs) - len(whole),
    hours=total / 3600,
    speed=speed,
    disk=disk,
    room=shutil.disk_usage(nearest).free,
  )


def text(told: Forecast, processes: int) -> str:
  """Returns a forecast in words, for so many processes."""
  lines = [f'{told.videos} videos, {duration(told.hours)} to look at']
  if told.broken:
    lines.append(f'{told.broken} of them cannot be opened')
  if told.speed is None:
    lines.append('the videos that were tried gave no clip: no forecast')
  else:
    hours = told.hours / told.speed / processes
    lines.append(
      f'about {duration(hours)} with {processes} processes, that is'
      f' {told.speed:.2f} seconds of video a second and process'
    )
    lines.append(
      f'at most {told.disk / 1e9:.2f} GB of disk, half of it for the work that'
      f' --clean removes; {told.room / 1e9:.0f} GB are free'
    )
  return '\n'.join(lines)


def _seconds(job: AnyJob, recipe: Recipe) -> float | None:
  """The length of a job's video; None where it cannot be opened."""
  if isinstance(job, SpeakerJob):
    return job.frames / FRAME_RATE
  if isinstance(job, FaceJob):
    return float(job.frames / recipe.fps)
  try:
    if isinstance(job, RecordingJob):
      pieces = read_waveform(pathlib.Path(recipe.raw) / job.video)
      return sum(map(len, pieces)) / RATE
    probe = video_reader.probe(pathlib.Path(recipe.raw) / job.video)
  except DataError:
    return None
  length = float(probe.frames / probe.rate)
  end = length if job.end is None else min(job.end, length)
  return max(0.0, end - job.start)


def _try_beginning(
  job: AnyJob, recipe: Recipe, length: float
) -> tuple[float, int]:
  """Seconds that a job's beginning of that length took, bytes that it gave."""
  part = _cut_short(job, recipe, length)
  with tempfile.TemporaryDirectory() as folder:
    begin = time.perf_counter()
    outcome = job_files.read(process(part, recipe, pathlib.Path(folder)))
    spent = time.perf_counter() - begin
    return spent, sum(outcome.size(k) for k in range(len(outcome.clips)))


def _cut_short(job: AnyJob, recipe: Recipe, length: float) -> AnyJob:
  """The beginning of a job, so many seconds; all of a recording."""
  if isinstance(job, Job):
    return job._replace(end=job.start + length)
  if isinstance(job, FaceJob):
    return job._replace(frames=min(job.frames, round(length * recipe.fps)))
  if isinstance(job, SpeakerJob):
    frames = min(job.frames, round(length * FRAME_RATE))
    pictures = -(-job.pictures * frames // job.frames)
    return job._replace(frames=frames, pictures=pictures)
  return job
