"""How far a picture's parts lie from the true one's."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Scores = Float[Array, 'b h w p']  # of each pixel, for each of p parts


def parsing_distance(truth: Scores, found: Scores) -> Float[Array, '']:
  """Cross-entropy of the parts that are found with those of the truth.

  The mean over the pixels. Each pixel of the truth is of the part with the
  highest score, which is constant.
  """
  parts = jnp.argmax(truth, axis=-1, keepdims=True)
  likely = jax.nn.log_softmax(found)
  return -jnp.mean(jnp.take_along_axis(likely, parts, axis=-1))
