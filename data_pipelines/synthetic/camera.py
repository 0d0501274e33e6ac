"""What a camera makes of the light: blur, noise, colours, compression.

A person is recorded by one camera, whatever the moment. Noise alone differs
from moment to moment, but is a function of the person and the moment. About
one camera in five has no faults.
"""

import functools
import io
from typing import NamedTuple

import numpy as np
from PIL import Image

from data_pipelines.synthetic.surface import mix, ramp

SEED = 20_261_125  # the cameras' own stream
SPOTLESS = 0.2  # share of the cameras
WITHOUT_JPEG = 0.2  # share of the others
CODES = 4096  # steps between black and the brightest light that is told apart
BRIGHTEST = 2.25  # linear light; 1 is a white of which a display is capable
WEIGHTS = (0.25, 0.65, 0.1)  # of red, green and blue in lightness


class Camera(NamedTuple):
  """A camera with all its settings. The defaults are those without faults."""

  blur: tuple[float, float] = (0.0, 0.0)  # sigmas, shares of the picture's side
  vignette: float = 0.0  # share of the light lost in the corners
  balance: tuple[float, float, float] = (1.0, 1.0, 1.0)  # gains of the colours
  shot: float = 0.0  # variance of the noise in light 1
  read: float = 0.0  # its standard deviation in the dark
  saturation: float = 1.0
  gamma: float = 1.0  # exponent of what a display gets; more is darker
  contrast: float = 0.0  # -1 to 1
  haze: float = 0.0  # what black is lifted to
  shoulder: float = 0.0  # range below white into which highlights are pressed
  quality: int = 0  # of JPEG, 0: none
  subsampling: int = 0  # Pillow's: 0 keeps colours' resolution, 2 quarters it


SPOTLESS_CAMERA = Camera()


@functools.lru_cache(maxsize=64)
def camera(index: int) -> Camera:
  """The camera that records the person `index`."""
  rng = np.random.default_rng((SEED, index))
  if rng.random() < SPOTLESS:
    return SPOTLESS_CAMERA
  between = lambda low, high: float(low + (high - low) * rng.random())
  soft = 0.005 * rng.random() ** 2
  stretch = 1 + 0.8 * rng.random() ** 3
  smear = (stretch, 1.0) if rng.random() < 0.7 else (1.0, stretch)
  noise = rng.random() ** 3
  warm, green = rng.random() + rng.random() - 1, rng.random() + rng.random() - 1
  compressed = rng.random() >= WITHOUT_JPEG
  return Camera(
    blur=(soft * smear[0], soft * smear[1]),
    vignette=0.35 * rng.random() ** 2,
    balance=(1 + 0.14 * warm, 1 + 0.04 * green, 1 - 0.16 * warm),
    shot=0.0016 * noise,
    read=0.008 * noise * rng.random(),
    saturation=between(0.72, 1.25),
    gamma=between(0.86, 1.18),
    contrast=between(-0.25, 0.6),
    haze=0.06 * rng.random() ** 3,
    shoulder=between(0.1, 0.4),
    quality=round(95 - 65 * rng.random() ** 2.5) if compressed else 0,
    subsampling=0 if rng.random() < 0.3 else 2,
  )


