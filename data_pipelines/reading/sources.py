"""Where clips can come from, by name: `SOURCES`."""

import functools
import logging
import os
import pathlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from typing import Any

import numpy as np
import tqdm

from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.trouble import passing_reason
from data_pipelines.errors.wording import list_passed_over
from data_pipelines.media import (
  pictures,
  video_reader,
)
from data_pipelines.media.file_ends import digest_ends
from data_pipelines.reading import (
  frame_store,
  video_folder,
)
from data_pipelines.reading.clips import (
  Clip,
  Source,
)
from data_pipelines.reading.copies import NamedVideo, describe_copies
from data_pipelines.reading.recorded_clips import TfdsClips
from data_pipelines.reading.speeches import Speeches
from data_pipelines.reading.spoken_faces import SpokenFaces
from data_pipelines.synthetic import rendered_faces
from data_pipelines.synthetic.rendered_faces import FIRST_TEST_FACE

SYNTHETIC_RATE = 25  # frames per second
MEMORY = 2**28  # bytes of rendered frames that a process remembers

log = logging.getLogger(__name__)


class Videos:
  """Videos in a folder, `data.path` (see video_folder for the layout).

  The first use stores their frames in `data.cache` (see frame_store), in this
  process, before any worker starts. A clip that cannot be read, or has fewer
  than two frames, is named in a warning and left out; one that breaks off is
  used up to there. Once stored, videos are not opened again.
  """

  def __init__(self, data: Any, split: str):
    """Raises DataError when there is no clip to use."""
    folder = video_folder.find_splits(data.path, data.test_fraction)
    found = folder.choose(split)
    _tell_of(folder)
    self._folder = frame_store.folder(data.cache)
    paths = [clip.path for clip in found]
    log.info('frames of %d %s clips: %s', len(found), split, self._folder)
    stored = _store_all(paths, self._folder, data.image_size, f'{split} clips')
    usable = [pair for pair in zip(found, stored, strict=True) if pair[1]]
    if not usable:
      raise DataError(
        f'{data.path}: none of its {len(found)} {split} clips can be used;'
        ' the warnings say why'
      )
    if len(usable) < len(found):
      left_out = len(found) - len(usable)
      log.warning('%d of %d %s clips left out', left_out, len(found), split)
    self._stores = tuple(name for _, (name, _) in usable)
    self._paths = tuple(clip.path for clip, _ in usable)
    self.clips = tuple(
      Clip(clip.name, clip.identity, frames) for clip, (_, frames) in usable
    )

  def frames(self, clip: int, indices: Sequence[int]) -> np.ndarray:
    """Returns frames of a clip, uint8 (n, size, size, 3).

    Raises:
      DataError: the stored frames have gone or are damaged. That ends a run,
        so that an emptied cache is noticed; resuming stores it again.
    """
    try:
      return frame_store.read(self._folder / self._stores[clip], indices)
    except DataError as error:
      raise DataError(f'clip {self.clips[clip].name}: {error}') from None

  def truth(self, clip: int, indices: Sequence[int]) -> dict[str, np.ndarray]:
    """Returns nothing: all that is known of a video is its pixels."""
    return {}

  def digest(self, clip: int) -> str:
    """Returns a digest of a video's file; '' where it has gone since."""
    try:
      return digest_ends(self._paths[clip])
    except OSError:  # its stored frames are still there
      return ''

  def landmarks(self, clip: int, indices: Sequence[int]) -> np.ndarray:
    """Raises DataError: a video has none."""
    raise DataError(
      'data.landmarks: videos have no landmarks; a data set that'
      ' `python -m data_pipelines.build` makes of them has some'
      ' (--config.data.source=tfds)'
    )


def _tell_of(folder: video_folder.FoundFolder) -> None:
  """Tells what is no clip, and which clips are the same under two names."""
  for line in list_passed_over(folder.passed_over):
    _tell_once(logging.INFO, line)
  videos = [
    NamedVideo(
      clip.path,
      clip.path.relative_to(folder.root).as_posix(),
      f'{split}/{clip.identity}',
    )
    for split, clips in folder.clips.items()
    for clip in clips
  ]
  for line in describe_copies(videos):
    _tell_once(logging.WARNING, line)


@functools.cache
def _tell_once(level: int, line: str) -> None:
  """Both splits, and every evaluation, look at the same folder."""
  log.log(level, '%s', line)


def _store_all(
  paths: list[pathlib.Path], folder: pathlib.Path, size: int, title: str
) -> list[tuple[str, int] | None]:
  stored = []
  stop = threading.Event()
  store = functools.partial(_store, folder=folder, size=size, stop=stop)
  # Decoding and encoding leave Python's lock: threads are enough.
  with futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    bar = tqdm.tqdm(desc=title, total=len(paths), unit='clip', disable=None)
    try:
      with bar:
        for one in pool.map(store, paths):
          stored.append(one)
          bar.update()
    except BaseException:
      stop.set()  # or Ctrl-C would wait until a long clip is done
      raise
  return stored


