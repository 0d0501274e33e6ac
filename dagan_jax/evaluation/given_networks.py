"""Networks that are given as files: what is seen or heard in, features out.

No package may carry these, so whoever has a file names it.
"""

import hashlib
import pathlib
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.lip_sync import SyncNet
from data_pipelines.errors.wording import describe

# ArcFace's five points in its picture, pixels from the middle of the first:
# eyes, tip of the nose, corners of the mouth.
_ARCFACE_SIZE = 112
_ARCFACE_POINTS = np.array([
  [38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366],
  [41.5493, 92.3655], [70.7299, 92.2041],
])  # fmt: skip
_INCEPTION_SIZE = 299


class GivenNetwork:
  """A network in ONNX, seen with RGB in [-1, 1], channels first."""

  def __init__(self, path: str, flag: str):
    """Reads the network.

    Args:
      path: of the file.
      flag: by which it is given.

    Raises:
      UsageError: ONNX Runtime is not installed, or the file is no network from
        one picture to one row of features.
    """
    file = pathlib.Path(path).expanduser()
    if not file.is_file():
      raise UsageError(f'{flag}={path}: there is no such file')
    try:
      import onnxruntime
    except ImportError:
      raise UsageError(
        f"{flag} needs ONNX Runtime: pip install 'dagan_jax[eval]' brings it"
      ) from None
    self._name = f'{flag.lstrip("-")}, {file.name}, RGB in [-1, 1]'
    self._complaint = f'{flag}={path}: gives no row of features for a picture'
    content = file.read_bytes()
    self._sha256 = hashlib.sha256(content).hexdigest()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what it cannot do, it raises as well
    try:
      self._session = onnxruntime.InferenceSession(
        content, options, providers=['CPUExecutionProvider']
      )
    except Exception as error:  # foreign bytes break it in any way
      raise UsageError(
        f'{flag}={path}: is no ONNX file that can be run: {describe(error)}'
      ) from None
    self._input = self._session.get_inputs()[0].name

  def look_at(
    self, pictures: UInt8[np.ndarray, 'b h w 3']
  ) -> Float[np.ndarray, 'b c']:
    """Features of pictures of the size that the network takes.

    Raises:
      UsageError: it takes others, or gives something else.
    """
    values = np.moveaxis(pictures.astype(np.float32) / 127.5 - 1, 3, 1)
    rows = []
    for value in values:  # many files are made for one picture at a time
      try:
        (found, *_) = self._session.run(None, {self._input: value[None]})
        row = np.asarray(found, np.float32).reshape(1, -1)
      except Exception as error:
        raise UsageError(f'{self._complaint}: {describe(error)}') from None
      if len(found) != 1 or row.size != max(found.shape):
        raise UsageError(f'{self._complaint}, but {found.shape}')
      rows.append(row[0])
    return np.stack(rows)

  def describe(self) -> dict[str, Any]:
    """Its name and digest, for reports."""
    return {'name': self._name, 'version': '', 'sha256': self._sha256}


class GivenNetworks(NamedTuple):
  """Those that were given; None: was not."""

  arcface: GivenNetwork | None = None
  inception: GivenNetwork | None = None
  syncnet: SyncNet | None = None

  def describe(self) -> list[dict[str, Any]]:
    """What was given, for reports."""
    return [network.describe() for network in self if network is not None]

  def find_identities(
    self,
    pictures: UInt8[np.ndarray, 'b h w 3'],
    landmarks: Float[np.ndarray, 'b 68 2'],
  ) -> dict[str, Float[np.ndarray, 'b c']]:
    """ArcFace's embeddings by name, of length 1; NaN where there is no face."""
    if self.arcface is None:
      return {}
    squares = [
      align_face(picture, np.nan_to_num(points))
      for picture, points in zip(pictures, landmarks, strict=True)
    ]
    found = self.arcface.look_at(np.stack(squares))
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    found[np.isnan(landmarks).any(axis=(1, 2))] = np.nan
    return {'arcface': found}

  def find_features(
    self, pictures: UInt8[np.ndarray, 'b h w 3']
  ) -> dict[str, Float[np.ndarray, 'b c']]:
    """Inception's features by name, of pictures scaled by cubic filters."""
    if self.inception is None:
      return {}
    side = _INCEPTION_SIZE, _INCEPTION_SIZE
    scaled = [
      np.asarray(Image.fromarray(x).resize(side, Image.Resampling.BICUBIC))
      for x in pictures
    ]
    return {'inception': self.inception.look_at(np.stack(scaled))}


def open_given(
  arcface: str | None, inception: str | None, syncnet: str | None
) -> GivenNetworks:
  """The networks of some files; a UsageError tells of one that is none."""
  return GivenNetworks(
    GivenNetwork(arcface, '--arcface') if arcface else None,
    GivenNetwork(inception, '--inception') if inception else None,
    SyncNet(syncnet) if syncnet else None,
  )


def align_face(
  picture: UInt8[np.ndarray, 'h w 3'], landmarks: Float[np.ndarray, '68 2']
) -> UInt8[np.ndarray, '112 112 3']:
  """The face as ArcFace learnt faces: turned, scaled and moved by five points.

  Args:
    picture: of the face.
    landmarks: in pixels; the picture spans [0, w] x [0, h].
  """
  eyes = landmarks[36:42].mean(axis=0), landmarks[42:48].mean(axis=0)
  points = np.stack([*eyes, *landmarks[[30, 48, 54]]]).astype(np.float64)
  # x' = a x - b y + c, y' = b x + a y + d: the least squares of all points.
  ones, zeros = np.ones(5), np.zeros(5)
  (x, y), aims = points.T, _ARCFACE_POINTS + 0.5
  rows = [[x, -y, ones, zeros], [y, x, zeros, ones]]
  system = np.concatenate([np.stack(row, axis=1) for row in rows])
  a, b, c, d = np.linalg.lstsq(system, aims.T.ravel())[0]
  if not a and not b:  # the points lie in one place
    a = 1.0
  back = np.linalg.inv([[a, -b, c], [b, a, d], [0, 0, 1]])
  aligned = Image.fromarray(picture).transform(
    (_ARCFACE_SIZE, _ARCFACE_SIZE),
    Image.Transform.AFFINE,
    back[:2].ravel().tolist(),
    Image.Resampling.BILINEAR,
  )
  return np.asarray(aligned)
