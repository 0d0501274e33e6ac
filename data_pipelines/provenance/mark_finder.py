"""Finds the invisible mark again, after compression, scaling and cropping."""

import functools
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from etils import epy
from PIL import Image

from data_pipelines.provenance import golay
from data_pipelines.provenance.mark import (
  TILE,
  WORD,
  WORD_WAVES,
  read_version,
  waves,
)

with epy.lazy_imports():  # slow, and few programs need it
  from scipy import ndimage

# Chance alone, at one place, exceeds a score s with a probability of at most
# exp(-s^2 / 2), for so much a sum of waves of random phases can be. Everywhere
# it is tried (all shifts, sizes and versions, some 4e9) that is 1e-6 at most.
SURE = 8.52
# A first look at few tiles shows which sizes deserve a look at more.
_FEW, _MANY = 6, 10  # tiles, each way
_SIZES = np.exp(np.arange(np.log(0.4), np.log(2.2), 0.011))
_NEAR = np.linspace(-0.006, 0.006, 5)
_LIKELY = 4  # sizes
_LOUD = 1.5  # times the noise beside it: a wave that counts in full
_BESIDE = 1.2  # times in a tile, by which that noise repeats more or less often


class Finding(NamedTuple):
  """What was found in frames where a mark is the likeliest."""

  score: float  # 12 is a mark without any noise, SURE certainly one
  size: float  # of the frames, 1 as they were marked
  bits: np.ndarray  # the payload as it is read, (36,)

  @property
  def version(self) -> tuple[int, int] | None:
    """The version in the mark; None: there is no mark."""
    return read_version(self.bits) if self.score >= SURE else None


def find_mark(frames: Iterable[np.ndarray]) -> Finding:
  """Looks for a mark in frames of one video, uint8 (h, w, 3), of one size.

  All frames vote: the picture they have on average has less of its own there
  where they move, and the mark stays.
  """
  picture = average_flat(frames)
  best = _find_at(picture, 1.0)
  if best.score < SURE:
    rough = [_find_at(picture, size, _FEW) for size in _SIZES]
    likely = sorted(rough, key=_score)[-_LIKELY:]
    near = [x.size * (1 + change) for x in likely for change in _NEAR]
    best = max(best, *(_find_at(picture, size) for size in near), key=_score)
  return best


def _score(finding: Finding) -> float:
  return finding.score


def take_waves(
  picture: np.ndarray, size: float = 1.0, tiles: int = _MANY
) -> np.ndarray:
  """The waves of a picture, as complex numbers whose sign would be the bits.

  Args:
    picture: see `average_flat`.
    size: of its frames, 1 as they would have been marked.
    tiles: of its middle that are looked at, each way.
  """
  tile = np.fft.fft2(_fold(_rescale(picture, size, tiles * TILE)))
  found = tile[waves().rows, waves().columns] * np.exp(-1j * waves().phases)
  # No single one may decide, and what noise drowns counts less. How much each
  # counts has nothing to do with its phase: chance stays as unlikely.
  noise = np.sqrt(_beside() @ np.abs(tile.ravel()) ** 2)
  return found / np.maximum(np.abs(found), _LOUD * noise + 1e-9)


def fit_word(
  found: np.ndarray, word: np.ndarray = WORD, size: float = 1.0
) -> Finding:
  """The likeliest mark with a word, wherever the tiles begin."""
  fits = np.zeros((TILE, TILE), complex)
  known = slice(WORD_WAVES)
  fits[waves().rows[known], waves().columns[known]] = found[known] * (
    golay.encode(word)
  )
  fits = np.fft.ifft2(fits).real
  down, across = np.unravel_index(fits.argmax(), fits.shape)
  turn = (waves().rows * down + waves().columns * across) * (2 * np.pi / TILE)
  signs = (found * np.exp(1j * turn)).real
  bits = golay.decode(signs)
  likeliest = golay.encode(np.concatenate([word, bits[len(word) :]]))
  noise = np.sqrt(np.sum(np.abs(found) ** 2) / 2) + 1e-9
  return Finding(float(likeliest @ signs / noise), size, bits)


def average_flat(frames: Iterable[np.ndarray]) -> np.ndarray:
  """The mean brightness of frames, (h, w), but alike in all places.

  Without slow changes, and no place is busier than another.
  """
  total, count = 0.0, 0
  for frame in frames:
    total = total + np.asarray(Image.fromarray(frame).convert('L'), np.float32)
    count += 1
  detail = total / count
  detail -= ndimage.gaussian_filter(detail, 4)
  busy = ndimage.gaussian_filter(detail**2, 3)
  return detail / (np.sqrt(busy) + 0.3)


def _find_at(picture: np.ndarray, size: float, tiles: int = _MANY) -> Finding:
  return fit_word(take_waves(picture, size, tiles), size=size)


@functools.cache
def _beside() -> np.ndarray:
  """Means over what is no wave but about as long as one, (waves, TILE^2)."""
  count = np.fft.fftfreq(TILE, 1 / TILE)
  rows, columns = np.meshgrid(count, count, indexing='ij')
  free = (np.abs(rows) > 1) & (np.abs(columns) > 1)
  free[waves().rows, waves().columns] = False
  free[-waves().rows, -waves().columns] = False
  often = np.hypot(waves().rows, waves().columns)[:, None, None]
  near = free & (np.abs(np.hypot(rows, columns) - often) < _BESIDE)
  return near.reshape(len(near), -1) / near.sum((1, 2))[:, None]


def _rescale(picture: np.ndarray, size: float, most: int) -> np.ndarray:
  """The middle of a picture as it was before it was scaled to `size`."""
  height, width = picture.shape
  middle = [min(side, most * size) for side in (width, height)]
  left, top = (width - middle[0]) / 2, (height - middle[1]) / 2
  whole = [max(1, int(side / size)) for side in middle]
  box = left, top, left + whole[0] * size, top + whole[1] * size
  box = *box[:2], min(box[2], width), min(box[3], height)
  image = Image.fromarray(picture)
  return np.asarray(image.resize(whole, Image.Resampling.BICUBIC, box=box))


def _fold(picture: np.ndarray) -> np.ndarray:
  """The sum of all tiles of a picture, (TILE, TILE)."""
  height, width = picture.shape
  picture = np.pad(picture, ((0, -height % TILE), (0, -width % TILE)))
  rows, columns = (side // TILE for side in picture.shape)
  return picture.reshape(rows, TILE, columns, TILE).sum((0, 2))
