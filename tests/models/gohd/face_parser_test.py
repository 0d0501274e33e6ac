import functools

import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.models.gohd.face_parser import FaceParser
from tests.support import gohd_files


def shapes_of(network, size):
  face = jax.ShapeDtypeStruct((2, size, size, 3), jnp.float32)
  init = functools.partial(network.init_with_output, train=False)
  return jax.eval_shape(init, jax.random.key(0), face)


def test_every_pixel_has_a_score_for_each_part():
  scores, variables = shapes_of(FaceParser(width=4), 64)
  assert scores.shape == (2, 64, 64, 19)
  assert set(variables) == {'params', 'batch_stats'}


def test_it_is_as_large_as_the_published_one():
  published = gohd_files.parser_shapes()
  assert len(published) == 191
  counted = {
    name: int(np.prod(shape))
    for name, shape in published.items()
    if name.endswith(('weight', 'bias'))
  }
  assert round(sum(counted.values()) / 1e6, 1) == 13.3
  _, variables = shapes_of(FaceParser(), 512)
  count = sum(x.size for x in jax.tree.leaves(variables['params']))
  unused = sum(
    n
    for name, n in counted.items()
    if name.startswith(('conv_out16', 'conv_out32'))
  )
  assert count == sum(counted.values()) - unused
