"""Clips of a data set that `data_pipelines.build` made (see `records`).

A frame costs one read of its shard and one decoded image, whichever it is.
"""

import functools
import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from data_pipelines.errors.buckets import scheme_of
from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.wording import list_few
from data_pipelines.media import (
  encoded_images,
  pictures,
)
from data_pipelines.reading import frame_store
from data_pipelines.reading.clips import Clip
from data_pipelines.reading.video_folder import SPLITS
from data_pipelines.recorded import (
  bucket_copy,
  manifest,
  records,
)
from data_pipelines.recorded.records import AFTER, BEFORE
from data_pipelines.recorded.shards import Shards

INSPECT = 'python -m data_pipelines.inspect --path='

log = logging.getLogger(__name__)


class TfdsClips:
  """The clips of a data set, `data.path` (see `manifest.find`).

  One in a bucket, gs:// or s3://, is copied into `data.cache` (see frame_store)
  before anything is read.
  Its splits are those it was built with; `data.test_fraction` is ignored.
  Images of another size than `data.image_size` are scaled.
  """

  def __init__(self, data: Any, split: str):
    """Raises DataError when there is no clip to use, or no whole shard."""
    if split not in SPLITS:
      raise ValueError(f'split {split!r} is neither train nor test')
    if scheme_of(data.path):
      cache = frame_store.folder(data.cache)
      self._folder = bucket_copy.fetch(data.path, cache)
    else:
      self._folder = manifest.find(data.path)
    self._size = data.image_size
    whole = manifest.Manifest.read(self._folder)
    self._stored_size = whole.size
    for problem in whole.problems():
      raise self._error(problem)
    if split not in whole.splits:
      raise DataError(
        f'data set {self._folder}: it has no {split} split; build it from more'
        f' people, or with another --test_fraction: {manifest.BUILD}'
      )
    shards, clips = whole.splits[split]
    starts = np.cumsum([0, *(clip.frames for clip in clips)])[:-1].tolist()
    # A pair needs two frames.
    usable = [x for x in zip(clips, starts, strict=True) if x[0].frames > 1]
    if not usable:
      raise self._error(f'no {split} clip has two frames')
    if len(usable) < len(clips):
      left_out = len(clips) - len(usable)
      log.warning(
        '%d of %d %s clips left out: fewer than 2 frames (%s)',
        left_out,
        len(clips),
        split,
        list_few(clip.name for clip in clips if clip.frames < 2),
      )
    self._shards = Shards(self._folder, shards)
    # A file that was cut short is told now, not after hours.
    for path, problem in self._shards.problems():
      raise self._error(f'{path} {problem}')
    self._starts = tuple(start for _, start in usable)
    self.clips = tuple(Clip(c.name, c.identity, c.frames) for c, _ in usable)
    self._digests = tuple(clip.sha256 for clip, _ in usable)

  def frames(self, clip: int, indices: Sequence[int]) -> np.ndarray:
    """Returns frames of a clip, uint8 (n, size, size, 3).

    Raises:
      DataError: a record is damaged or another frame's; it says which. That
        ends a run, so that bad data are noticed.
    """
    return np.stack([self._decode(clip, i, self._image) for i in indices])

  def truth(self, clip: int, indices: Sequence[int]) -> dict[str, np.ndarray]:
    """Returns what is stored of frames besides their pixels; of videos nothing.

    Of rendered faces:
      depth: float32 (n, size, size, 1), metres.
      nonrigid: bool (n, size, size, 1), what can move on its own.
      own_motion: float32 (n, size, size, 1), pixels by which it does so from
        each frame to the one before, from the first to the next; NaN unless
        these two are neighbours in the clip.
      camera_from_head: float32 (n, 4, 4).
    Older data sets tell less.

    Raises:
      DataError: as `frames`.
    """
    others = [*indices[1:2], *indices[:-1]] or indices
    truths = [
      self._decode(clip, i, functools.partial(self._truth, other=other - i))
      for i, other in zip(indices, others, strict=True)
    ]
    return {
      name: np.stack([truth[name] for truth in truths]) for name in truths[0]
    }

  def digest(self, clip: int) -> str:
    """Returns the sha256 of a clip's encoded images."""
    return self._digests[clip]

  def landmarks(self, clip: int, indices: Sequence[int]) -> np.ndarray:
    """Returns float32 (n, 68, 2), shares of the picture's sides, or NaN.

    Raises:
      DataError: as `frames`.
    """
    stored = [self._decode(clip, i, _landmarks) for i in indices]
    return np.stack(stored) / self._stored_size

  def _decode(
    self,
    clip: int,
    index: int,
    decode: Callable[[dict[str, Any]], Any],
  ) -> Any:
    """What `decode` makes of the features of a frame."""
    number = self._starts[clip] + index
    name = self.clips[clip].name
    try:
      frame = records.parse_frame(self._shards.read(number))
      if (frame['clip'], frame['index']) != (name, index):
        raise ValueError(
          f'it is frame {frame["index"]} of clip {frame["clip"]}'
        )
      return decode(frame)
    except ValueError as error:
      file, position = self._shards.place(number)
      raise self._error(
        f'record {position} of {file}, frame {index} of clip {name}: {error}'
      ) from None

  def _image(self, frame: dict[str, Any]) -> np.ndarray:
    return pictures.square(
      encoded_images.decode_image(frame['image']), self._size
    )

  def _truth(self, frame: dict[str, Any], other: int) -> dict[str, np.ndarray]:
    """What is true of a frame, and of it and the one `other` places later."""
    truth = {
      name: self._nearest(records.decode_map(name, frame[name]))
      for name in records.MAPS
      if name in frame
    }
    if 'nonrigid' in truth:
      truth['nonrigid'] = truth['nonrigid'] > 0
    own = {-1: truth.pop(BEFORE, None), 1: truth.pop(AFTER, None)}
    if own[1] is not None:
      unknown = np.full_like(own[1], np.nan)
      pixels = np.float32(self._size / self._stored_size)
      truth['own_motion'] = pixels * own.get(other, unknown)
    if records.POSE in frame:
      truth[records.POSE] = frame[records.POSE]
    return truth

  def _nearest(self, values: np.ndarray) -> np.ndarray:
    """Nearest pixels: a mean of face and wall is the depth of neither."""
    near = (np.arange(self._size) + 0.5) * len(values) / self._size
    rows = near.astype(int)
    return values[rows][:, rows]

  def _error(self, problem: str) -> DataError:
    return DataError(
      f'data set {self._folder}: {problem}; copy it again or build it anew;'
      f' `{INSPECT}{self._folder}` lists all that is wrong'
    )


def _landmarks(frame: dict[str, Any]) -> np.ndarray:
  return frame['landmarks']
