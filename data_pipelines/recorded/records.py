"""How a frame of a data set is written: one record each, TFDS's own encoding.

A data set is a version folder of TensorFlow Datasets: ArrayRecord shards whose
records are serialized tf.train.Examples of `features`, so that
`tfds.builder_from_directory` reads it as well. Frames of a clip are contiguous
and in order. Beside the shards lies the manifest, `clips.json`.

Reading needs neither TensorFlow nor TFDS: the few messages that make up an
Example are declared below.
"""

import functools
import math
import zlib
from types import ModuleType
from typing import Any

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.encoded_images import MOST_PIXELS

# What is known of each pixel of a rendered face, by name.
BEFORE, AFTER = 'own_motion_before', 'own_motion_after'
MAPS = {
  'depth': np.float32,
  'nonrigid': np.uint8,
  BEFORE: np.float16,
  AFTER: np.float16,
}
POSE = 'camera_from_head'
MOST_BYTES = 4 * MOST_PIXELS  # of a map, unpacked

# tf.train.Example: the fields of each message, numbered from 1. A map is sent
# as a list of its entries.
_MESSAGES = {
  'BytesList': {'value': ('repeated', 'bytes')},
  'FloatList': {'value': ('repeated', 'float')},
  'Int64List': {'value': ('repeated', 'int64')},
  'Feature': {
    'bytes_list': ('optional', 'BytesList'),
    'float_list': ('optional', 'FloatList'),
    'int64_list': ('optional', 'Int64List'),
  },
  'Entry': {'key': ('optional', 'string'), 'value': ('optional', 'Feature')},
  'Features': {'feature': ('repeated', 'Entry')},
  'Example': {'features': ('optional', 'Features')},
}


def import_tfds() -> ModuleType:
  """TensorFlow Datasets, which only builds need; DataError: not installed."""
  try:
    import tensorflow_datasets
  except ImportError:
    raise DataError(
      'tensorflow_datasets is not installed: `pip install'
      " 'dagan_jax[train]'` brings what builds data sets"
    ) from None
  return tensorflow_datasets


def features(size: int, encoding: str, *, truth: bool = False) -> Any:
  """Returns the tfds.features.FeaturesDict of a data set's frames.

    image: encoded, (size, size, 3).
    clip, identity: names.
    index: int64, of the frame in its clip.
    time: float32, seconds into the video.
    landmarks: float32 (68, 2), pixels of the image; NaN where unknown.

  Of rendered faces, with `truth`, also:
    depth: float32 (size, size, 1), metres.
    nonrigid: uint8 (size, size, 1), 1 where a surface can move on its own.
    own_motion_before, own_motion_after: float16 (size, size, 1), pixels by
      which it does so to the clip's frame before and to the one after; NaN
      where there is none.
    camera_from_head: float32 (4, 4), where the head is.

  Raises:
    DataError: tensorflow-datasets is not installed.
  """
  tfds = import_tfds()
  kinds = {
    'image': tfds.features.Image(
      shape=(size, size, 3), encoding_format=encoding
    ),
    'clip': tfds.features.Text(),
    'identity': tfds.features.Text(),
    'index': tfds.features.Scalar(np.int64),
    'time': tfds.features.Scalar(np.float32),
    'landmarks': tfds.features.Tensor(shape=(68, 2), dtype=np.float32),
  }
  if truth:
    for name, kind in MAPS.items():
      kinds[name] = tfds.features.Tensor(
        shape=(size, size, 1), dtype=kind, encoding='zlib'
      )
    kinds[POSE] = tfds.features.Tensor(shape=(4, 4), dtype=np.float32)
  return tfds.features.FeaturesDict(kinds)


def parse_frame(record: bytes) -> dict[str, Any]:
  """Returns a frame's features by name, as `features` lists them.

  Names are str, numbers int and float, landmarks float32 (68, 2). Image and
  maps stay encoded, bytes: see `encoded_images` and `decode_map`. Older data
  sets of rendered faces tell less.

  Raises:
    ValueError: these bytes are no frame.
  """
  try:
    found = find_features(record)
    points = np.array(found['landmarks'].float_list.value, np.float32)
    frame = {
      'image': found['image'].bytes_list.value[0],
      'clip': found['clip'].bytes_list.value[0].decode(),
      'identity': found['identity'].bytes_list.value[0].decode(),
      'index': found['index'].int64_list.value[0],
      'time': found['time'].float_list.value[0],
      'landmarks': points.reshape(68, 2),
    }
    for name in MAPS.keys() & found.keys():
      frame[name] = found[name].bytes_list.value[0]
    if POSE in found:
      pose = np.array(found[POSE].float_list.value, np.float32)
      frame[POSE] = pose.reshape(4, 4)
  except (LookupError, ValueError):
    raise ValueError('it is no frame') from None
  return frame


def find_features(record: bytes) -> dict[str, Any]:
  """The features of a serialized tf.train.Example, by name.

  Raises:
    ValueError: these bytes are none.
  """
  try:
    entries = _example().FromString(record).features.feature
  except DecodeError:
    raise ValueError('it is no example') from None
  return {entry.key: entry.value for entry in entries}


def pack_features(features: dict[str, bytes]) -> bytes:
  """A serialized tf.train.Example of features that are bytes, see above."""
  example = _example()()
  for name in sorted(features):
    entry = example.features.feature.add(key=name)
    entry.value.bytes_list.value.append(features[name])
  return example.SerializeToString(deterministic=True)


def decode_map(name: str, data: bytes) -> np.ndarray:
  """Returns an encoded map of MAPS, (size, size, 1).

  Raises:
    ValueError: it cannot be decoded.
  """
  try:
    unpacker = zlib.decompressobj()
    values = np.frombuffer(unpacker.decompress(data, MOST_BYTES), MAPS[name])
    if not unpacker.eof:
      raise ValueError('cut short, or larger than any frame')
    return values.reshape(math.isqrt(len(values)), -1, 1)
  except (zlib.error, ValueError):
    raise ValueError(f'its {name} cannot be decoded') from None


@functools.cache
def _example() -> type:
  """The class of tf.train.Example, without TensorFlow.

  In a pool of its own, for TensorFlow may be there and know it as well.
  """
  types = descriptor_pb2.FieldDescriptorProto
  file = descriptor_pb2.FileDescriptorProto(
    name='frame.proto', package='frame', syntax='proto3'
  )
  for name, fields in _MESSAGES.items():
    message = file.message_type.add(name=name)
    for number, (field, (label, kind)) in enumerate(fields.items(), 1):
      added = message.field.add(name=field, number=number)
      added.label = types.Label.Value(f'LABEL_{label.upper()}')
      if kind in _MESSAGES:
        added.type_name = f'.frame.{kind}'
      else:
        added.type = types.Type.Value(f'TYPE_{kind.upper()}')
  pool = descriptor_pool.DescriptorPool()
  pool.Add(file)
  found = pool.FindMessageTypeByName('frame.Example')
  return message_factory.GetMessageClass(found)
