"""Makes the clips of a video.

A video is read twice: the one square of a clip is known only when its faces are
in all frames, and the frames of a video do not fit into memory.
"""

import pathlib

import av
import numpy as np
from PIL import Image, ImageDraw

from data_pipelines.builders.work import clip_plans
from data_pipelines.builders.work.clip_plans import Plan
from data_pipelines.builders.work.job_files import (
  JobWriter,
  MadeClip,
)
from data_pipelines.builders.work.jobs import (
  Job,
  Recipe,
)
from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.trouble import passing_reason
from data_pipelines.errors.wording import describe
from data_pipelines.faces import boxes
from data_pipelines.faces.boxes import Square
from data_pipelines.faces.find import (
  Face,
  FaceFinder,
)
from data_pipelines.media import video_reader

PROBES = 5  # frames of a clip by which its person is known
OVERVIEW = 256  # height of the pictures that show the squares, pixels


def write(
  job: Job, recipe: Recipe, file: JobWriter, finder: FaceFinder
) -> None:
  """Writes the clips of a video, or why there is none.

  Where the machine is in trouble, and nothing is said about the video, that
  alone is written: `file.trouble`.
  """
  path = pathlib.Path(recipe.raw) / job.video
  try:
    video = video_reader.read(
      path,
      threads=1,  # as many videos are read at once as there are cores
      rate=recipe.fps,
      start=job.start,
      end=job.end,
    )
    plans = clip_plans.plan_clips(job, recipe, video, file.notes, finder)
    large = []
    for plan in plans:
      if plan.square.side >= recipe.least_side:
        large.append(plan)
        continue
      time = float(job.start + plan.start / recipe.fps)
      file.rejected.append(
        f'the face at {time:.1f} s is too small: its square has'
        f' {plan.square.side:.0f} pixels, {recipe.least_side} are wanted'
      )
    _crop(job, recipe, video, large, file, finder)
    file.trouble = passing_reason(video.broken)
  except DataError as error:
    file.trouble = passing_reason(error)
    file.rejected.append(str(error).removeprefix(f'{path}: '))
  except (av.FFmpegError, ValueError, MemoryError) as error:
    file.trouble = passing_reason(error)
    kind, what = type(error).__name__, describe(error)
    file.rejected.append(f'cannot be decoded ({kind}: {what})')


def _crop(
  job: Job,
  recipe: Recipe,
  video: video_reader.Video,
  plans: list[Plan],
  file: JobWriter,
  finder: FaceFinder,
) -> None:
  probes = [_probes(plan) if job.identity is None else () for plan in plans]
  embeddings = [[] for _ in plans]
  overviews = [None for _ in plans]
  last = max((plan.start + len(plan.faces) for plan in plans), default=0)
  for index, frame in zip(range(last), video, strict=False):
    for number, plan in enumerate(plans):
      within = index - plan.start
      if not 0 <= within < len(plan.faces):
        continue
      image = boxes.crop(frame, plan.square, recipe.size)
      file.frame(number, within, image)
      face = plan.faces[within]
      if within in probes[number]:
        embeddings[number].append(finder.identity(frame, face))
      if within == len(plan.faces) // 2:
        overviews[number] = _overview(frame, plan.square, face)
  for number, plan in enumerate(plans):
    heights = [
      clip_plans.height(face) for face in plan.faces if face is not None
    ]
    known = embeddings[number]
    made = MadeClip(
      name=job.name if job.box else f'{job.name}_{number}',
      source=job.video,
      start_time=float(job.start + plan.start / recipe.fps),
      frames=len(plan.faces),
      square=tuple(map(float, plan.square)),
      video_size=(video.probe.width, video.probe.height),
      face_height=float(np.median(heights)),
      embedding=np.mean(known, axis=0).tolist() if known else None,
    )
    points = _landmarks(plan, recipe.size)
    file.clip(number, made, points, overviews[number])


def _probes(plan: Plan) -> set[int]:
  """Some of the frames with a face, spread over the clip."""
  seen = [k for k, face in enumerate(plan.faces) if face is not None]
  places = np.linspace(0, len(seen) - 1, min(PROBES, len(seen)))
  return {seen[round(place)] for place in places}


def _landmarks(plan: Plan, size: int) -> np.ndarray:
  """float32 (frames, 68, 2) in pixels of the clip; NaN where unknown."""
  unknown = np.full((68, 2), np.nan, np.float32)
  points = np.stack(
    [unknown if face is None else face.landmarks for face in plan.faces]
  )
  corner = np.array([plan.square.left, plan.square.top])
  return ((points - corner) * size / plan.square.side).astype(np.float32)


def _overview(
  frame: np.ndarray, square: Square, face: Face | None
) -> np.ndarray:
  """The frame, made small, with the square and the landmarks in it."""
  scale = OVERVIEW / frame.shape[0]
  width = max(1, round(frame.shape[1] * scale))
  picture = Image.fromarray(frame).resize((width, OVERVIEW))
  draw = ImageDraw.Draw(picture)
  left, top, side = np.array(square) * scale
  draw.rectangle((left, top, left + side, top + side), outline='red', width=2)
  if face is not None and np.isfinite(face.landmarks).all():
    for x, y in face.landmarks * scale:
      draw.ellipse((x - 1, y - 1, x + 1, y + 1), fill='lime')
  return np.asarray(picture)
