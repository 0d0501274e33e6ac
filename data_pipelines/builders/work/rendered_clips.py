"""Renders a face, with all that is true about it: a clip without a video."""

import numpy as np

from data_pipelines.builders.work.job_files import (
  JobWriter,
  MadeClip,
)
from data_pipelines.builders.work.jobs import (
  FaceJob,
  Recipe,
)
from data_pipelines.recorded.records import AFTER, BEFORE
from data_pipelines.synthetic import rendered_faces


def write(job: FaceJob, recipe: Recipe, file: JobWriter) -> None:
  """Writes the clip of a rendered face."""
  landmarks = []
  times = [float(index / recipe.fps) for index in range(job.frames)]
  for index, time in enumerate(times):
    seen = rendered_faces.frame(job.face, time, recipe.size)
    own = dict.fromkeys((BEFORE, AFTER), np.full_like(seen.depth, np.nan))
    near = {BEFORE: index - 1, AFTER: index + 1}
    near = {name: k for name, k in near.items() if 0 <= k < job.frames}
    moved = rendered_faces.own_motions(
      job.face, time, [times[k] for k in near.values()], recipe.size
    )
    own |= zip(near, moved, strict=True)
    file.frame(
      0,
      index,
      seen.image,
      depth=seen.depth[..., None],
      nonrigid=seen.nonrigid[..., None].astype(np.uint8),
      camera_from_head=seen.camera_from_head.astype(np.float32),
      **{name: x[..., None].astype(np.float16) for name, x in own.items()},
    )
    landmarks.append(seen.landmarks)
  points = np.stack(landmarks)
  made = MadeClip(
    name=job.name,
    source=f'data_pipelines.synthetic.rendered_faces, face {job.face}',
    start_time=0.0,
    frames=job.frames,
    square=(0.0, 0.0, float(recipe.size)),
    video_size=(recipe.size, recipe.size),
    face_height=float(np.median(np.ptp(points[..., 1], axis=1))),
    embedding=None,
  )
  file.clip(0, made, points)
