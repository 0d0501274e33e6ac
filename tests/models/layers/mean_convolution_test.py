import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn

from dagan_jax.models.layers.convolution import Conv, default_kernel
from dagan_jax.models.layers.mean_convolution import (
  MeanConvolution,
  average_windows,
)

KEY = jax.random.key(0)
K, FEATURES, SIZE = 3, 4, 5


def heat(batch, height, width):
  logits = jax.random.normal(KEY, (batch, height * width, K))
  return nn.softmax(logits, axis=1).reshape(batch, height, width, K)


def test_it_is_the_mean_of_what_a_convolution_finds():
  x = jax.random.normal(KEY, (2, 9, 11, 6))
  heatmaps = heat(2, 9 - SIZE + 1, 11 - SIZE + 1)
  layer = MeanConvolution(
    FEATURES,
    SIZE,
    kernel_init=default_kernel,
    bias_init=nn.initializers.normal(),
  )
  found, variables = layer.init_with_output(KEY, x, heatmaps)
  conv = Conv(K * FEATURES, SIZE, padding=0)
  everywhere = conv.apply(variables, x)
  everywhere = everywhere.reshape(*heatmaps.shape, FEATURES)
  mean = jnp.einsum('bhwk,bhwkf->bkf', heatmaps, everywhere)
  np.testing.assert_allclose(found, mean, atol=1e-5)


def test_under_one_warm_pixel_the_mean_window_is_the_window_there():
  x = jax.random.normal(KEY, (1, 9, 8, 2))
  row, column = 3, 1
  cold = jnp.zeros((1, 9 - SIZE + 1, 8 - SIZE + 1, 1))
  mean = average_windows(x, cold.at[0, row, column, 0].set(1.0), SIZE)
  np.testing.assert_allclose(
    mean[0, ..., 0], x[0, row : row + SIZE, column : column + SIZE], atol=1e-6
  )
