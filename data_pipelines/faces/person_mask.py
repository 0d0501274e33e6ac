"""Which pixels of a portrait show the person.

Where MediaPipe's selfie segmentation is installed it says so; else GrabCut.
OpenCV comes with `pip install 'dagan_jax[eval]'`. GrabCut [Rother, Kolmogorov
and Blake 2004] learns the colours of the person and of the background from a
sketch that is drawn around the face, and cuts along the strongest edges. When
in doubt, a pixel goes to the person: a piece of wall that moves with a head
looks better than hair that stays behind.
"""

import numpy as np
from etils import epy
from jaxtyping import Float32, UInt8
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.finders import face_finder
from data_pipelines.faces.selfie_segmentation import segment_person

with epy.lazy_imports():  # slow, and few programs need it
  from scipy import ndimage

_SHORT_SIDE = 256  # pixels of the copy that is cut
_ROUNDS = 2  # of learning and cutting; more change no portrait we tried
# Where a face is in a square that `boxes.clip_square` made of one picture:
# left, top, right, bottom.
_FACE = np.array([0.21, 0.27, 0.79, 0.85])
_SOFT = 0.008  # of the side: the edge's standard deviation
# How much steeper the picture must be along the cut than it is on the mean: 1.4
# to 7 in portraits, paintings the least; 1 where there is nothing to see.
_LEAST_CONTRAST = 1.2


def person_mask(
  picture: UInt8[np.ndarray, 'h w 3'],
) -> Float32[np.ndarray, 'h w 1']:
  """1 where head, hair, neck and shoulders are, 0 elsewhere, soft between.

  Args:
    picture: a portrait in which a face is found. Where none is, or nothing
      that finds faces is installed, the face is taken to fill the central
      square as `--crop` would have cut it.

  Raises:
    DataError: neither that network nor OpenCV is installed, or nothing
      separates the person from the background.
  """
  height, width = picture.shape[:2]
  person = segment_person(picture)
  if person is None:
    person = _cut_out(picture)
  if not person.any():
    raise _inseparable()
  regions, _ = ndimage.label(person)
  sizes = np.bincount(regions.ravel())
  whole = ndimage.binary_fill_holes(regions == sizes[1:].argmax() + 1)
  soft = ndimage.gaussian_filter(np.float32(whole), _SOFT * _SHORT_SIDE)
  if soft.shape != (height, width):
    soft = Image.fromarray(soft).resize(
      (width, height), Image.Resampling.BILINEAR
    )
  # Far from the edge it is 0 or 1 to the bit.
  return np.clip((np.asarray(soft) - 0.05) / 0.9, 0, 1)[..., None]


def _cut_out(picture: np.ndarray) -> np.ndarray:
  """Which pixels of a small copy go to the person by GrabCut, bool (h, w)."""
  try:
    import cv2
  except ImportError:
    raise DataError(
      "--background=static needs OpenCV: pip install 'dagan_jax[eval]'"
    ) from None
  height, width = picture.shape[:2]
  scale = _SHORT_SIDE / min(height, width)
  size = round(scale * width), round(scale * height)
  small = np.array(
    Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS)
  )
  x, y = _face_coordinates(small, _face_box(picture) * scale)
  sketch = _sketch(cv2, x, y)
  person = _cut(cv2, small, sketch)
  # By itself the head keeps dark hair that a light dress would outweigh.
  head = slice(0, np.searchsorted(y[:, 0], 1.15))
  person[head] |= _cut(cv2, small[head], sketch[head])
  _check(small, person)
  return person


def _face_box(picture: np.ndarray) -> np.ndarray:
  """Left, top, right, bottom of the largest face, from brows to chin."""
  try:
    faces = face_finder().find(picture)
  except DataError:
    faces = []
  if faces:
    return faces[0].box
  height, width = picture.shape[:2]
  side = min(height, width)
  corner = np.array([width - side, height - side]) / 2
  return _FACE * side + np.tile(corner, 2)


def _face_coordinates(
  picture: np.ndarray, box: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
  """Every pixel's place in units of a face: x = 0 in its middle, y = 1 at its
  chin and 0 about its brows."""
  side = max(box[2] - box[0], box[3] - box[1])
  row, column = np.mgrid[: picture.shape[0], : picture.shape[1]] + 0.5
  return (column - (box[0] + box[2]) / 2) / side, (row - box[3]) / side + 1


def _sketch(cv2, x: np.ndarray, y: np.ndarray) -> np.ndarray:
  """GrabCut's start, uint8 (h, w): what is certain, and what is likely."""
  aside = np.abs(x)
  sketch = np.full(x.shape, cv2.GC_PR_BGD, np.uint8)
  head = np.hypot(x / 0.65, (y - 0.3) / 0.85) < 1
  shoulders = (y > 1.1) & (aside < 0.4 + 3 * (y - 1.1))
  sketch[head | shoulders] = cv2.GC_PR_FGD
  face = np.hypot(x / 0.4, (y - 0.375) / 0.575) < 1
  neck = (y > 0.8) & (aside < 0.16)
  chest = (y > 1.05) & (aside < 0.3 + 1.5 * (y - 1.05))
  sketch[face | neck | chest] = cv2.GC_FGD
  edge = round(0.025 * _SHORT_SIDE)
  sides = np.zeros(x.shape, bool)
  sides[:, :edge] = sides[:, -edge:] = True
  sketch[sides & (y < 0.9) & (aside > 0.65)] = cv2.GC_BGD
  sketch[:edge][aside[:edge] > 0.5] = cv2.GC_BGD
  return sketch


def _cut(cv2, picture: np.ndarray, sketch: np.ndarray) -> np.ndarray:
  """Which pixels go to the person, bool (h, w)."""
  labels, colours = sketch.copy(), [np.zeros((1, 65)) for _ in range(2)]
  cv2.setRNGSeed(0)
  try:
    cv2.grabCut(
      np.ascontiguousarray(picture),
      labels,
      None,
      *colours,
      _ROUNDS,
      cv2.GC_INIT_WITH_MASK,
    )
  except cv2.error:  # one side of the sketch is empty
    raise _inseparable() from None
  return (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)


def _check(picture: np.ndarray, person: np.ndarray) -> None:
  """Raises DataError unless the person's outline follows edges."""
  outline = person & ~ndimage.binary_erosion(person, border_value=1)
  steepness = np.hypot(*np.gradient(picture.mean(axis=-1)))
  if not outline.any() or not (
    steepness[outline].mean() > _LEAST_CONTRAST * steepness.mean()
  ):
    raise _inseparable()


def _inseparable() -> DataError:
  return DataError(
    'no person can be told from the background of this portrait: take another'
    ' one, cut it closer with --crop, or leave out --background=static'
  )
