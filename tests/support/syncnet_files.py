"""Files like that of SyncNet, of any size, with made-up weights."""

import numpy as np

LIPS = ((5, 7, 7), (1, 5, 5), (1, 3, 3), (1, 3, 3), (1, 3, 3), (1, 6, 6))
VOICE = ((3, 3), (3, 3), (3, 3), (3, 3), (3, 3), (5, 4))
PLACES = (0, 4, 8, 11, 14, 18)  # of convolutions in both lists of layers


def make_tensors(width=4, output=6, seed=0):
  """Arrays by the published names."""
  rng = np.random.default_rng(seed)
  tensors = {}

  def add(name, *shape, norm=False):
    fan = np.prod(shape[1:])
    kernel = rng.normal(size=shape) / np.sqrt(fan)
    tensors[f'{name}.weight'] = np.float32(kernel)
    tensors[f'{name}.bias'] = np.float32(0.1 * rng.normal(size=shape[0]))
    if norm:
      place = int(name.rpartition('.')[2]) + 1
      beside = f'{name.rpartition(".")[0]}.{place}'
      tensors[f'{beside}.num_batches_tracked'] = np.array(7)
      for leaf, low in (('weight', 0.5), ('bias', -0.5), ('running_mean', -1)):
        values = low + rng.random(shape[0])
        tensors[f'{beside}.{leaf}'] = np.float32(values)
      tensors[f'{beside}.running_var'] = np.float32(0.5 + rng.random(shape[0]))

  for network, last, first, kernels in (
    ('netcnnlip', 'netfclip', 3, LIPS),
    ('netcnnaud', 'netfcaud', 1, VOICE),
  ):
    entering = first
    for place, kernel in zip(PLACES, kernels, strict=True):
      add(f'{network}.{place}', width, entering, *kernel, norm=True)
      entering = width
    add(f'{last}.0', width, width, norm=True)
    add(f'{last}.3', output, width)
  return tensors


def write_syncnet(path, **sizes):
  """Writes such a file as .npz, and returns its path."""
  np.savez(path, **make_tensors(**sizes))
  return str(path)
