"""An invisible mark in the pixels, which says which program made them.

A tile of faint waves is repeated all over the frame, added to its brightness.
Each wave carries one bit, by its sign: a fixed word and the program's version,
so coded that many waves may be lost. The waves are long enough for H.264 to
keep them, and stronger where the picture is busy, where nobody sees them.
"""

import functools
import hashlib
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from data_pipelines.provenance import golay

TILE = 72  # pixels after which the waves repeat, down and across
_SHORTEST, _LONGEST = 7, 18  # pixels: lengths of the waves
WORD = np.unpackbits(np.frombuffer(b'DJX', np.uint8))  # the first bits
_MAJOR, _MINOR = 5, 7  # bits of a version's two numbers
WORD_WAVES = 2 * golay.LENGTH  # the first waves: they carry the word
_WAVES = WORD_WAVES + golay.LENGTH

# The root mean square of the waves in grey levels: where the picture is smooth,
# what each level of its mean deviation from that adds, and the most.
_FLAT, _SLOPE, _MOST = 0.6, 0.35, 4.0
_MOST_ON_AVERAGE = 2.35  # of a whole frame: more than 40 dB below white
_BLOCK = 8  # pixels of a square in which that deviation is taken


class Waves(NamedTuple):
  """The waves of a tile, in the order of the bits that they carry."""

  rows: np.ndarray  # how often each repeats down a tile
  columns: np.ndarray  # and across
  phases: np.ndarray  # of bit 0, in radians


class Mark:
  """Marks frames with a version of the program."""

  def __init__(self, version: tuple[int, int]):
    """Takes the first two numbers, below 32 and 128."""
    self._tile = _draw_tile(golay.encode(write_payload(version)))
    self._pattern = np.zeros((0, 0), np.float32)

  def __call__(self, frame: np.ndarray) -> np.ndarray:
    """Returns the marked frame, uint8 (h, w, 3) in RGB, the given one as is."""
    height, width = frame.shape[:2]
    if self._pattern.shape != (height, width):
      repeats = -(-height // TILE), -(-width // TILE)
      self._pattern = np.tile(self._tile, repeats)[:height, :width]
    picture = Image.fromarray(frame)
    added = _find_strength(picture.convert('L'))
    added *= self._pattern
    added += 128.5
    grey = Image.fromarray(added.astype(np.uint8))
    rgb = Image.merge('RGB', (grey, grey, grey))
    return np.array(ImageChops.add(picture, rgb, offset=-128))


def write_payload(version: tuple[int, int]) -> np.ndarray:
  """The bits that a mark carries, (36,): a fixed word and the version."""
  major, minor = version
  if not (0 <= major < 2**_MAJOR and 0 <= minor < 2**_MINOR):
    raise ValueError(f'version {major}.{minor} does not fit into a mark')
  number = major << _MINOR | minor
  places = np.arange(_MAJOR + _MINOR)[::-1]
  return np.concatenate([WORD, number >> places & 1])


def read_version(bits: np.ndarray) -> tuple[int, int]:
  """The version in a payload, whatever its word is."""
  places = np.arange(_MAJOR + _MINOR)[::-1]
  number = int(bits[len(WORD) :] @ (1 << places))
  return number >> _MINOR, number % 2**_MINOR


@functools.cache
def waves() -> Waves:
  """Chooses the waves, the same for ever, as if by chance."""
  count = np.fft.fftfreq(TILE, 1 / TILE).astype(int)
  rows, columns = (x.ravel() for x in np.meshgrid(count, count, indexing='ij'))
  lengths = TILE / np.maximum(np.hypot(rows, columns), 1)
  # Upright and level waves are those of walls, and of the codec's blocks.
  slanted = (np.abs(rows) > 1) & (np.abs(columns) > 1)
  fit = (lengths >= _SHORTEST) & (lengths <= _LONGEST) & slanted & (rows > 0)
  rows, columns = rows[fit], columns[fit]
  chance = hashlib.shake_256(b'dagan_jax').digest(8 * len(rows))
  order, phases = np.frombuffer(chance, '<u4').reshape(2, -1)
  chosen = np.argsort(order, kind='stable')[:_WAVES]
  angles = phases[:_WAVES] * (2 * np.pi / 2**32)
  return Waves(rows[chosen], columns[chosen], angles)


def _draw_tile(signs: np.ndarray) -> np.ndarray:
  """The waves together, (TILE, TILE), of root mean square 1."""
  spectrum = np.zeros((TILE, TILE), complex)
  spectrum[waves().rows, waves().columns] = signs * np.exp(1j * waves().phases)
  tile = np.fft.ifft2(spectrum).real
  return (tile / tile.std()).astype(np.float32)


def _find_strength(grey: Image.Image) -> np.ndarray:
  """How strong the waves may be at each pixel, float32 (h, w)."""
  means = grey.reduce(_BLOCK)
  size = means.width * _BLOCK, means.height * _BLOCK
  # What the eye takes for smooth: shades that change slowly hide nothing.
  smooth = means.resize(size, Image.Resampling.BILINEAR)
  deviations = ImageChops.difference(grey, smooth.crop((0, 0, *grey.size)))
  busy = deviations.reduce(_BLOCK)
  # A flat place beside an edge is flat nevertheless.
  least = np.asarray(busy.filter(ImageFilter.MinFilter(3)), np.float32)
  strength = _FLAT + _SLOPE * (3 * least + np.asarray(busy)) / 4
  strength = np.minimum(strength, _MOST)
  strength *= min(1, _MOST_ON_AVERAGE / np.sqrt(np.mean(strength**2)))
  blocks = Image.fromarray(strength)
  return np.array(blocks.resize(grey.size, Image.Resampling.BILINEAR))
