"""How well lips go with a voice: videos as SyncNet sees and hears them."""

import contextlib
import hashlib
import pathlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.signal import medfilt

from dagan_jax.console.errors import UsageError
from dagan_jax.metrics.lip_sync import SHIFT
from dagan_jax.models.syncnet import (
  CEPSTRA,
  FRAMES,
  LIPS,
  PLACES,
  ROWS,
  SIDE,
  VOICE,
  Layer,
  SyncFeatures,
)
from dagan_jax.runs.checkpoints import check_equal_shapes
from dagan_jax.weights.files.tensors import read_tensors
from dagan_jax.weights.names.syncnet import syncnet_variables
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.boxes import Square, crop
from data_pipelines.faces.landmarks import LandmarkDetector
from data_pipelines.media.cepstra import find_cepstra
from data_pipelines.media.video_reader import read
from data_pipelines.media.voice import FRAME, FRAME_RATE
from data_pipelines.media.waveform import read_waveform

_CHUNK = 16  # of features at a time
_LEAST = 2 * SHIFT + 1  # features of a video, to be shifted against each other
# A face as S3FD finds it, for which the network's cuts were made: from above
# the brows, by this share of the height of its 68 landmarks, to the chin.
_FOREHEAD = 0.25
_WIDER = 0.4  # on each side, in halves of the larger side; and so far down
_STEADY = 13  # frames, of which the median counts


class Synced(NamedTuple):
  """Features of a video and of its sound, frame by frame."""

  lips: np.ndarray  # (t, c)
  voice: np.ndarray  # (t, c)


class SyncNet:
  """The published network, from its file."""

  def __init__(self, path: str):
    """Reads it; raises UsageError: the file holds no SyncNet."""
    file = pathlib.Path(path).expanduser()
    tensors = read_tensors(str(file))
    try:
      variables = syncnet_variables(tensors)
      networks = {
        name: _describe(layers, variables[name]['params'])
        for name, layers in (('lips', LIPS), ('voice', VOICE))
      }
      shapes = {
        'lips': (1, FRAMES, SIDE, SIDE, 3),
        'voice': (1, CEPSTRA, ROWS, 1),
      }
      for name, network in networks.items():
        seen = jax.ShapeDtypeStruct(shapes[name], jnp.float32)
        expected = jax.eval_shape(network.init, jax.random.key(0), seen)
        check_equal_shapes(variables[name], expected, f'{name},')
    except (UsageError, KeyError, ValueError, TypeError) as error:
      raise UsageError(
        f'--syncnet={path}: is not the published SyncNet, syncnet_v2.model'
        f' ({error})'
      ) from None
    self._see, self._hear = (
      jax.jit(lambda x, n=networks[name], v=variables[name]: n.apply(v, x))
      for name in ('lips', 'voice')
    )
    self._sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    self._name = f'SyncNet, {file.name}'

  def describe(self) -> dict[str, Any]:
    """Its name and digest, for reports."""
    return {'name': self._name, 'version': '', 'sha256': self._sha256}

  def measure(
    self,
    video: pathlib.Path,
    driving: pathlib.Path,
    detector: LandmarkDetector,
  ) -> Synced:
    """Features of a video's largest face, and of its sound.

    Args:
      video: which is seen at 25 frames a second; or a folder of frames.
      driving: whose sound is heard if the video has none.
      detector: of faces.

    Raises:
      DataError: there is no sound, no face, or too little of them.
    """
    wave = _listen(video, driving)
    squares = _find_squares(video, detector)
    # The published code leaves one out of those that there might be.
    count = min(len(squares), len(wave) // FRAME) - FRAMES
    if count < _LEAST:
      raise DataError(
        f'{video}: too short for lips to be held against its sound: it needs'
        f' {(_LEAST + FRAMES) / FRAME_RATE:.1f} s of both'
      )
    lips = [
      np.asarray(self._see(frames[None]))
      for frames in _cut(video, squares, count + FRAMES - 1)
    ]
    cepstra = find_cepstra(wave)
    step = ROWS // FRAMES
    windows = np.stack(
      [cepstra[:, step * k : step * k + ROWS] for k in range(count)]
    ).astype(np.float32)[..., None]
    voice = [
      np.asarray(self._hear(_fill(windows[k : k + _CHUNK], _CHUNK)))
      for k in range(0, count, _CHUNK)
    ]
    return Synced(*(np.concatenate(x)[:count] for x in (lips, voice)))


def _listen(*paths: pathlib.Path) -> np.ndarray:
  """The sound of the first file that has one; DataError: none has."""
  for path in paths:
    if path.is_file():
      with contextlib.suppress(DataError):
        return np.concatenate([*read_waveform(path)])
  raise DataError(f'{paths[0]}: neither it nor {paths[1]} has a sound')


def _describe(
  layers: tuple[Layer, ...], params: dict[str, Any]
) -> SyncFeatures:
  """The network of those layers whose parameters these are."""
  *widths, hidden, output = (
    params[name]['kernel'].shape[-1]
    for name in (*(f'conv_{place}' for place in PLACES), 'fc_0', 'fc_3')
  )
  return SyncFeatures(layers, tuple(widths), hidden, output)


def _find_squares(
  video: pathlib.Path, detector: LandmarkDetector
) -> list[Square]:
  """What of each frame the network sees, as its authors cut faces.

  Raises:
    DataError: no frame shows a face.
  """
  found = []
  for frame in read(video, rate=FRAME_RATE):
    points = detector.find(frame)
    if points is None:
      found.append([np.nan] * 3)
      continue
    (left, top), (right, bottom) = points.min(0), points.max(0)
    top -= _FOREHEAD * (bottom - top)
    half = max(right - left, bottom - top) / 2
    found.append([(left + right) / 2, (top + bottom) / 2, half])
  track = np.array(found).reshape(-1, 3)
  seen = np.flatnonzero(np.isfinite(track[:, 0]))
  if not len(seen):
    raise DataError(f'{video}: shows no face whose lips could be seen')
  times = np.arange(len(track))
  steady = [
    medfilt(np.interp(times, seen, column[seen]), _STEADY) for column in track.T
  ]
  return [
    Square(x - (1 + _WIDER) * half, y - half, 2 * (1 + _WIDER) * half)
    for x, y, half in zip(*steady, strict=True)
  ]


def _cut(
  video: pathlib.Path, squares: list[Square], count: int
) -> Iterator[np.ndarray]:
  """So many frames as the network sees them, in chunks that overlap."""
  chunk: list[np.ndarray] = []
  reach = FRAMES - 1
  frames = zip(read(video, rate=FRAME_RATE), squares[:count], strict=False)
  for frame, square in frames:
    chunk.append(np.float32(crop(frame, square, SIDE)[..., ::-1]))
    if len(chunk) == _CHUNK + reach:
      yield np.stack(chunk)
      chunk = chunk[_CHUNK:]
  if len(chunk) > reach:
    yield _fill(np.stack(chunk), _CHUNK + reach)


def _fill(rows: np.ndarray, count: int) -> np.ndarray:
  """So many rows, the last one again and again: one program fits all."""
  return rows[np.minimum(np.arange(count), len(rows) - 1)]
