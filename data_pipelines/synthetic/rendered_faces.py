"""Talking heads rendered in NumPy: the data set that needs no files.

An index (any integer from 0) is an identity with its own way of moving; time
is in seconds from 0. The same index, time and size give the same pixels on
every machine: the maths is elementwise, without BLAS, in float32 where it only
adds, multiplies, divides and takes square roots, and rounded to bytes at the
end. A person is modelled more coarsely for small pictures. The
last 16 people are remembered: draw all frames of one before the next.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic import camera, render
from data_pipelines.synthetic.anatomy import anatomy
from data_pipelines.synthetic.motion import Motion
from data_pipelines.synthetic.motion import motion as motion_of
from data_pipelines.synthetic.person import person as person_of

# Faces to test on count from here, far from any number of faces to train on.
FIRST_TEST_FACE = 1_000_000


class Frame(NamedTuple):
  """A picture and everything that is true about it.

  Camera coordinates: metres, x right, y down, z ahead. Head coordinates have
  the same axes when the head faces the camera. Pixels: the picture spans
  [0, size] x [0, size], so that the first pixel's middle is (0.5, 0.5). Depth
  and masks are those of the pixels' middles; image is anti-aliased.

  nonrigid marks surfaces that can move otherwise than rigidly with the head,
  whether they do now or not: lids and eyes, brows, mouth, jaw, the cheeks as
  far as a smile moves them by 0.5 mm, neck and shoulders. Where it is False,
  foreground moves by camera_from_head alone and the background stands still.

  Gaze is (yaw, pitch) of each eyeball in the head, radians: 0 looks where the
  nose points, positive yaw to the image's right, positive pitch down.
  """

  image: np.ndarray  # (size, size, 3) uint8
  depth: np.ndarray  # (size, size) float32, metres along z, the wall's too
  foreground: np.ndarray  # (size, size) bool, head, hair, neck, shoulders
  nonrigid: np.ndarray  # (size, size) bool
  intrinsics: np.ndarray  # (3, 3) float64, pixels
  camera_from_head: np.ndarray  # (4, 4) float64
  landmarks: np.ndarray  # (68, 2) float32, (x, y) in pixels, iBUG's order
  landmarks_3d: np.ndarray  # (68, 3) float32, metres, camera coordinates
  expression: np.ndarray  # (52,) float32 weights of anatomy.EXPRESSIONS
  gaze: np.ndarray  # (2, 2) float32, right eye (image's left), left eye


def image(
  index: int,
  time: float,
  size: int,
  motion: int | None = None,
  *,
  clean: bool = False,
) -> np.ndarray:
  """The picture (size, size, 3) uint8 of one moment, the same as frame's.

  motion: the index whose head pose and expression to wear instead. clean: seen
  by a camera without noise, blur, compression and false colours.
  """
  person = person_of(index, size)
  moment = motion_of(index if motion is None else motion, time)
  light = render.light(person, moment, render.pose(person, moment), size)
  return _develop(light, index, time, clean)


def _develop(light, index: int, time: float, clean: bool) -> np.ndarray:
  used = camera.SPOTLESS_CAMERA if clean else camera.camera(index)
  return camera.develop(light, used, (index, round(time * 1_000_000)))


def frame(
  index: int,
  time: float,
  size: int,
  motion: int | None = None,
  *,
  clean: bool = False,
) -> Frame:
  """One moment with its depth, masks, camera, pose and landmarks.

  motion and clean: see `image`.
  """
  person = person_of(index, size)
  moment = motion_of(index if motion is None else motion, time)
  posed = render.pose(person, moment)
  seen = render.look(person, posed, size, samples=1)
  hits = seen.surface
  depth = np.full(size * size, person.stage.wall, np.float32)
  foreground, nonrigid = np.zeros((2, size * size), bool)
  depth[hits.sample] = hits.depth
  depth[seen.hair.sample] = seen.hair.depth
  foreground[hits.sample] = foreground[seen.hair.sample] = True
  nonrigid[hits.sample] = person.cells.nonrigid[hits.triangle]
  points = posed.vertices[anatomy().landmarks]
  focal = render.focal(person, size)
  return Frame(
    image=_develop(
      render.light(person, moment, posed, size), index, time, clean
    ),
    depth=depth.reshape(size, size),
    foreground=foreground.reshape(size, size),
    nonrigid=nonrigid.reshape(size, size),
    intrinsics=np.array(
      [[focal, 0, size / 2], [0, focal, size / 2], [0, 0, 1]]
    ),
    camera_from_head=posed.camera_from_head,
    landmarks=_project(points, focal, size),
    landmarks_3d=points.astype(np.float32),
    expression=moment.expression.astype(np.float32),
    gaze=moment.gaze.astype(np.float32),
  )


def portray(
  index: int, moment: Motion, time: float, size: int
) -> tuple[np.ndarray, np.ndarray]:
  """The picture of somebody who does what is wanted, and its landmarks.

  Args:
    index: who.
    moment: what head, face and eyes do.
    time: seconds, of the camera's noise alone.
    size: in pixels.

  Returns:
    As `Frame`'s image and landmarks.
  """
  person = person_of(index, size)
  posed = render.pose(person, moment)
  points = posed.vertices[anatomy().landmarks]
  return (
    _develop(render.light(person, moment, posed, size), index, time, False),
    _project(points, render.focal(person, size), size),
  )


def landmarks(index: int, time: float, size: int) -> np.ndarray:
  """Those of `frame`, (68, 2) float32, at a small part of its cost."""
  person = person_of(index, size)
  posed = render.pose(person, motion_of(index, time))
  points = posed.vertices[anatomy().landmarks]
  return _project(points, render.focal(person, size), size)


def _project(points: np.ndarray, focal: float, size: int) -> np.ndarray:
  """Pixels (n, 2) of points (n, 3) before the camera."""
  places = focal * points[:, :2] / points[:, 2:] + size / 2
  return places.astype(np.float32)


def own_motions(
  index: int, time: float, others: Sequence[float], size: int
) -> np.ndarray:
  """How far surfaces move on their own from `time` to each of the others.

  float32 (n, size, size), pixels: the distance, in the picture of the other
  moment, between where a surface seen at `time` is and where the head's rigid
  motion alone would have taken it. 0 where nobody is seen.
  """
  person = person_of(index, size)
  before = render.pose(person, motion_of(index, time))
  hits = render.look(person, before, size, samples=1).surface
  corners = [corner[hits.triangle] for corner in person.mesh[:3]]
  weights = (1 - hits.second - hits.third, hits.second, hits.third)

  def seen(vertices):
    return sum(
      weight[:, None] * vertices[corner]
      for weight, corner in zip(weights, corners, strict=True)
    )

  points, back = seen(before.vertices), render.inverse(before.camera_from_head)
  distances = np.zeros((len(others), size * size), np.float32)
  for other, distance in zip(others, distances, strict=True):
    after = render.pose(person, motion_of(index, other))
    rigid = render.product(after.camera_from_head, back)
    true, expected = (
      places[:, :2] / places[:, 2:]
      for places in (seen(after.vertices), render.move(rigid, points))
    )
    distance[hits.sample] = render.focal(person, size) * np.linalg.norm(
      true - expected, axis=1
    )
  return distances.reshape(-1, size, size)
