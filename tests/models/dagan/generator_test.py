import functools
import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import configs.daganpp
from dagan_jax.geometry.motion import Motion, sparse_flows
from dagan_jax.geometry.resize import downsample_antialiased, resize_bilinear
from dagan_jax.geometry.warp import identity_flow, warp
from dagan_jax.models.dagan.generator import Generator
from dagan_jax.weights.names.reenactment import generator_variables
from tests.reference import recorded
from tests.support.recorded_motion import recorded_keypoints, recorded_motion
from tests.support.variables import random_variables

KEYS = jax.random.split(jax.random.key(0), 3)
IMAGE = jax.random.uniform(KEYS[0], (1, 16, 16, 3))
DEPTHS = [jax.random.uniform(key, (1, 16, 16, 1)) for key in KEYS[1:]]


@pytest.fixture(scope='module')
def rendered():
  """Everything the original's generator was asked for, from ours."""
  expected = recorded.arrays('generator')
  variables = generator_variables(recorded.tensors('generator'))
  variables = {name: tree['generator'] for name, tree in variables.items()}
  image, motion = recorded.source(), recorded_motion()

  @functools.partial(nn_apply, Generator(64, 512, 3, 6))
  def everything(generator):
    depth = image.mean(-1, keepdims=True)
    encoding = generator.encode(image, depth, train=False)
    deformed = generator.deform(image, motion)
    drawing = generator.decode(encoding, motion, deformed, train=False)
    return drawing.prediction, deformed

  (prediction, deformed), state = everything(variables)
  attention = state['intermediates']['enhance_0']['map'][0]
  return expected, prediction, deformed, attention


def nn_apply(module, method):
  return jax.jit(
    functools.partial(module.apply, method=method, mutable=['intermediates'])
  )


def test_the_prediction_is_the_original_networks(rendered):
  expected, prediction, _, _ = rendered
  np.testing.assert_allclose(
    prediction[:, ::4, ::4], expected['prediction'], atol=1e-4
  )


def test_the_deformed_source_is_the_original_networks(rendered):
  expected, _, deformed, _ = rendered
  np.testing.assert_allclose(
    deformed[:, ::8, ::8], expected['deformed'], atol=1e-4
  )


def test_attention_is_the_original_networks(rendered):
  expected, _, _, attention = rendered
  assert attention.shape == (1, 4096, 4096)
  np.testing.assert_allclose(
    attention[:, ::512, ::8], expected['attention_rows'], atol=1e-4
  )


def test_sources_moved_by_single_keypoints_are_the_original_networks():
  expected = recorded.arrays('generator')
  thumbnail = downsample_antialiased(recorded.source(), 0.25)
  flows = sparse_flows(*recorded_keypoints(expected), size=(64, 64))
  flows = jnp.moveaxis(flows, 3, 1).reshape(1, -1, 64, 2)
  moved = warp(thumbnail, flows).reshape(1, 16, 64, 64, 3)
  np.testing.assert_allclose(
    moved[:, :, ::8, ::8], expected['sparse_deformed'], atol=1e-4
  )


def draw(generator, image, disparity, motion, train=False):
  """All that a generator makes of a source and a motion."""
  encoding = generator.encode(image, disparity, train=train)
  deformed = generator.deform(image, motion)
  return encoding, generator.decode(encoding, motion, deformed, train=train)


def some_motion(size=8):
  """A flow that is not the identity, and half-hidden pixels."""
  keys = jax.random.split(jax.random.key(0), 2)
  shift = 0.3 * jax.random.normal(keys[0], (1, size, size, 2))
  occlusion = jax.random.uniform(keys[1], (1, size, size, 1))
  flow = identity_flow(size, size) + shift
  return Motion(flow, occlusion, jnp.zeros((1, size, size, 2)))


def daganpp(**fields):
  """Narrow, of three levels; `variables_of` it have gamma 1."""
  narrow = dict(
    width=4,
    max_width=16,
    levels=3,
    residual_blocks=1,
    fusion='cross_modal',
    decoder='multi_level',
    align_corners=True,
  )
  return Generator(**{**narrow, **fields})


@functools.cache
def compiled(generator, part):
  def apply(variables, *given):
    _, drawing = generator.apply(variables, IMAGE, *given, method=draw)
    return getattr(drawing, part)

  return jax.jit(apply)


