"""Makes the weights of GoHD's reference networks from network, name and shape.

The original networks computed the .npz files here on just these.
"""

import math
import zlib

import numpy as np

_AUDIO = ('audio_encoder', 'simplewarpper.audio_encoder')
# Convolutions of the animator whose weights are not scaled when it runs.
_UNSCALED = ('.semantics_enc.', '.scale2.', '.shift2.')


def tensor(network: str, name: str, shape) -> np.ndarray:
  """The array under `name`; float32, but num_batches_tracked int64."""
  shape = tuple(int(size) for size in shape)
  rng = np.random.default_rng(zlib.crc32(f'{network}/{name}'.encode()))
  normal = rng.standard_normal(shape)
  leaf = name.rsplit('.', 1)[-1]
  if leaf == 'num_batches_tracked':
    return np.zeros(shape, np.int64)
  if leaf == 'kernel':
    return blur_kernel(name)
  if leaf == 'slopes':
    views = np.geomspace(5, 75, shape[0]) / 2
    return np.float32(-np.log(1e-8) / views).reshape(shape)
  if leaf == 'running_var':
    return rng.uniform(0.5, 1.5, shape).astype(np.float32)
  if leaf == 'running_mean':
    return np.float32(0.1 * normal)
  if network == 'animator':
    return np.float32(_animator(name, leaf, normal))
  if leaf == 'weight' and len(shape) == 1:  # scale of a norm layer
    return rng.uniform(0.5, 1.5, shape).astype(np.float32)
  return np.float32(_other(name, leaf, normal))


def blur_kernel(name: str) -> np.ndarray:
  """Four taps in rows and columns; of twice the weight where it enlarges."""
  line = np.array([1.0, 3.0, 3.0, 1.0])
  kernel = np.outer(line, line) / 64
  return np.float32(4 * kernel if name.startswith('dec.') else kernel)


def _animator(name, leaf, normal):
  shape = normal.shape
  if name.endswith('modulation.bias'):
    return 1 + 0.1 * normal
  if leaf == 'bias':
    return 0.1 * normal
  if any(part in name for part in _UNSCALED):
    return normal / math.sqrt(np.prod(shape[1:]))
  if 'to_flows' in name and name.endswith('conv.weight'):
    return 0.2 * normal
  return normal


def _other(name, leaf, normal):
  if leaf == 'offsets':
    return 8 * normal
  if leaf == 'amplitudes':
    return 0.3 * normal
  if leaf == 'sharpness':
    return 5 + 0.3 * normal
  if name.endswith('position_scorer.bias'):
    return 1 + 0.1 * normal
  if normal.ndim >= 2:
    gain = 0.5 if name.startswith(_AUDIO) else 1.0
    return normal * math.sqrt(gain / np.prod(normal.shape[1:]))
  return 0.05 * normal
