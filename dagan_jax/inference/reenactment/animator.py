"""A trained network that moves portraits: arrays in, arrays out.

First a video is watched, which gives its motion; then portraits move like it:

    animator = Animator.open('runs/daganpp')
    motion = animator.watch(driving_frames, rate=25)
    for frame in animator.animate(portrait, motion):
      ...
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction

import jax
import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.chunks import chunks
from dagan_jax.inference.reenactment.crops import (
  Crop,
  Squares,
  announced,
  video_framing,
)
from dagan_jax.inference.reenactment.driving_motion import (
  DrivingMotion,
  GrowingKeypoints,
  MotionKind,
  StartFrom,
  check_motion,
  check_network,
  load_motion,
  log_start,
  smoothed,
  start_frame,
)
from dagan_jax.inference.reenactment.panels import (
  check_tracks,
  need_video,
)
from dagan_jax.inference.reenactment.portraits import (
  Background,
  Portrait,
  made_ready,
)
from dagan_jax.inference.reenactment.programs import (
  Precision,
  Programs,
)
from dagan_jax.inference.reenactment.stream import (
  animated,
  beginning_from,
  given,
  one_behind,
)
from data_pipelines.media import pictures

Progress = Callable[[int, int | None], object]  # frames done, of so many
USUAL_RATE = 25  # frames per second of a video that knows none


class Animator:
  """A trained network, ready to animate.

  Attributes:
    programs: the network, compiled.
    size: width and height in pixels of the frames it makes.
  """

  def __init__(self, programs: Programs, chunk: int = 4):
    """With a network; `chunk` frames go through the network together.

    A short last chunk is filled up, so that the network is compiled once.
    """
    self.size = programs.size
    self.programs = programs
    self._chunk = chunk

  @classmethod
  def open(
    cls, workdir: str, chunk: int = 4, precision: Precision | None = None
  ) -> 'Animator':
    """The network of the latest checkpoint in a workdir.

    Args:
      workdir: of a trained or converted network.
      chunk: frames that go through the network together.
      precision: 'float32' or 'bfloat16'; None chooses by the device, see
        `Programs`.

    Raises:
      UsageError: no such workdir, no checkpoint in it, or none that animates.
    """
    return cls(Programs.open(workdir, precision), chunk)

  @property
  def network(self) -> str:
    """A digest of what finds keypoints: equal where these mean the same."""
    return self.programs.network

  def check_tracks(self, tracks: Sequence[str]) -> None:
    """Raises UsageError for what `animate` cannot show of this network."""
    check_tracks(tracks, self.programs.reenactor)

  def portrait(
    self,
    picture: np.ndarray,
    *,
    crop: Crop = 'auto',
    background: Background = 'moving',
    name: str = 'the portrait',
  ) -> Portrait:
    """A portrait made ready, once for all videos that it is to move like.

    Args:
      picture: uint8 (h, w, 3), of any size.
      crop: the part that moves: 'auto', its largest face, which needs the extra
        [eval]; 'none', its central square; or around x, y, w, h in pixels.
      background: 'moving' leaves it to the network, which drags it along with
        the head; 'static' holds it as it is, which needs the extra [eval].
      name: for messages.

    Raises:
      DataError: no face is found, or what a static background needs is missing.
      UsageError: another background.
    """
    return made_ready(self.programs, picture, crop, background, name)

  def watch(
    self,
    frames: Iterable[np.ndarray],
    *,
    rate: Fraction | float | int | None = None,
    crop: Crop = 'auto',
    name: str = 'the video',
    progress: Progress | None = None,
  ) -> DrivingMotion:
    """How a video moves, found frame by frame: memory does not grow with it.

    Args:
      frames: uint8 (h, w, 3), of any size: a list, an array (n, h, w, 3), a
        `DrivingVideo` or anything else that can be gone through again from its
        start. What comes only once, such as a generator, will do with another
        crop than 'auto', and where no track shows it.
      rate: frames per second; as a video says, or 25.
      crop: the part that drives, as for `portrait`; fixed for the whole video,
        with room for the face wherever it goes.
      name: for messages.
      progress: is called after each frame with the number of those that are
        done, and of all, or None if that is not known.

    Raises:
      DataError: no face is found, or a frame cannot be read.
      UsageError: there is no frame, or they come only once.
    """
    squares = Squares(frames, video_framing(frames, crop, name), self.size)
    total, found = announced(frames), GrowingKeypoints()
    for keypoints in self.keypoints(squares):
      found.append(keypoints)
      if progress:
        progress(len(found), total)
    if not found:
      raise UsageError(f'{name}: there is no frame in it')
    rate = Fraction(rate or getattr(frames, 'rate', USUAL_RATE))
    return DrivingMotion(
      found.stacked(),
      rate.limit_denominator(1001),  # 29.97 is meant, not its binary fraction
      self.network,
      None if isinstance(frames, Iterator) else squares,
    )

  def load_motion(self, path: str | os.PathLike) -> DrivingMotion:
    """A motion that was saved; raises UsageError for another network's."""
    return load_motion(path, self.network)

  def animate(
    self,
    portrait: np.ndarray | Portrait,
    driving: DrivingMotion,
    *,
    crop: Crop = 'auto',
    background: Background = 'moving',
    motion: MotionKind = 'relative',
    start: StartFrom = 'best',
    strength: float = 1.0,
    smooth: float = 0.0,
    paste_back: bool = False,
    tracks: Sequence[str] = ('result',),
    debug_identity: bool = False,
    progress: Progress | None = None,
  ) -> Iterator[np.ndarray]:
    """The portrait, moved like a video: uint8 (h, w, 3), one for each frame.

    Memory does not grow with the video. Mistakes are told at once, before the
    first frame is asked for.

    Args:
      portrait: a picture, or one that `portrait` made ready.
      driving: what `watch` found, or `load_motion` gave.
      crop: of a picture, see `portrait`.
      background: of a picture, see `portrait`.
      motion: 'relative' adds to the portrait's pose what changes from the
        driving frame `start`, scaled to the portrait's face; 'absolute' takes
        the driving pose as it is, and with it the other face's shape.
      start: 'best', the frame that is posed most like the portrait; 'first'; a
        number from 0; or keypoints.
      strength: how much of the motion is taken: 0 nothing, 1 all.
      smooth: hertz: damps what trembles faster, 1 strongly, 3 gently; 0: not.
      paste_back: puts the moving part back into the whole portrait.
      tracks: what is shown side by side: some of `tracks.TRACKS`, in any order.
        The result alone comes as it is, all else as high as the network's
        pictures.
      debug_identity: the portrait does not move: to look at crop and paste.
      progress: see `watch`.

    Raises:
      UsageError: a value that means nothing, the motion of another network, or
        a track that cannot be shown.
      DataError: see `portrait`.
    """
    check_motion(motion, strength, smooth)
    check_network(driving, self.network, 'the motion')
    self.check_tracks(tracks)
    if driving.frames is None and (lacking := need_video(tracks)):
      raise UsageError(
        f'no track {", ".join(lacking)}: the driving frames are not there; give'
        ' the video, and frames that can be gone through again'
      )
    if isinstance(portrait, np.ndarray):
      portrait = self.portrait(portrait, crop=crop, background=background)
    driving, beginning = smoothed(driving, smooth), None
    count = len(driving.keypoints.value)
    if motion == 'relative':
      begins = start_frame(driving, start, portrait.keypoints)
      log_start(begins, count)
      beginning = beginning_from(portrait.features, begins.keypoints)
    made = animated(
      self.programs,
      self._chunk,
      portrait,
      driving,
      beginning,
      strength,
      tracks=tracks,
      paste_back=paste_back,
      debug_identity=debug_identity,
    )
    return _told(made, count, progress)

  def keypoints(self, frames: Iterable[np.ndarray]) -> Iterator[Keypoints]:
    """Finds the keypoints of frames as they come, 'k 2' and 'k 2 2' each.

    Args:
      frames: uint8 (h, w, 3), of any size; the central square is used.
    """
    for found, count in one_behind(self._found(frames)):
      found = jax.device_get(found)
      for index in range(count):
        yield jax.tree.map(lambda x, index=index: x[index], found)

  def frames(
    self,
    portrait: np.ndarray,
    driving: Iterable[np.ndarray] | Keypoints,
    *,
    motion: MotionKind = 'relative',
    start: Keypoints | None = None,
    strength: float = 1.0,
  ) -> Iterator[np.ndarray]:
    """The plain network over frames as they come, one frame for each.

    Unlike `animate` it needs not see a video before: it knows no best frame to
    start from, no smoothing, and of all pictures only the central square.

    Args:
      portrait: uint8 (h, w, 3), of any size; its central square is used.
      driving: frames, likewise, or the keypoints of n frames, 'n k 2'.
      motion: see `animate`.
      start: keypoints 'k 2' of the frame that relative motion starts from;
        those of the first driving frame if not given.
      strength: see `animate`.

    Yields:
      uint8 (size, size, 3), one for each driving frame.
    """
    check_motion(motion, strength, 0.0)
    square = pictures.square(portrait, self.size)
    source = self.programs.encode(square[None])
    if isinstance(driving, Keypoints):
      found = given(driving, self._chunk)
    else:
      found = self._found(driving)
    rendered = self._rendered(source, found, motion, start, strength)
    for made, count in one_behind(rendered):
      yield from np.asarray(made)[:count]

  def _found(
    self, frames: Iterable[np.ndarray]
  ) -> Iterator[tuple[Keypoints, int]]:
    """Keypoints of chunks, still being computed, and how many are frames'."""
    squares = (pictures.square(frame, self.size) for frame in frames)
    for some in chunks(squares, self._chunk):
      filled = some + [some[-1]] * (self._chunk - len(some))
      face = self.programs.analyse(np.stack(filled))
      yield face.keypoints, len(some)

  def _rendered(self, source, found, motion, start, strength):
    """Frames of chunks, likewise."""
    beginning = None
    for keypoints, count in found:
      if motion == 'relative' and beginning is None:
        first = jax.tree.map(lambda x: x[0], keypoints)
        beginning = beginning_from(source, start or first)
      made = self.programs.render(source, keypoints, beginning, strength)
      yield made.pictures, count


def _told(
  frames: Iterator[np.ndarray], total: int, progress: Progress | None
) -> Iterator[np.ndarray]:
  """Passes frames on and tells of each."""
  for done, frame in enumerate(frames, 1):
    if progress:
      progress(done, total)
    yield frame
