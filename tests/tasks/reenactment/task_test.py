import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from configs import people
from dagan_jax.drawing.tasks import DRAWINGS
from dagan_jax.geometry.thin_plate import random_thin_plate
from dagan_jax.metrics.table import compute_metrics
from dagan_jax.runs import devices
from dagan_jax.tasks import TASKS
from dagan_jax.tasks.reenactment.forward import (
  LOSSES_OF_ALL,
  learns_guides_alone,
)
from dagan_jax.tasks.reenactment.task import ReenactmentTask
from dagan_jax.training import loop
from tests.support import judges, tiny

KEY = jax.random.key(0)


def batch(count=4):
  """Two frames of a square that has moved between them."""
  frames = np.full((2, count, tiny.SIZE, tiny.SIZE, 3), 60, np.uint8)
  for number in range(count):
    frames[0, number, 8:20, 4 + number : 16 + number] = (250, 200, 150)
    frames[1, number, 12:24, 10 + number : 22 + number] = (250, 200, 150)
  return {
    'source': frames[0],
    'driving': frames[1],
    'weight': np.ones(count, np.float32),
  }


def judged_config():
  """With a perceptual loss, whose judge is as narrow as a test needs it."""
  config = tiny.config()
  config.loss.perceptual = 10.0
  config.loss.perceptual_scales = (1.0,)
  config.model.vgg.width = 2
  return config


def begin(task):
  """A fresh state, with a judge in it."""
  state = jax.jit(task.init)(KEY, batch())
  judge = judges.variables(judges.tensors('vgg19', 2))
  return state.replace(variables={**state.variables, 'vgg': judge})


def run(config, mesh, steps=3):
  """Losses of some steps, and the state after them."""
  task = TASKS[config.task](config)
  step = loop.jitted_step(task, mesh)
  placed = functools.partial(jax.device_put, device=devices.replicated(mesh))
  state, losses = placed(begin(task)), []
  for _ in range(steps):
    state, update = step(placed(KEY), state, devices.put(batch(), mesh))
    losses.append({k: float(v) for k, v in update.compute().items()})
  return task, state, losses


@pytest.fixture(scope='module')
def one_device():
  mesh = jax.sharding.Mesh(jax.devices()[:1], (devices.AXIS,))
  with jax.default_matmul_precision('highest'):
    return run(judged_config(), mesh, steps=30)


def test_training_lowers_what_it_trains_on(one_device):
  _, _, losses = one_device
  perceptual = [step['perceptual'] for step in losses]
  assert np.mean(perceptual[-5:]) < 0.95 * np.mean(perceptual[:5])


def test_four_devices_learn_what_one_learns(one_device):
  _, _, expected = one_device
  with jax.default_matmul_precision('highest'):
    _, _, losses = run(judged_config(), devices.mesh())
  assert devices.mesh().size == 4
  for ours, theirs in zip(losses, expected[:3], strict=True):
    for name, value in theirs.items():
      np.testing.assert_allclose(
        ours[name], value, rtol=1e-5, atol=1e-5, err_msg=name
      )


def test_half_precision_learns_what_full_precision_learns(one_device):
  _, expected_state, expected = one_device
  config = judged_config()
  config.precision = 'bfloat16'
  mesh = jax.sharding.Mesh(jax.devices()[:1], (devices.AXIS,))
  _, state, losses = run(config, mesh)
  jax.tree.map(
    lambda ours, theirs: np.testing.assert_equal(ours.dtype, theirs.dtype),
    state,
    expected_state,
  )
  # From the second step on parameters differ, and gradients with them.
  for name, value in expected[0].items():
    if name == 'keypoint_distance':
      continue  # it counts pairs that are near: rounding may move one
    np.testing.assert_allclose(
      losses[0][name], value, rtol=0.06, atol=0.01, err_msg=name
    )
  assert np.isfinite([list(step.values()) for step in losses]).all()