def drawn(generator, part, variables, disparity=DEPTHS[0], motion=None):
  """The 'prediction' or the 'layers'; compiled once."""
  motion = motion or some_motion()
  return compiled(generator, part)(variables, disparity, motion)


def variables_of(generator):
  return random_variables(
    generator, IMAGE, DEPTHS[0], some_motion(), method=draw
  )


def shapes_of(generator, size):
  """Of the encoding and the drawing, of a source of `size` pixels."""
  image, disparity = (
    jax.ShapeDtypeStruct((1, size, size, channels), np.float32)
    for channels in (3, 1)
  )
  init = functools.partial(generator.init_with_output, method=draw)
  (encoding, drawing), variables = jax.eval_shape(
    init, jax.random.key(0), image, disparity, some_motion(64)
  )
  shapes = jax.tree.map(lambda leaf: leaf.shape, (encoding, drawing))
  params = jax.tree.leaves(variables['params'])
  return *shapes, sum(leaf.size for leaf in params)


def full_size(**fields):
  config = configs.daganpp.get_config().model.generator
  return Generator(**{**config.to_dict(), **fields})


LEVELS = [(1, 32, 32, 512), (1, 64, 64, 256), (1, 128, 128, 128)]
LEVELS += [(1, 256, 256, 64)]


def test_the_levels_are_the_papers():
  encoding, drawing, _ = shapes_of(full_size(), 256)
  assert list(encoding.appearance) == LEVELS
  assert [layer.features for layer in drawing.layers] == LEVELS
  assert drawing.prediction == (1, 256, 256, 3)


