"""How a speech of a data set is written: a record each, TFDS's own encoding.

The sound lies beside what the speaker's face does in it, 25 times a second. As
with frames (see `records`), `tfds.builder_from_directory` reads it as well, and
reading needs neither TensorFlow nor TFDS.
"""

import zlib
from typing import Any, NamedTuple

import numpy as np

from data_pipelines.media.voice import FRAME
from data_pipelines.recorded.records import (
  find_features,
  import_tfds,
  pack_features,
)
from data_pipelines.speech.phones import Phone

MOST_SECONDS = 600  # of a speech: what a record unpacks to stays small
EXPRESSION, POSE, GAZE = 64, 6, 2  # numbers, see `synthetic.coefficients`
_MOST = MOST_SECONDS * 25 * 4 * FRAME  # bytes of an array
_ARRAYS = {
  'waveform': ('<i2', ()),
  'expression': ('<f4', (EXPRESSION,)),
  'pose': ('<f4', (POSE,)),
  'gaze': ('<f4', (GAZE,)),
  'phone_times': ('<f4', (2,)),
}
_TEXTS = ('name', 'identity', 'voice', 'language', 'text')


class Speech(NamedTuple):
  """What somebody says, and how face, head and eyes move meanwhile.

  Arrays are those of n frames, 25 a second; see `synthetic.coefficients`.
  """

  name: str
  identity: str
  voice: str  # of whom it is heard; the same one may have several identities
  language: str
  text: str
  waveform: np.ndarray  # int16 (640 n,), 16 000 samples a second
  expression: np.ndarray  # float32 (n, 64)
  pose: np.ndarray  # float32 (n, 6)
  gaze: np.ndarray  # float32 (n, 2)
  phones: tuple[Phone, ...]  # from the begin to the end, without gaps

  @property
  def frames(self) -> int:
    """How many there are."""
    return len(self.expression)


def features() -> Any:
  """The tfds.features.FeaturesDict of a data set's speeches.

  Those of Speech; the names of phones, words apart by spaces and silence `_`,
  are `phones`, their begins and ends in seconds `phone_times` (p, 2).

  Raises:
    DataError: tensorflow-datasets is not installed.
  """
  tfds = import_tfds()
  texts = dict.fromkeys((*_TEXTS, 'phones'), tfds.features.Text())
  arrays = {
    name: tfds.features.Tensor(
      shape=(None, *shape), dtype=np.dtype(kind).type, encoding='zlib'
    )
    for name, (kind, shape) in _ARRAYS.items()
  }
  return tfds.features.FeaturesDict({**texts, **arrays})


def to_features(speech: Speech) -> dict[str, Any]:
  """A speech by the names of `features`."""
  times = [(start, end) for _, start, end in speech.phones]
  fields = speech._asdict()
  fields['phones'] = ' '.join(name or '_' for name, *_ in speech.phones)
  fields['phone_times'] = np.float32(times).reshape(-1, 2)
  return fields


def pack_speech(speech: Speech) -> bytes:
  """A record that `parse_speech` reads."""
  packed = {}
  for name, value in to_features(speech).items():
    if name in _ARRAYS:
      value = zlib.compress(value.astype(_ARRAYS[name][0]).tobytes())
    packed[name] = value if isinstance(value, bytes) else value.encode()
  return pack_features(packed)


def parse_speech(record: bytes) -> Speech:
  """Reads a record.

  Raises:
    ValueError: these bytes are no speech.
  """
  try:
    found = {
      name: feature.bytes_list.value[0]
      for name, feature in find_features(record).items()
    }
    texts = {name: found[name].decode() for name in _TEXTS}
    arrays = {name: _unpack(name, found[name]) for name in _ARRAYS}
    times = arrays.pop('phone_times').tolist()
    names = found['phones'].decode().split()
    phones = [
      Phone('' if name == '_' else name, *pair)
      for name, pair in zip(names, times, strict=True)
    ]
    speech = Speech(**texts, **arrays, phones=tuple(phones))
  except (LookupError, ValueError, zlib.error):
    raise ValueError('it is no speech') from None
  counts = {len(x) for x in (speech.expression, speech.pose, speech.gaze)}
  if counts != {len(speech.waveform) // FRAME} or len(speech.waveform) % FRAME:
    raise ValueError('its sound and its motion have not the same length')
  return speech


def _unpack(name: str, data: bytes) -> np.ndarray:
  unpacker = zlib.decompressobj()
  content = unpacker.decompress(data, _MOST)
  if not unpacker.eof:
    raise ValueError('cut short, or longer than any speech')
  kind, shape = _ARRAYS[name]
  return np.frombuffer(content, kind).reshape(-1, *shape)
