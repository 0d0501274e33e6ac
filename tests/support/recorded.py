"""Small data sets, written by TFDS, whose pixels say what they show."""

import contextlib
import hashlib
import importlib
import pathlib
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from data_pipelines.media import encoded_images
from data_pipelines.recorded import (
  manifest,
  records,
)
from data_pipelines.recorded.manifest import (
  Manifest,
  RecordedClip,
  Shard,
  Split,
)

SIZE, FRAMES, SHARDS = 16, 12, 2  # shards end in the middle of a clip
CLIPS = {'train': 5, 'test': 3}


def level(clip: int, frame: int) -> tuple[int, int, int]:
  """The colour of a frame."""
  return 40 * clip + 10, 20 * frame + 10, 100


def depth(clip: int, frame: int) -> np.ndarray:
  """The depth of a frame: no two pixels of the set have the same."""
  number = SIZE**2 * (FRAMES * clip + frame)
  pixels = np.arange(number, number + SIZE**2, dtype=np.float32)
  return pixels.reshape(SIZE, SIZE, 1)


def pose(clip: int, frame: int) -> np.ndarray:
  """Where the head of a frame is."""
  return np.arange(16, dtype=np.float32).reshape(4, 4) + FRAMES * clip + frame


def own_motion(clip: int, frame: int, other: int) -> np.ndarray:
  """Pixels by which a frame's surfaces move on their own to a near frame."""
  if not 0 <= other < FRAMES:
    return np.full((SIZE, SIZE, 1), np.nan, np.float16)
  pixels = np.linspace(0, clip + 1, SIZE**2).reshape(SIZE, SIZE, 1)
  return np.float16(pixels + frame / 8 + other / 64)


def plain(clip: int, frame: int) -> bytes:
  """The encoded image of a frame."""
  image = np.full((SIZE, SIZE, 3), level(clip, frame), np.uint8)
  return encoded_images.encode_image(image, 'png')


def write(
  folder: pathlib.Path,
  *,
  image: Callable[[int, int], bytes] = plain,
  with_truth: bool = False,
) -> pathlib.Path:
  """Writes a data set below a folder; returns the folder it lies in."""
  with tfds() as library:
    built = _built(library, folder, image, with_truth)
  clips = {
    split: tuple(_clip(split, clip, image) for clip in range(count))
    for split, count in CLIPS.items()
  }
  shards = {
    split: {
      path.name: Shard(length, manifest.sha256(path))
      for path, length in zip(info.filepaths, info.shard_lengths, strict=True)
    }
    for split, info in built.info.splits.items()
  }
  splits = {split: Split(shards[split], clips[split]) for split in CLIPS}
  Manifest(SIZE, 25.0, 'png', None, splits).write(built.data_dir)
  return pathlib.Path(built.data_dir)


@contextlib.contextmanager
def tfds() -> Iterator[types.ModuleType]:
  """TensorFlow Datasets, which can do without TensorFlow.

  But it takes conftest's None, which forbids TensorFlow, for TensorFlow.
  """
  with pytest.MonkeyPatch.context() as patch:
    if sys.modules.get('tensorflow', '') is None:
      patch.delitem(sys.modules, 'tensorflow')
    yield importlib.import_module('tensorflow_datasets')


def _clip(
  split: str, clip: int, image: Callable[[int, int], bytes]
) -> RecordedClip:
  encoded = b''.join(image(clip, frame) for frame in range(FRAMES))
  return RecordedClip(
    name=f'{split}{clip}/a',
    identity=f'{split}{clip}',
    frames=FRAMES,
    source=f'{split}{clip}/a.mp4',
    licence='none',
    start_time=0.0,
    square=(0.0, 0.0, float(SIZE)),
    sha256=hashlib.sha256(encoded).hexdigest(),
  )


def _built(
  tfds: types.ModuleType,
  folder: pathlib.Path,
  image: Callable[[int, int], bytes],
  with_truth: bool,
) -> Any:
  from data_pipelines.builders.writing.tfds_writer import OwnInfo

  class Drawn(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    VERSION = tfds.core.Version('1.0.0')

    def _info(self):
      return OwnInfo(
        builder=self,
        features=records.features(SIZE, 'png', truth=with_truth),
        disable_shuffling=True,
      )

    def _split_generators(self, manager):
      return {split: self._generate_examples(split) for split in CLIPS}

    def _generate_examples(self, split):
      return enumerate(_frames(split, image, with_truth))

  builder = Drawn(data_dir=folder, file_format='array_record')
  builder.download_and_prepare(
    download_config=tfds.download.DownloadConfig(num_shards=SHARDS)
  )
  return builder


def _frames(
  split: str, image: Callable[[int, int], bytes], with_truth: bool
) -> Iterator[dict[str, Any]]:
  for clip in range(CLIPS[split]):
    for frame in range(FRAMES):
      features = {
        'image': image(clip, frame),
        'clip': f'{split}{clip}/a',
        'identity': f'{split}{clip}',
        'index': frame,
        'time': frame / 25,
        'landmarks': np.full((68, 2), frame or np.nan, np.float32),
      }
      if with_truth:
        features |= {
          'depth': depth(clip, frame),
          'nonrigid': np.uint8(depth(clip, frame) % 2),
          records.BEFORE: own_motion(clip, frame, frame - 1),
          records.AFTER: own_motion(clip, frame, frame + 1),
          'camera_from_head': pose(clip, frame),
        }
      yield features
