"""What a face does while somebody is heard to speak."""

import functools
import os
from collections.abc import Callable
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.morphable_face import MorphableFace, eye_motion
from dagan_jax.inference.chunks import fill_chunks
from dagan_jax.inference.gohd.animator import GohdAnimator, MeasuredPortrait
from dagan_jax.inference.gohd.face_motion import (
  EXPRESSION,
  GAZE,
  POSE,
  FaceMotion,
  load_motion,
)
from dagan_jax.inference.gohd.programs import TWO_STAGES, Programs
from dagan_jax.inference.gohd.sampling import STREAMS, hear_motion
from dagan_jax.inference.reenactment.driving_motion import is_motion
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.reenactment.watching import Progress
from dagan_jax.inference.voice.mapped_voice import map_voice
from dagan_jax.inference.voice.performing import go_to_and_fro
from dagan_jax.inference.voice.settings import Acting
from data_pipelines.media import video_reader
from data_pipelines.media.voice import (
  FRAME_RATE,
  Voice,
  expression_windows,
  read_voice,
)

_CHUNK = 50  # frames whose expressions are found together


def check_acting(programs: Programs, acting: Acting) -> None:
  """Raises UsageError for what no network here does, or one that is missing."""
  for part in ('pose', 'expression'):
    if getattr(acting, part) == 'rule':
      raise UsageError(
        f"{part}=rule: rules move the rendered actor alone, not GoHD's"
        ' networks; leave the flag out'
      )
  if acting.expression == 'audio' and not programs.has(TWO_STAGES):
    programs.need('expression')
  if acting.pose == 'audio':
    programs.need('pose')
  if acting.gaze == 'audio':
    programs.need('gaze')
  if acting.gaze != 'source' and not programs.sees_gaze:
    raise UsageError(
      f'gaze={acting.gaze}: the animator of {programs.where} was trained'
      ' without a gaze; leave the flag out'
    )


class Speaker:
  """Somebody who speaks: GoHD's networks, and a voice that they hear."""

  def __init__(
    self,
    animator: GohdAnimator,
    audio: str | os.PathLike,
    acting: Acting,
    settings: Settings | None = None,
  ):
    """Listens.

    Args:
      animator: the networks.
      audio: a sound file, or a video with a soundtrack.
      acting: where expression, pose and gaze come from.
      settings: whom videos show, and how their poses are taken: `crop_driving`,
        `person`, `motion` and `start`.

    Raises:
      UsageError: a network is missing.
      DataError: it cannot be heard, or lasts hardly at all.
    """
    check_acting(animator.programs, acting)
    self._animator, self._audio = animator, os.fspath(audio)
    self._acting, self._settings = acting, settings or Settings()
    self._voice = read_voice(audio)

  def act(
    self,
    portrait: MeasuredPortrait,
    seed: int,
    progress: Progress | None = None,
  ) -> FaceMotion:
    """The motion of a portrait that speaks, frame after frame of the sound.

    The portrait itself is the frame before the first. A video that is shorter
    than the sound is gone through to and fro.

    Args:
      portrait: that is to be moved.
      seed: another one, another performance.
      progress: is called with the number of frames that are sampled, and of
        all.

    Raises:
      UsageError: a video has no such frame as poses shall start from.
      DataError: a video cannot be read, or shows no face.
    """
    programs, count = self._animator.programs, self._voice.frames
    acting = self._acting
    sampled = [
      part for part in ('pose', 'gaze') if getattr(acting, part) == 'audio'
    ]

    def sample(name: str, first: np.ndarray) -> np.ndarray:
      before, total = sampled.index(name) * count, len(sampled) * count
      tell = progress and (lambda done: progress(before + done, total))
      return self._sample(name, first, seed, tell)

    values = np.tile(np.float32(portrait.measured), (count, 1))
    if acting.expression == 'audio':
      values[:, EXPRESSION] = hear_expressions(
        programs,
        self._animator.face,
        self._voice,
        portrait.measured,
        jax.random.key(seed),
      )
    else:
      values[:, EXPRESSION] = self._take(acting.expression, EXPRESSION)
    if acting.pose == 'audio':
      values[:, POSE] = sample('pose', portrait.measured[POSE])
    elif acting.pose != 'still':
      poses = self._watch(acting.pose)[:, POSE]
      poses = start_from(portrait.measured[POSE], poses, self._settings)
      values[:, POSE] = go_to_and_fro(poses, count)
    if acting.gaze == 'audio':
      values[:, GAZE] = sample('gaze', portrait.measured[GAZE])
    elif acting.look is None:
      values[:, GAZE] = self._take(acting.gaze, GAZE)
    else:
      # The networks count to the picture's left, and up.
      values[:, GAZE] -= np.radians(acting.look)
    if acting.as_published:
      values = exaggerate(values)
    return FaceMotion(values, Fraction(FRAME_RATE), programs.digest)

  def _take(self, choice: str, part: slice) -> np.ndarray:
    return go_to_and_fro(self._watch(choice)[:, part], self._voice.frames)

  def _watch(self, choice: str) -> np.ndarray:
    """The numbers of every frame of a video; looked for only once.

    Or those of a motion that was saved, whatever its rate.
    """
    return self._watched(self._audio if choice == 'video' else choice)

  @functools.cache  # noqa: B019, of one command
  def _watched(self, path: str) -> np.ndarray:
    if is_motion(path):
      return load_motion(path, self._animator.programs.digest).values
    frames = video_reader.read(path, rate=FRAME_RATE)
    return self._animator.meter.measure_video(frames, self._settings, path)

  def _sample(
    self,
    name: str,
    first: np.ndarray,
    seed: int,
    progress: Callable[[int], object] | None,
  ) -> np.ndarray:
    programs = self._animator.programs
    network = programs.network(name)
    given = self._voice, first, seed, programs.pose_mel
    return hear_motion(name, *network, *given, progress=progress)


