import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models.syncnet import LIPS, VOICE, SyncFeatures
from dagan_jax.weights.names.syncnet import syncnet_variables
from tests.support.syncnet_files import PLACES, make_tensors

WIDTH, OUTPUT = 3, 5
TENSORS = make_tensors(WIDTH, OUTPUT)
SIZES = {'widths': 6 * (WIDTH,), 'hidden': WIDTH, 'output': OUTPUT}


def in_torch(torch, network, last, x, dimensions):
  """What PyTorch's own layers, in the published order, make of an input."""
  functional = torch.nn.functional
  convolve = (functional.conv2d, functional.conv3d)[dimensions - 2]
  pool = (functional.max_pool2d, functional.max_pool3d)[dimensions - 2]
  given = {name: torch.from_numpy(array) for name, array in TENSORS.items()}

  def norm(x, name):
    leaves = 'running_mean', 'running_var', 'weight', 'bias'
    return functional.relu(
      functional.batch_norm(x, *(given[f'{name}.{leaf}'] for leaf in leaves))
    )

  if dimensions == 3:
    strides = (1, 2, 2), (1, 2, 2), 1, 1, 1, 1
    edges = 0, (0, 1, 1), (0, 1, 1), (0, 1, 1), (0, 1, 1), 0
    pools = {
      0: ((1, 3, 3), (1, 2, 2), 0),
      1: ((1, 3, 3), (1, 2, 2), (0, 1, 1)),
      4: ((1, 3, 3), (1, 2, 2), 0),
    }
  else:
    strides, edges = 6 * (1,), (1, 1, 1, 1, 1, 0)
    pools = {0: (1, 1, 0), 1: (3, (1, 2), 0), 4: (3, 2, 0)}
  for number, place in enumerate(PLACES):
    name = f'{network}.{place}'
    weights = given[f'{name}.weight'], given[f'{name}.bias']
    x = convolve(x, *weights, strides[number], edges[number])
    x = norm(x, f'{network}.{place + 1}')
    if number in pools:
      x = pool(x, *pools[number])
  x = x.flatten(1)
  x = functional.linear(x, given[f'{last}.0.weight'], given[f'{last}.0.bias'])
  x = norm(x, f'{last}.1')
  x = functional.linear(x, given[f'{last}.3.weight'], given[f'{last}.3.bias'])
  return x.numpy()


def test_lips_are_seen_as_the_published_network_sees_them():
  torch = pytest.importorskip('torch')
  rng = np.random.default_rng(1)
  frames = np.float32(rng.integers(0, 256, (7, 224, 224, 3)))
  fives = np.stack([frames[k : k + 5] for k in range(3)])
  with torch.no_grad():
    x = torch.from_numpy(fives.transpose(0, 4, 1, 2, 3).copy())
    expected = in_torch(torch, 'netcnnlip', 'netfclip', x, 3)
  variables = syncnet_variables(TENSORS)['lips']
  found = SyncFeatures(LIPS, **SIZES).apply(
    variables, jnp.asarray(frames)[None]
  )
  np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)


def test_a_voice_is_heard_as_the_published_network_hears_it():
  torch = pytest.importorskip('torch')
  cepstra = np.float32(10 * np.random.default_rng(2).normal(size=(2, 13, 20)))
  with torch.no_grad():
    x = torch.from_numpy(cepstra)[:, None]
    expected = in_torch(torch, 'netcnnaud', 'netfcaud', x, 2)
  variables = syncnet_variables(TENSORS)['voice']
  found = SyncFeatures(VOICE, **SIZES).apply(
    variables, jnp.asarray(cepstra)[..., None]
  )
  np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)
