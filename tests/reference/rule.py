"""Makes the reference networks' weights from their names alone.

`state_dict` gives a PyTorch-style state dict (NumPy arrays, PyTorch layouts and
names); the original networks computed the .npz files here on just these.
"""

import math
import zlib

import numpy as np

# Gains that keep sigmoid and softmax outputs away from saturation.
_GAIN = {
  'kp.weight': 0.3,
  'jacobian.weight': 0.05,
  'final.weight': 0.08,
  'decoder.conv_img.weight': 1.0,
  'AttnModule.query_conv.weight': 3.0,
  'AttnModule.key_conv.weight': 3.0,
  **{f'decoder.{i}.conv.weight': 0.02 for i in (10, 11, 12, 13)},
}


def tensor(name: str, shape) -> np.ndarray:
  """The array under `name`; float32, but num_batches_tracked int64."""
  shape = tuple(int(size) for size in shape)
  rng = np.random.default_rng(zlib.crc32(name.encode()))
  leaf = name.rsplit('.', 1)[-1]
  if leaf == 'num_batches_tracked':
    return np.zeros(shape, np.int64)
  if leaf == 'running_var':
    return rng.uniform(0.5, 1.5, shape).astype(np.float32)
  if leaf == 'running_mean':
    return (0.1 * rng.standard_normal(shape)).astype(np.float32)
  if leaf == 'gamma':
    return np.full(shape, 0.5, np.float32)
  if leaf in ('weight_u', 'weight_v'):  # spectral norm
    vector = rng.standard_normal(shape)
    return (vector / np.linalg.norm(vector)).astype(np.float32)
  if leaf in ('weight', 'weight_orig') and len(shape) >= 2:
    std = math.sqrt(2.0 / np.prod(shape[1:])) * _GAIN.get(name, 1.0)
    return (std * rng.standard_normal(shape)).astype(np.float32)
  if leaf == 'weight':  # scale of a norm layer
    return rng.uniform(0.5, 1.5, shape).astype(np.float32)
  if name.endswith('jacobian.bias'):
    identity = np.tile([1.0, 0.0, 0.0, 1.0], shape[0] // 4)
    return (identity + 0.1 * rng.standard_normal(shape)).astype(np.float32)
  return (0.05 * rng.standard_normal(shape)).astype(np.float32)


def antialias_kernel(channels: int, scale: float) -> np.ndarray:
  """The buffer of the original's down-sampling, (channels, 1, k, k)."""
  sigma = (1 / scale - 1) / 2
  size = 2 * round(sigma * 4) + 1
  offset = np.arange(size, dtype=np.float32) - (size - 1) / 2
  line = np.exp(-(offset**2) / (2 * sigma**2))
  kernel = np.outer(line, line)
  return np.tile(
    (kernel / kernel.sum())[None, None], (channels, 1, 1, 1)
  ).astype(np.float32)


def image(name: str, size: int = 256) -> np.ndarray:
  """A smooth random picture, uint8 (size, size, 3)."""
  low = np.random.default_rng(zlib.crc32(f'image/{name}'.encode())).uniform(
    0, 1, (17, 17, 3)
  )
  place = np.linspace(0, 16 - 1e-6, size)
  index = place.astype(int)
  weight = (place - index)[:, None, None]
  rows = low[index] * (1 - weight) + low[index + 1] * weight
  weight = weight.transpose(1, 0, 2)
  picture = rows[:, index] * (1 - weight) + rows[:, index + 1] * weight
  return np.clip(255 * picture, 0, 255).astype(np.uint8)


def driving(number: int, size: int = 256) -> np.ndarray:
  """Frame `number` of a made-up driving video: neighbours are alike."""
  mix = 0.8 * image('driving', size) + 0.2 * image(f'driving{number}', size)
  return np.clip(mix, 0, 255).astype(np.uint8)


def spectral_vectors(
  weight: np.ndarray, u: np.ndarray, iterations: int = 8
) -> tuple[np.ndarray, np.ndarray]:
  """Converged vectors (u, v) of a spectral norm, weight (out, in, k, k)."""
  matrix, u = (
    weight.reshape(weight.shape[0], -1).astype(np.float64),
    u.astype(np.float64),
  )
  for _ in range(iterations):
    v = matrix.T @ u
    v /= np.linalg.norm(v)
    u = matrix @ v
    u /= np.linalg.norm(u)
  return u.astype(np.float32), v.astype(np.float32)


def state_dict(entries: dict) -> dict[str, np.ndarray]:
  """Tensors for name -> {'shape', 'rule'}; 'computed': a blur kernel at 1/4."""
  tensors = {
    name: antialias_kernel(entry['shape'][0], 0.25)
    if entry['rule'] == 'computed'
    else tensor(name, entry['shape'])
    for name, entry in entries.items()
  }
  for name in [name for name in tensors if name.endswith('.weight_orig')]:
    stem = name.removesuffix('_orig')
    tensors[f'{stem}_u'], tensors[f'{stem}_v'] = spectral_vectors(
      tensors[name], tensors[f'{stem}_u']
    )
  return tensors