def _store(
  path: pathlib.Path,
  *,
  folder: pathlib.Path,
  size: int,
  stop: threading.Event,
) -> tuple[str, int] | None:
  """A clip's store and its number of frames; None when it is of no use."""
  try:
    name = frame_store.name(path, size)
    frames = frame_store.count(folder / name)
    if frames is None:
      frames = frame_store.write(folder / name, _squares(path, size, stop))
  except UnusableClip as error:
    log.warning('clip left out: %s', error)
    return None
  except OSError as error:
    log.warning('clip left out: %s: %s', path, error.strerror)
    return None
  if frames < 2:
    log.warning('clip left out: %s: a pair needs two frames', path)
    return None
  return name, frames


def _squares(
  path: pathlib.Path, size: int, stop: threading.Event
) -> Iterator[np.ndarray]:
  """A video's frames, squared and scaled, as far as they can be read."""
  try:
    # One thread each: as many clips as there are cores are read at once.
    video = video_reader.read(path, threads=1)
    for frame in video:
      if stop.is_set():
        raise futures.CancelledError
      yield pictures.square(frame, size)
  except DataError as error:
    raise UnusableClip(str(error)) from None
  if reason := passing_reason(video.broken):  # or it would stay so short
    raise UnusableClip(f'{path}: cannot be read now ({reason})')
  if video.broken:
    log.warning('clip used up to there: %s', video.broken)


class UnusableClip(DataError):
  """A clip of which not one frame can be read."""


class Synthetic:
  """Rendered faces: no files, a new face for every index.

  Train faces are 0, 1, ..., `data.identities` - 1; the `data.test_identities`
  test faces count from a million. A clip has `data.clip_frames` frames at 25
  a second.

  Each process remembers the frames it used last, up to 256 MB of them: long
  runs on few faces soon stop rendering.
  """

  def __init__(self, data: Any, split: str):
    """Raises DataError when the split is empty."""
    if split not in video_folder.SPLITS:
      raise ValueError(f'split {split!r} is neither train nor test')
    is_train = split == 'train'
    number = data.identities if is_train else data.test_identities
    if number < 1 or data.clip_frames < 2:
      raise DataError(
        f'synthetic faces: the {split} split has {number} identities of'
        f' {data.clip_frames} frames; at least 1 and 2 are needed'
      )
    self._first = 0 if is_train else FIRST_TEST_FACE
    self._size = data.image_size
    names = [f'face{self._first + index}' for index in range(number)]
    self.clips = tuple(Clip(name, name, data.clip_frames) for name in names)

  def frames(self, clip: int, indices: Sequence[int]) -> np.ndarray:
    """Returns frames of a clip, uint8 (n, size, size, 3)."""
    draw = _memory(self._size)
    return np.stack([draw(self._first + clip, index) for index in indices])

  def truth(self, clip: int, indices: Sequence[int]) -> dict[str, np.ndarray]:
    """Returns what rendered_faces.Frame says of n frames.

    depth: float32 (n, size, size, 1), metres, the background's too.
    foreground: bool (n, size, size, 1), the person.
    nonrigid: bool (n, size, size, 1), what can move on its own.
    own_motion: float32 (n, size, size, 1), pixels by which it does so from
      each frame to the one before, from the first to the next.
    intrinsics: float32 (n, 3, 3), pixels, the first one's middle at (0, 0).
    camera_from_head: float32 (n, 4, 4).
    """
    face = self._first + clip
    times = [index / SYNTHETIC_RATE for index in indices]
    seen = [rendered_faces.frame(face, t, self._size) for t in times]
    intrinsics = np.stack([frame.intrinsics for frame in seen])
    # The renderer counts pixels' edges: its first middle is at (0.5, 0.5).
    intrinsics[:, :2, 2] -= 0.5
    others = times[1:2] + times[:-1]
    own = [
      rendered_faces.own_motions(face, time, [other], self._size)[0]
      for time, other in zip(times, others, strict=True)
    ]
    poses = np.stack([frame.camera_from_head for frame in seen])
    return {
      'depth': np.stack([frame.depth for frame in seen])[..., None],
      'foreground': np.stack([frame.foreground for frame in seen])[..., None],
      'nonrigid': np.stack([frame.nonrigid for frame in seen])[..., None],
      'own_motion': np.stack(own)[..., None],
      'intrinsics': intrinsics.astype(np.float32),
      'camera_from_head': poses.astype(np.float32),
    }

  def digest(self, clip: int) -> str:
    """Returns nothing: its number is a face's name."""
    return ''

  def landmarks(self, clip: int, indices: Sequence[int]) -> np.ndarray:
    """Returns float32 (n, 68, 2), shares of the picture's sides."""
    return np.stack(
      [
        rendered_faces.landmarks(
          self._first + clip, index / SYNTHETIC_RATE, self._size
        )
        / self._size
        for index in indices
      ]
    )


@functools.cache
def _memory(size: int) -> Callable[[int, int], np.ndarray]:
  """The frames of that size: from (face, index), rendered or remembered."""

  @functools.lru_cache(max(1, MEMORY // (3 * size**2)))
  def draw(face: int, index: int) -> np.ndarray:
    image = rendered_faces.image(face, index / SYNTHETIC_RATE, size)
    image.setflags(write=False)  # whoever asks next gets the same array
    return image

  return draw


SOURCES: dict[str, type[Source] | type[Speeches]] = {
  'videos': Videos,
  'synthetic': Synthetic,
  'tfds': TfdsClips,
  'speakers': Speeches,
  'spoken_faces': SpokenFaces,
}