def test_both_players_and_the_statistics_move(one_device):
  task, state, _ = one_device
  fresh = begin(task)
  assert int(state.step) == 30
  for name in task.saved:
    moved = jax.tree.map(
      lambda a, b: bool(jnp.any(a != b)),
      state.variables[name],
      fresh.variables[name],
    )
    assert sum(jax.tree.leaves(moved)) > 0.9 * len(jax.tree.leaves(moved))
  jax.tree.map(
    np.testing.assert_array_equal,
    state.variables['vgg'],
    fresh.variables['vgg'],
  )


def test_scores_come_with_those_of_copying_the_source(one_device):
  task, state, _ = one_device
  still = {**batch(), 'driving': batch()['source']}
  score = jax.jit(lambda x: compute_metrics(*task.eval_step(x, still)))
  values = score(state.variables)
  assert set(values) == {
    prefix + name
    for prefix in ('', 'copy_')
    for name in ('l1', 'psnr', 'ssim', 'ssim_paper')
  }
  assert values['l1'].shape == (4,)
  np.testing.assert_allclose(values['copy_l1'], 0, atol=1e-6)


def test_the_pictures_to_look_at_are_named(one_device):
  task, state, _ = one_device
  shapes = jax.eval_shape(task.images, state.variables, batch())
  images = jax.tree.map(lambda x: np.zeros(x.shape, x.dtype), shapes)
  rows = DRAWINGS['reenactment'](*images)
  assert list(rows) == [
    'source',
    'driving',
    'prediction',
    'deformed',
    'occlusion',
    'flow',
    'features 8',
  ]
  assert all(row.dtype == np.uint8 for row in rows.values())


def kept(task) -> dict[str, bool]:
  """Of each array of the variables whether a step hands it on as it is."""
  state = jax.eval_shape(task.init, KEY, batch())
  step = jax.make_jaxpr(lambda state: task.train_step(KEY, state, batch())[0])
  jaxpr = step(state).jaxpr
  paths = [
    jax.tree_util.keystr(path, simple=True, separator='/')
    for path, _ in jax.tree_util.tree_leaves_with_path(state)
  ]
  leaves = zip(paths, jaxpr.invars, jaxpr.outvars, strict=True)
  return {
    path.removeprefix('variables/'): before is after
    for path, before, after in leaves
    if path.startswith('variables/')
  }


def test_depth_is_frozen_and_unknown_to_the_optimizer():
  task = ReenactmentTask(tiny.config_with_depth())
  state = jax.eval_shape(task.init, KEY, batch())
  names = [
    jax.tree_util.keystr(path)
    for path, _ in jax.tree_util.tree_leaves_with_path(state.opt_state)
  ]
  assert any('detector' in name for name in names)
  assert not any('depth' in name and 'depth_' not in name for name in names)
  of_depth, of_others = {}, {}
  for path, same in kept(task).items():
    part = of_depth if '/depth/' in path else of_others
    part[path] = same
  assert {path.split('/')[1] for path in of_depth} == {'params', 'batch_stats'}
  assert all(of_depth.values())
  assert not any(of_others.values())


def test_frozen_statistics_stay_while_parameters_are_learnt():
  config = judged_config()
  config.frozen_statistics = True
  learnt = kept(ReenactmentTask(config))
  for path, same in learnt.items():
    network, collection = path.split('/')[:2]
    if network == 'reenactor_ema':
      continue  # an average is taken anew, of what stays the same as well
    assert same == (network == 'vgg' or collection == 'batch_stats'), path


def test_a_loss_without_weight_is_not_computed():
  config = judged_config()
  for name in ('perceptual', 'feature_matching', 'equivariance_jacobian'):
    config.loss[name] = 0.0
  task = ReenactmentTask(config)
  state = jax.eval_shape(task.init, KEY, batch())
  assert 'vgg' not in state.variables
  _, update = jax.eval_shape(task.train_step, KEY, state, batch())
  names = {name for name in vars(update) if not name.startswith('_')}
  assert names == {
    'generator_gan',
    'discriminator_gan',
    'equivariance_value',
    'keypoint_distance',
    'gradient_norm_reenactor',
    'gradient_norm_discriminator',
    'learning_rate',
  }


