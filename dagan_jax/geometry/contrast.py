"""Pictures whose contrast is the same everywhere, for telling places apart."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

_WINDOW = 4  # pixels to each side
_LEAST_CONTRAST = 0.03  # less is noise, and stays small

Grey = Float[Array, 'n h w 1']


def even_contrast(x: Grey) -> Grey:
  """Gives square grey pictures mean 0 and deviation 1 around every pixel.

  So neither light nor shadow counts when two pictures are compared.
  """
  x = x - _window_mean(x)
  return x / jnp.sqrt(_window_mean(x**2) + _LEAST_CONTRAST**2)


def _window_mean(x: Grey) -> Grey:
  """Means over the window, of as much of it as lies in the picture."""
  place = np.arange(x.shape[1])
  near = np.abs(place[:, None] - place) <= _WINDOW
  mean = jnp.asarray(near / near.sum(axis=1, keepdims=True), x.dtype)
  return jnp.einsum('ij,pjkc,lk->pilc', mean, x, mean, precision='highest')
