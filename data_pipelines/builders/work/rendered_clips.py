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
from data_pipelines.synthetic import rendered_faces


def write(job: FaceJob, recipe: Recipe, file: JobWriter) -> None:
  """Writes the clip of a rendered face."""
  landmarks = []
  for index in range(job.frames):
    seen = rendered_faces.frame(
      job.face, float(index / recipe.fps), recipe.size
    )
    file.frame(
      0,
      index,
      seen.image,
      depth=seen.depth[..., None],
      nonrigid=seen.nonrigid[..., None].astype(np.uint8),
      camera_from_head=seen.camera_from_head.astype(np.float32),
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
