"""What the face of a video does, for somebody else to act: turns and weights.

A face is compared with itself at rest, for people's faces differ more than
their expressions do: what changes in its 68 landmarks, the shared face model
explains by weights of its expressions.
"""

from collections.abc import Iterable
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import nnls

from dagan_jax.geometry.morphable_face import find_landmarks
from dagan_jax.inference.face_models import rendered_face
from dagan_jax.inference.reenactment.crops import Squares, find_video_framing
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice.gaps import bridge_gaps
from dagan_jax.inference.voice.watched_gaze import are_open, watch_eyes
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.gaze import Irises
from data_pipelines.faces.landmarks import LandmarkDetector
from data_pipelines.synthetic.anatomy import EXPRESSIONS
from data_pipelines.synthetic.head_pose import head_poses
from data_pipelines.synthetic.render import rotation

SIZE = 256  # pixels of the squares in which landmarks are found
MOST = np.array([35.0, 25.0, 25.0])  # degrees that a head turns from its rest
_STEADY = 1.0  # frames over which the head's trembling is smoothed
_RIDGE = 0.02  # decimetres; what explains less is left out
_SHUT = 10  # per cent of the frames, in which lips are the least apart
_LIPS = slice(48, 68)
_ABOVE, _BELOW = [61, 62, 63], [67, 66, 65]  # inner edges of the lips
_LOWER_LIP = [*range(55, 60), *range(65, 68)]
_SEEN = np.array(
  [*range(6, 11), *range(17, 68)]
)  # the chin, and what is inside
_RIGID = np.array([*range(27, 36), 36, 39, 42, 45])
# Expressions that landmarks tell apart; others look like one of these.
_TOLD = np.array(
  [
    number
    for number, name in enumerate(EXPRESSIONS)
    if name.startswith(('browDown', 'browInner', 'browOuter', 'eyeBlink'))
    or name.startswith(('eyeWide', 'mouthSmile', 'mouthFrown', 'mouthStretch'))
    or name.startswith(('mouthLowerDown', 'mouthUpperUp', 'mouthRoll'))
    or name in ('jawOpen', 'jawLeft', 'jawRight', 'mouthPucker', 'mouthFunnel')
  ]
)


class WatchedFace(NamedTuple):
  """What a face does in n frames, from its rest."""

  turns: Float[np.ndarray, 'n 3']  # degrees: yaw, pitch, roll
  expression: Float[np.ndarray, 'n 52']  # weights of EXPRESSIONS
  # Radians, to the picture's right and down, before a camera that the head
  # faces at rest; None: nobody looked for it.
  gaze: Float[np.ndarray, 'n 2'] | None = None


def watch_face(
  frames: Iterable[np.ndarray],
  settings: Settings,
  name: str,
  *,
  with_gaze: bool = False,
) -> WatchedFace:
  """Finds what a face does in a video.

  Args:
    frames: uint8 (h, w, 3), which can be gone through again.
    settings: `crop_driving` and `person`.
    name: of the video, for messages.
    with_gaze: whether it is looked for where eyes look, too.

  Raises:
    DataError: no face is found, or what finds landmarks and turns is missing.
  """
  detector = LandmarkDetector()
  framing = find_video_framing(
    frames, settings.crop_driving, name, settings.person
  )
  irises = Irises() if with_gaze else None
  found, places = [], []
  for square in Squares(frames, framing, SIZE):
    marks = detector.find(square)
    is_seen = marks is not None
    found.append(marks if is_seen else np.full((68, 2), np.nan, np.float32))
    if irises:
      places.append(irises.find(square, marks) if is_seen else [np.nan] * 2)
  landmarks = np.stack(found)
  if framing.seen is not None:
    landmarks[~framing.seen[: len(landmarks)]] = np.nan
  if np.isnan(landmarks).all():
    raise DataError(
      f'{name}: no landmarks of a face are found in it; give a video that shows'
      ' one from the front'
    )
  return explain_landmarks(
    bridge_gaps(landmarks), SIZE, np.array(places) if irises else None
  )