KNOWN = {**batch(), 'landmarks': np.full((4, 2, 68, 2), 0.25, np.float32)}
# A mouth that opens, so that there is something between the lips.
KNOWN['landmarks'][:, 1, 60:] = np.array(
  [(0, 1), (0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2)]
) / (4, 4)


def led():
  """A config that looks for lids and lips."""
  config = tiny.config()
  config.data.landmarks = True
  config.model.guides.width = 4
  config.model.motion.align_corners = True
  config.model.generator.align_corners = True
  config.loss.landmarks = 1.0
  return config


def test_landmarks_teach_guides_flow_and_pictures_of_eyes_and_mouth():
  config = led()
  config.loss.eyes_and_mouth = config.loss.landmark_flow = 1.0
  config.loss.pixel_scales = (1.0,)
  task = ReenactmentTask(config)
  state = jax.jit(task.init)(KEY, KNOWN)
  step = jax.jit(task.train_step)
  losses = []
  for _ in range(4):
    state, update = step(KEY, state, KNOWN)
    losses.append(float(update.landmarks.compute()))
    assert update.eyes_and_mouth.compute() > 0
    assert update.landmark_flow.compute() > 0
  assert losses[-1] < losses[0]


def test_a_generator_learns_to_draw_while_all_else_is_frozen():
  config = led()
  config.model.generator.blend = True
  config.frozen, config.frozen_statistics = people.ALL_BUT_GENERATOR, True
  for name in LOSSES_OF_ALL:
    config.loss[name] = 0.0
  config.loss.landmarks, config.loss.lids_and_lips = 0.0, 1.0
  config.augment = dict.fromkeys(config.augment, 0.0)
  config.loss.pixel_scales = (1.0,)
  task = ReenactmentTask(config)
  state = first = jax.jit(task.init)(KEY, KNOWN)
  step = jax.jit(task.train_step)
  losses = []
  for _ in range(4):
    state, update = step(KEY, state, KNOWN)
    losses.append(float(update.lids_and_lips.compute()))
  assert losses[-1] < losses[0]
  before, after = (x.variables['reenactor'] for x in (first, state))
  same = jax.tree.map(np.array_equal, before, after)
  assert all(jax.tree.leaves(same['batch_stats']))
  for name, tree in same['params'].items():
    assert all(jax.tree.leaves(tree)) == (name != 'generator'), name


def test_one_config_of_people_learns_guides_alone():
  assert learns_guides_alone(people.get_config('guides').loss)
  assert not learns_guides_alone(people.get_config('led').loss)
  assert not learns_guides_alone(people.get_config().loss)


def test_where_nothing_else_weighs_guides_alone_learn():
  config = led()
  for name in LOSSES_OF_ALL:
    config.loss[name] = 0.0
  task = ReenactmentTask(config)
  state = jax.jit(task.init)(KEY, KNOWN)
  learnt, update = jax.jit(task.train_step)(KEY, state, KNOWN)
  names = {name for name in vars(update) if not name.startswith('_')}
  assert names == {
    'landmarks',
    'gradient_norm_reenactor',
    'gradient_norm_discriminator',
    'learning_rate',
  }
  before, after = (x.variables['reenactor'] for x in (state, learnt))
  for collection in before:
    for name in before[collection]:
      same = jax.tree.map(
        np.array_equal, before[collection][name], after[collection][name]
      )
      assert all(jax.tree.leaves(same)) == (name != 'guides')


def test_without_adversarial_losses_the_discriminator_rests():
  config = tiny.config()
  for name in ('generator_gan', 'discriminator_gan', 'feature_matching'):
    config.loss[name] = 0.0
  task = ReenactmentTask(config)
  state = jax.eval_shape(task.init, KEY, batch())
  taught = jax.eval_shape(
    task.gradients,
    state.variables,
    *(np.zeros((4, tiny.SIZE, tiny.SIZE, 3), np.float32) for _ in range(2)),
    random_thin_plate(KEY, 4, **config.warp),
  )
  assert not {name for name in taught.losses if 'gan' in name}
  zeros = jax.tree.leaves(taught.discriminator)
  assert zeros  # there is one, for checkpoints to keep