def develop(light: np.ndarray, used: Camera, moment: tuple) -> np.ndarray:
  """The picture (size, size, 3) uint8 that a camera makes.

  light: (size, size, 3), linear, 0 or more. moment: seeds the noise.
  """
  size = len(light)
  # Red, green and blue apart: computing along a picture's rows is faster.
  light = np.ascontiguousarray(np.moveaxis(light, -1, 0), np.float32)
  gain = np.array(used.balance, np.float32)[:, None, None]
  if used.vignette:
    gain = gain * _fall_off(size, used.vignette)
  light = light * gain
  for axis, sigma in ((2, used.blur[0] * size), (1, used.blur[1] * size)):
    if sigma > 0.2:
      light = _blur(light, sigma, axis)
  if used.shot:
    deviation = light * np.float32(used.shot)
    deviation += np.float32(used.read**2)
    np.sqrt(deviation, out=deviation)
    deviation *= np.moveaxis(_noise(size, moment), -1, 0)
    light += deviation
  if used.saturation != 1:
    grey = sum(np.float32(w) * light[c] for c, w in enumerate(WEIGHTS))
    light *= np.float32(used.saturation)
    light += (1 - np.float32(used.saturation)) * grey
  np.clip(light, 0, BRIGHTEST, out=light)
  light *= np.float32((CODES - 1) ** 2 / BRIGHTEST)
  np.sqrt(light, out=light)
  light += np.float32(0.5)
  picture = _tones(used).take(light.astype(np.intp))
  picture = np.ascontiguousarray(np.moveaxis(picture, 0, -1))
  return _compress(picture, used) if used.quality else picture


@functools.lru_cache(maxsize=8)
def _fall_off(size: int, loss: float) -> np.ndarray:
  """Share (size, size) of the light that arrives."""
  at = ((np.arange(size) + 0.5) / size * 2 - 1) ** 2 / 2
  away = at[:, None] + at
  light = 1 - loss * away * (0.4 + 0.6 * away)
  return light.astype(np.float32)


def _blur(light: np.ndarray, sigma: float, axis: int) -> np.ndarray:
  """A Gaussian blur of (3, h, w) along an axis, sigma in pixels.

  Edges are continued.
  """
  reach = max(1, int(2.5 * sigma + 0.5))
  away = np.arange(-reach, reach + 1)
  weights = np.exp(-0.5 * (away / sigma) ** 2)
  weights /= weights.sum()
  size = light.shape[axis]
  pads = [(reach, reach) if a == axis else (0, 0) for a in range(3)]
  wide = np.pad(light, pads, mode='edge')
  out = np.zeros_like(light)
  for start, weight in enumerate(weights):
    part = slice(start, start + size)
    out += np.float32(weight) * (
      wide[:, part] if axis == 1 else wide[..., part]
    )
  return out


def _noise(size: int, moment: tuple) -> np.ndarray:
  """Noise (size, size, 3) of mean 0 and variance 1, nearly Gaussian."""
  # Sums of integers are the same on every machine; logarithms need not be.
  # Each word holds four random bytes, whose sum has variance (256^2 - 1) / 3.
  rng = np.random.default_rng((SEED, *moment))
  words = rng.integers(0, 1 << 32, (size, size, 3), np.uint32)
  pairs = (words & 0x00FF00FF) + (words >> 8 & 0x00FF00FF)
  total = ((pairs & 0xFFFF) + (pairs >> 16)).astype(np.float32)
  total -= np.float32(510)
  total *= np.float32(np.sqrt(3 / ((1 << 16) - 1)))
  return total


@functools.lru_cache(maxsize=64)
def _tones(used: Camera) -> np.ndarray:
  """The byte shown for each code, (CODES,) uint8."""
  code = np.arange(CODES) / (CODES - 1) * np.sqrt(BRIGHTEST)
  knee = 1 - used.shoulder
  if used.shoulder:
    over = np.maximum(code - knee, 0) / used.shoulder
    code = np.minimum(code, knee) + used.shoulder * (1 - np.exp(-over))
  code = np.minimum(code, 1) ** used.gamma
  code = mix(code, ramp(code, 0, 1), used.contrast * 0.6)
  return (255 * mix(used.haze, 1.0, code) + 0.5).astype(np.uint8)


def _compress(picture: np.ndarray, used: Camera) -> np.ndarray:
  """A picture after JPEG."""
  file = io.BytesIO()
  Image.fromarray(picture).save(
    file, 'JPEG', quality=used.quality, subsampling=used.subsampling
  )
  return np.array(Image.open(file, formats=['JPEG']))
