"""Writes clips as a data set of TensorFlow Datasets, in ArrayRecord shards.

The only file here that needs TFDS; TensorFlow is not imported. The builders are
not in TFDS's register, where other people's data sets have the same names: read
what they write with `tfds.builder_from_directory`, or by `recorded_clips`.
"""

import contextlib
import functools
import hashlib
import io
import pathlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from tensorflow_datasets.core import writer
from tensorflow_datasets.core.splits import SplitDict
from tensorflow_datasets.proto import tf_example_pb2

from data_pipelines.builders.work.jobs import Recipe
from data_pipelines.builders.writing.collection import (
  VERSION,
  PlacedClip,
)
from data_pipelines.recorded import (
  manifest,
  records,
)

SHARD = 2**28  # bytes, about: TFDS holds one in memory

Examples = Iterator[tuple[str, dict[str, Any]]]
Splits = dict[str, Sequence[PlacedClip]]


class InOrder(writer.ExampleWriter):
  """Writes the features of a record in the order of their names.

  They are a map: protobuf puts them in another order in every process.
  """

  def write(
    self, path: pathlib.Path, examples: Iterator[tuple[str, bytes]]
  ) -> Any:
    return super().write(
      path, ((key, _order_features(record)) for key, record in examples)
    )


class OwnInfo(tfds.core.DatasetInfo):
  """About a data set that is not on TFDS's own servers."""

  def initialize_from_bucket(self) -> None:
    """Does nothing, where TFDS would look there.

    Before it looks, it makes a folder for temporary files that stays for ever.
    """


class FaceClips(tfds.core.ShardBasedBuilder, skip_registration=True):
  """Clips of faces, a record a frame, whole clips in order in each shard."""

  VERSION = tfds.core.Version(VERSION)

  def __init__(
    self, splits: Splits, recipe: Recipe, licence: str, *, data_dir: str
  ):
    self._splits, self._recipe, self._licence = splits, recipe, licence
    super().__init__(
      data_dir=data_dir,
      config=tfds.core.BuilderConfig(
        name=str(recipe.size), version=self.VERSION
      ),
      file_format='array_record',
    )

  def _info(self) -> OwnInfo:
    clip = next(clip for clips in self._splits.values() for clip in clips)
    *_, truth = next(clip.outcome.frames(clip.number))
    return OwnInfo(
      builder=self,
      description=f'{self.__doc__} Made by dagan_jax; see clips.json.',
      features=records.features(
        self._recipe.size, self._recipe.encoding, truth=bool(truth)
      ),
      license=self._licence,
      disable_shuffling=True,
    )

  def _shard_iterators_per_split(
    self, dl_manager: tfds.download.DownloadManager
  ) -> dict[str, list[Callable[[], Examples]]]:
    del dl_manager
    return {
      name: [
        functools.partial(_examples, part, self._recipe)
        for part in divide(clips)
      ]
      for name, clips in self._splits.items()
    }

  def _download_and_prepare(self, *args, **options) -> None:
    super()._download_and_prepare(*args, **options)
    # After Beam, TFDS puts the shards' lengths in the order 0, 1, 10, 2, ...
    infos = [
      info.replace(
        shard_lengths=[
          sum(clip.made.frames for clip in part)
          for part in divide(self._splits[name])
        ]
      )
      for name, info in self.info.splits.items()
    ]
    self.info.set_splits(SplitDict(infos))
    for path in pathlib.Path(self.data_dir).glob('*.shard_infos.json'):
      path.unlink()  # where it kept them meanwhile

  def _example_writer(self) -> writer.ExampleWriter:
    return InOrder(self.info.file_format)


class Videos(FaceClips, skip_registration=True):
  """Faces in videos of your own."""


class Hdtf(FaceClips, skip_registration=True):
  """HDTF, high-definition talking faces."""


class Voxceleb(FaceClips, skip_registration=True):
  """VoxCeleb, celebrities in interviews."""


class Speakers(FaceClips, skip_registration=True):
  """Rendered faces that speak, with true landmarks."""


class Synthetic(FaceClips, skip_registration=True):
  """Rendered faces with true depth and landmarks."""


BUILDERS = {
  'videos': Videos,
  'hdtf': Hdtf,
  'voxceleb': Voxceleb,
  'speakers': Speakers,
  'synthetic': Synthetic,
}


def write(
  name: str,
  splits: Splits,
  recipe: Recipe,
  licence: str,
  folder: pathlib.Path,
  beam: dict[str, Any] | None = None,
) -> pathlib.Path:
  """Writes a data set with its manifest; returns its version folder.

  Args:
    name: a row of BUILDERS.
    splits: the clips, in the order in which they shall lie.
    recipe: how they were made.
    licence: of the videos.
    folder: where `<name>/<size>/<version>/` goes.
    beam: `beam_runner` and `beam_options`, to write all shards at once; {} or
      None: one after the other.
  """
  # TFDS tells its progress on the standard output.
  with contextlib.redirect_stdout(io.StringIO()):
    builder = BUILDERS[name](splits, recipe, licence, data_dir=str(folder))
    builder.download_and_prepare(
      download_config=tfds.download.DownloadConfig(**(beam or {}))
    )
  written = pathlib.Path(builder.data_dir)
  manifest.Manifest(
    size=recipe.size,
    fps=float(recipe.fps),
    encoding=recipe.encoding,
    quality=recipe.quality if recipe.encoding == 'jpeg' else None,
    splits={
      split: manifest.Split(
        list_shards(builder.info.splits[split], written),
        tuple(_list_clip(clip, licence) for clip in clips),
      )
      for split, clips in splits.items()
    },
  ).write(written)
  return written


def _order_features(record: bytes) -> bytes:
  example = tf_example_pb2.Example.FromString(record)
  return example.SerializeToString(deterministic=True)


def divide(clips: Sequence[PlacedClip]) -> list[list[PlacedClip]]:
  """Divides clips into parts of about SHARD bytes."""
  parts, room = [], 0
  for clip in clips:
    size = clip.outcome.size(clip.number)
    if not parts or size > room:
      parts.append([])
      room = SHARD
    parts[-1].append(clip)
    room -= size
  return parts


def _examples(clips: Sequence[PlacedClip], recipe: Recipe) -> Examples:
  for clip in clips:
    for index, (image, landmarks, truth) in enumerate(
      clip.outcome.frames(clip.number)
    ):
      time = clip.made.start_time + float(index / recipe.fps)
      yield (
        f'{clip.made.name}/{index}',
        {
          'image': image,
          'clip': clip.made.name,
          'identity': clip.identity,
          'index': index,
          'time': np.float32(time),
          'landmarks': landmarks,
          **truth,
        },
      )


def list_shards(
  info: tfds.core.SplitInfo, folder: pathlib.Path
) -> dict[str, manifest.Shard]:
  """The shards of a split that was written into a folder, by file name."""
  return {
    name: manifest.Shard(count, manifest.sha256(folder / name))
    for name, count in zip(
      sorted(info.filenames), info.shard_lengths, strict=True
    )
  }


def _list_clip(clip: PlacedClip, licence: str) -> manifest.RecordedClip:
  images = hashlib.sha256()
  for image, *_ in clip.outcome.frames(clip.number):
    images.update(image)
  return manifest.RecordedClip(
    name=clip.made.name,
    identity=clip.identity,
    frames=clip.made.frames,
    source=clip.made.source,
    licence=licence,
    start_time=clip.made.start_time,
    square=tuple(clip.made.square),
    sha256=images.hexdigest(),
  )