def hear_expressions(
  programs: Programs,
  face: MorphableFace,
  voice: Voice,
  measured: Float[np.ndarray, '72'],
  key: jax.Array,
) -> Float[np.ndarray, 't 64']:
  """Expressions that go with a voice, by one stage or two.

  Args:
    programs: of a workdir.
    face: the face model that tells the eye motion of the first expression.
    voice: what is heard.
    measured: numbers of the portrait.
    key: of the second stage's noise.
  """
  initial = measured[EXPRESSION]
  if not programs.has(TWO_STAGES):
    return map_voice(*programs.network('expression'), voice, initial)
  eyes = find_eye_motion(face, initial)
  found, memory = [], None
  for number, (frames, count) in enumerate(
    fill_chunks(range(voice.frames), _CHUNK)
  ):
    mel = expression_windows(voice, np.array(frames))
    chance = jax.random.fold_in(
      jax.random.fold_in(key, STREAMS['expression']), number
    )
    expression, memory = programs.imagine_expressions(
      chance, mel, initial, eyes, memory
    )
    found.append(np.asarray(expression)[:count])
  return np.concatenate(found)


def find_eye_motion(
  face: MorphableFace, expression: Float[np.ndarray, '64']
) -> Float[np.ndarray, '21']:
  """Eye motion of an expression.

  Where the face model at hand has other expressions than the network, eyes and
  brows are taken to rest.
  """
  known = len(face.expression)
  if known != len(expression):
    expression = np.zeros(known, np.float32)
  return np.asarray(eye_motion(face, jnp.asarray(expression)))


def start_from(
  portrait: Float[np.ndarray, '6'],
  poses: Float[np.ndarray, 't 6'],
  settings: Settings,
) -> Float[np.ndarray, 't 6']:
  """Poses of a video for a portrait: as they are, or as changes of its own.

  Args:
    portrait: its pose.
    poses: of a video.
    settings: `motion` and `start`; the best frame is turned most like the
      portrait.

  Raises:
    UsageError: there is no such frame.
  """
  if settings.motion == 'absolute':
    return poses
  number = 0 if settings.start == 'first' else settings.start
  if settings.start == 'best':
    number = int(np.argmin(np.square((poses - portrait)[:, :3]).sum(1)))
  if number >= len(poses):
    raise UsageError(
      f'start={number}: the video has {len(poses)} frames, from 0'
    )
  return portrait + poses - poses[number]


def exaggerate(values: Float[np.ndarray, 't 72']) -> np.ndarray:
  """The numbers as GoHD's published command changes them before it draws.

  Poses become means over five frames, each of two that were averaged before and
  three that were not; then they grow by a fifth, expressions by a half.
  """
  values = values.copy()
  for frame in range(2, len(values) - 2):
    values[frame, POSE] = values[frame - 2 : frame + 3, POSE].mean(0)
  values[:, POSE] *= 1.2
  values[:, EXPRESSION] *= 1.5
  return values
