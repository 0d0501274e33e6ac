import functools

import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.geometry.resize import downsample_antialiased
from dagan_jax.models.dagan.dense_motion import DenseMotion
from dagan_jax.weights.names.reenactment import generator_variables
from tests.reference import recorded
from tests.support.recorded_motion import recorded_keypoints
from tests.support.variables import random_variables

TINY = dict(width=4, max_width=16, blocks=2, size=8)


def some_faces(keypoints):
  """A thumbnail of 8 x 8 pixels, and two sets of keypoints."""
  thumbnail, *places = (
    jax.random.uniform(jax.random.key(seed), shape, minval=-1)
    for seed, shape in enumerate([(1, 8, 8, 3), *[(1, keypoints, 2)] * 2])
  )
  jacobian = jnp.broadcast_to(jnp.eye(2), (1, keypoints, 2, 2))
  return thumbnail, *(Keypoints(place, jacobian) for place in places)


def test_motion_is_the_original_networks():
  expected = recorded.arrays('dense_motion')
  variables = generator_variables(recorded.tensors('generator'))
  network = DenseMotion(64, 1024, 5, 64)
  motion = jax.jit(network.apply, static_argnames=('finest', 'train'))(
    {name: tree['motion'] for name, tree in variables.items()},
    downsample_antialiased(recorded.source(), 0.25),
    *recorded_keypoints(expected),
    finest=256,
    train=False,
  )
  np.testing.assert_allclose(motion.flow, expected['deformation'], atol=1e-4)
  np.testing.assert_allclose(
    motion.masks[:, ::4, ::4], expected['mask'], atol=1e-4
  )
  np.testing.assert_allclose(
    motion.occlusion, expected['occlusion_map'], atol=1e-4
  )


def test_more_occlusions_are_half_as_large_each_and_cost_little():
  def made(occlusions):
    network = DenseMotion(64, 1024, 5, 64, occlusions=occlusions)
    thumbnail = jax.ShapeDtypeStruct((1, 64, 64, 3), np.float32)
    faces = jax.eval_shape(lambda: some_faces(15)[1:])
    make = functools.partial(network.init_with_output, finest=256, train=False)
    motion, variables = jax.eval_shape(
      make, jax.random.key(0), thumbnail, *faces
    )
    params = jax.tree.leaves(variables['params'])
    return motion, sum(leaf.size for leaf in params)

  one, few = made(1)
  four, many = made(4)
  assert one.occlusion.shape == four.occlusion.shape == (1, 64, 64, 1)
  assert one.more_occlusions == ()
  sizes = [occlusion.shape for occlusion in four.more_occlusions]
  assert sizes == [(1, size, size, 1) for size in (256, 128, 32)]
  assert many - few == 109_699


def test_more_occlusions_change_nothing_else_of_the_motion():
  faces, fields = some_faces(3), dict(finest=16, train=False)
  several = DenseMotion(**TINY, occlusions=3)
  variables = random_variables(several, *faces, **fields)

  @jax.jit  # both in one program: what they share is compiled once
  def find(variables, *faces):
    return [
      network.apply(variables, *faces, **fields)
      for network in (several, DenseMotion(**TINY))
    ]

  motion, alone = find(variables, *faces)
  for theirs, ours in zip(alone[:3], motion[:3], strict=True):
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
  for occlusion in motion.more_occlusions:
    assert np.all((occlusion > 0) & (occlusion < 1))
    assert np.std(occlusion) > 0


def test_motion_passes_through_the_guides():
  thumbnail, source, driving = some_faces(5)
  # At pixels, apart: elsewhere a flow is read between pixels.
  places = jnp.array([[[0, 0], [7, 0], [0, 7]]]) * 2 / 7 - 1
  driving = driving._replace(value=driving.value.at[:, :3].set(places))
  moves = functools.partial(
    DenseMotion(**TINY, guides=3).apply, finest=8, train=False
  )
  variables = DenseMotion(**TINY, guides=3).init(
    jax.random.key(0), thumbnail, source, driving, finest=8, train=False
  )
  corners = (0, [0, 0, 7], [0, 7, 0])

  def move(places):
    value = source.value.at[:, :3].set(places)
    return moves(variables, thumbnail, source._replace(value=value), driving)

  misfound = move(jnp.full((3, 2), 9.0))
  asked = misfound.flow[corners] + 0.05
  np.testing.assert_allclose(move(asked).flow[corners], asked, atol=1e-5)
  assert misfound.masks.shape[-1] == 1 + 5 - 3