def test_keys_and_values_are_of_the_deepest_map_or_of_each_levels_own():
  deepest, drawing, _ = shapes_of(full_size(), 256)
  values = [(1, 32, 32, channels) for *_, channels in LEVELS]
  keys = [(1, 32, 32, channels // 8) for *_, channels in LEVELS]
  assert list(deepest.geometry) == list(zip(keys, values, strict=True))
  assert {layer.attention for layer in drawing.layers} == {(1, 32, 32, 1)}

  own, drawing, _ = shapes_of(full_size(depth_kv='per_level'), 256)
  keys = [(1, size, size, channels // 8) for _, size, _, channels in LEVELS]
  assert list(own.geometry) == list(zip(keys, LEVELS, strict=True))
  shares = [layer.attention for layer in drawing.layers]
  assert shares == [(1, size, size, 1) for _, size, _, _ in LEVELS]


def test_pooling_first_keeps_weights_and_shapes():
  late = shapes_of(daganpp(), 64)
  assert shapes_of(daganpp(pool_first=True), 64) == late


def test_depth_counts_as_much_as_gamma_says():
  generator = daganpp()
  variables = variables_of(generator)
  seen = [drawn(generator, 'prediction', variables, depth) for depth in DEPTHS]
  assert np.max(np.abs(seen[0] - seen[1])) > 1e-3

  def silenced(path, leaf):
    return 0 * leaf if path[-1].key == 'gamma' else leaf

  variables = jax.tree_util.tree_map_with_path(silenced, variables)
  seen = [drawn(generator, 'prediction', variables, depth) for depth in DEPTHS]
  np.testing.assert_array_equal(*seen)


@pytest.mark.parametrize('fusion', ['depth', 'cross_modal'])
@pytest.mark.parametrize('warp_depth', [False, True])
def test_drawing_needs_nothing_of_depth_but_its_encoding(fusion, warp_depth):
  generator = daganpp(fusion=fusion, warp_depth=warp_depth)
  variables = variables_of(generator)
  sides = {'depth': ['to_query'], 'cross_modal': ['to_key', 'to_value']}
  # Without what looks at depth, its encoder and its side of attention.
  params = {
    name: {key: x for key, x in tree.items() if key not in sides[fusion]}
    for name, tree in variables['params'].items()
    if not name.startswith('depth_')
  }
  left = {'params': params, 'batch_stats': variables['batch_stats']}

  def whole(variables):
    return generator.apply(
      variables, IMAGE, DEPTHS[0], some_motion(), method=draw
    )

  def rest(variables, encoding):
    return generator.apply(
      variables, encoding, some_motion(), IMAGE, train=False, method='decode'
    )

  encoding, drawing = jax.eval_shape(whole, variables)
  assert jax.eval_shape(rest, left, encoding) == drawing
  assert 'disparity' not in inspect.signature(Generator.decode).parameters


def test_depth_moves_with_the_face_only_where_the_face_moves():
  still, moved = daganpp(), daganpp(warp_depth=True)
  variables = variables_of(still)
  pairs = []
  for motion in (
    some_motion()._replace(flow=identity_flow(8, 8)[None]),
    some_motion(),
  ):
    pairs.append(
      [drawn(x, 'prediction', variables, motion=motion) for x in (still, moved)]
    )
  np.testing.assert_allclose(*pairs[0], atol=1e-5)
  assert np.max(np.abs(pairs[1][0] - pairs[1][1])) > 1e-3


def test_at_every_level_the_keys_share_all_attention():
  generator = daganpp(depth_kv='per_level')
  layers = drawn(generator, 'layers', variables_of(generator))
  assert [layer.attention.shape[1] for layer in layers] == [4, 8, 16]
  for layer in layers:
    np.testing.assert_allclose(np.sum(layer.attention), 1, atol=1e-5)


def test_what_is_hidden_is_taken_from_the_map_of_that_size():
  generator = daganpp(fusion='none')
  hidden = some_motion()._replace(
    more_occlusions=(jnp.zeros((1, 4, 4, 1)), jnp.ones((1, 16, 16, 1)))
  )
  variables = variables_of(generator)
  layers = drawn(generator, 'layers', variables, None, hidden)
  expected = drawn(generator, 'layers', variables, None, some_motion())
  deepest, middle, finest = (layer.features for layer in layers)
  np.testing.assert_array_equal(deepest, 0)
  np.testing.assert_allclose(middle, expected[1].features, atol=1e-5)
  assert np.any(middle)
  share = resize_bilinear(hidden.occlusion, 16, 16, align_corners=True)
  np.testing.assert_allclose(finest * share, expected[2].features, atol=1e-5)


def test_what_is_hidden_is_hidden_from_the_spade_decoder_too():
  generator = daganpp(fusion='none', decoder='spade', levels=1)
  variables = variables_of(generator)
  hidden = some_motion()._replace(occlusion=jnp.zeros((1, 8, 8, 1)))
  moved = [
    drawn(generator, 'prediction', variables, None, motion)
    for motion in (hidden, hidden._replace(flow=-hidden.flow))
  ]
  np.testing.assert_allclose(*moved, atol=1e-5)


def test_without_fusion_depth_is_never_looked_at():
  generator = Generator(8, 16, 3, 1, fusion='none')
  image = jnp.ones((1, 32, 32, 3))
  encoding, variables = jax.eval_shape(
    functools.partial(generator.init_with_output, train=False, method='encode'),
    jax.random.key(0),
    image,
    None,
  )
  assert encoding.geometry == ()
  assert not [name for name in variables['params'] if 'depth' in name]


@pytest.fixture(scope='module', params=['multi_level', 'spade'])
def blended(request):
  """What a generator that may keep the moved source draws, by its occlusion."""
  generator = Generator(
    4, 8, 2, 1, fusion='none', decoder=request.param, blend=True
  )
  flow = identity_flow(8, 8)[None] * 0.8

  def draw(generator, occlusion):
    motion = Motion(flow, jnp.full((1, 8, 8, 1), occlusion), jnp.ones((1,) * 4))
    encoding = generator.encode(IMAGE, None, train=False)
    deformed = generator.deform(IMAGE, motion)
    return generator.decode(encoding, motion, deformed, train=False), deformed

  variables = generator.init(jax.random.key(0), 1.0, method=draw)
  return jax.jit(
    lambda occlusion: generator.apply(variables, occlusion, method=draw)
  )


def test_a_blend_mixes_the_moved_source_and_what_is_drawn(blended):
  drawing, deformed = blended(0.7)
  drawn, kept = drawing.blend
  assert drawn.shape == (1, 16, 16, 3) and kept.shape == (1, 16, 16, 1)
  np.testing.assert_allclose(
    drawing.prediction, kept * deformed + (1 - kept) * drawn, atol=1e-6
  )


def test_what_is_hidden_in_the_source_is_drawn(blended):
  drawing, _ = blended(0.0)
  np.testing.assert_array_equal(drawing.prediction, drawing.blend.drawn)


def test_how_much_is_kept_starts_undecided(blended):
  drawing, _ = blended(1.0)
  assert abs(float(jnp.mean(drawing.blend.kept)) - 0.5) < 0.2