def explain_landmarks(
  landmarks: Float[np.ndarray, 'n 68 2'],
  size: int,
  irises: Float[np.ndarray, 'n 2'] | None = None,
) -> WatchedFace:
  """Turns, expressions and gaze by which a face looks like its landmarks.

  Rest is the middle of all turns; lids and brows rest as they mostly are, lips
  as they are where nearest to each other, and shut.

  Args:
    landmarks: in pixels of square pictures, in every frame.
    size: of the pictures, in pixels.
    irises: where they stand, see `Irises.find`; NaN where they are not seen.
      Without them there is no gaze.

  Raises:
    DataError: OpenCV is not installed.
  """
  poses = head_poses(landmarks, size)
  if poses is None:
    raise DataError(
      "a head's turns are found by OpenCV: pip install 'dagan_jax[eval]'"
    )
  poses = bridge_gaps(poses)
  neutral, moves = _model()
  flat = np.stack([rotation(*pose)[:2] for pose in poses])
  expected = np.einsum('nij,kj->nki', flat, neutral)
  off = np.stack(
    [_lay_over(*pair) for pair in zip(landmarks, expected, strict=True)]
  )
  off -= expected
  change = off - _find_rest(off, landmarks, neutral)
  paths = np.einsum('nij,ekj->nkie', flat, moves)
  expression = np.zeros((len(off), len(EXPRESSIONS)), np.float32)
  ridge = _RIDGE * np.eye(len(_TOLD))
  for row, path, goal in zip(expression, paths, change, strict=True):
    seen = path[_SEEN].reshape(-1, len(_TOLD))
    goal = np.concatenate([goal[_SEEN].ravel(), np.zeros(len(_TOLD))])
    row[_TOLD] = nnls(np.concatenate([seen, ridge]), goal)[0]
  rest = np.median(poses, 0)
  turns = gaussian_filter1d(poses - rest, _STEADY, axis=0)
  gaze = None
  if irises is not None:
    gaze = watch_eyes(irises, poses - rest, are_open(landmarks))
  return WatchedFace(
    np.float32(np.clip(turns, -MOST, MOST)), np.clip(expression, 0, 1), gaze
  )


def _model() -> tuple[np.ndarray, np.ndarray]:
  """Landmarks (68, 3), and how expressions move them (e, 68, 3).

  In the axes of pictures: x right, y down, z ahead; decimetres.
  """
  rest = np.zeros((1, len(EXPRESSIONS)), np.float32)
  each = np.eye(len(EXPRESSIONS), dtype=np.float32)[_TOLD]
  weights = jnp.asarray(np.concatenate([rest, each]))
  marks = np.asarray(find_landmarks(rendered_face(), weights)) * [1, -1, -1]
  return marks[0], marks[1:] - marks[0]


def _lay_over(points: np.ndarray, expected: np.ndarray) -> np.ndarray:
  """Points (68, 2) of a picture, scaled and shifted onto those of the model.

  By landmarks that expressions move little.
  """
  here, there = points[_RIGID], expected[_RIGID]
  middle, goal = here.mean(0), there.mean(0)
  scale = np.sqrt(((there - goal) ** 2).sum() / ((here - middle) ** 2).sum())
  return (points - middle) * scale + goal


def _find_rest(
  off: np.ndarray, landmarks: np.ndarray, neutral: np.ndarray
) -> np.ndarray:
  """How far (68, 2) this person's landmarks at rest are from the model's.

  Who never shuts his mouth would be taken for somebody with parted lips: what
  is left between them is shut by the lower one.
  """
  rest = np.median(off, 0)
  gaps = np.linalg.norm(landmarks[:, 62] - landmarks[:, 66], axis=-1)
  nearest = gaps <= np.percentile(gaps, _SHUT)
  rest[_LIPS] = np.median(off[nearest][:, _LIPS], 0)
  apart = (rest + neutral[:, :2])[:, 1]
  left = apart[_BELOW].mean() - apart[_ABOVE].mean()
  usual = neutral[_BELOW, 1].mean() - neutral[_ABOVE, 1].mean()
  rest[_LOWER_LIP, 1] -= max(left - usual, 0)
  return rest
