import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from configs import people
from dagan_jax.console.errors import UsageError
from dagan_jax.models.dagan.reenactor import build_reenactor
from dagan_jax.runs import checkpoints, devices
from dagan_jax.tasks import TASKS
from dagan_jax.training import loop, starts
from dagan_jax.weights.boxed import open_trained
from tests.support import tiny
from tests.support.variables import random_variables

KEY = jax.random.key(0)


def config_of(teacher=''):
  """A motion network half as wide as the tiny one learns from it."""
  config = tiny.config()
  quick = people.get_config('quick')
  config.task = quick.task
  config.loss = quick.loss
  config.model.teacher = quick.model.teacher
  config.model.motion.width, config.model.motion.kernel = 2, 3
  config.optimizer.learning_rate = 1e-2
  for change in ('time_flip', 'horizontal_flip', 'colour'):
    config.augment[change] = 0.0
  config.init.reenactor = str(teacher)
  return config


def batch():
  """Noise: keypoints are somewhere, and differ."""
  pictures = np.random.default_rng(0).integers(
    0, 256, (2, 4, tiny.SIZE, tiny.SIZE, 3), np.uint8
  )
  weight = np.ones(4, np.float32)
  return {'source': pictures[0], 'driving': pictures[1], 'weight': weight}


@pytest.fixture(scope='module')
def teacher(tmp_path_factory):
  """A workdir of a tiny reenactor."""
  path = tmp_path_factory.mktemp('teacher')
  config = tiny.config()
  image = jax.ShapeDtypeStruct((1, tiny.SIZE, tiny.SIZE, 3), jnp.float32)
  reenactor = build_reenactor(config.model.to_dict())
  networks = {'reenactor': random_variables(reenactor, image, image)}
  checkpoints.write_workdir(path, config, networks)
  return path


@pytest.fixture(scope='module')
def learnt(teacher):
  """The task, its state at first, its state after steps, and all losses."""
  config = starts.choose_given(config_of(teacher), '')
  task = TASKS[config.task](config)
  task.check(config)
  mesh = jax.sharding.Mesh(jax.devices()[:1], (devices.AXIS,))
  placed = functools.partial(jax.device_put, device=devices.replicated(mesh))
  first = jax.device_get(starts.make_state(config, task, batch()))
  step, state, losses = loop.jitted_step(task, mesh), placed(first), []
  for _ in range(30):
    state, update = step(placed(KEY), state, devices.put(batch(), mesh))
    losses.append({k: float(v) for k, v in update.compute().items()})
  return task, first, jax.device_get(state), losses


def test_who_imitates_comes_nearer_to_the_teacher(learnt):
  _, _, _, losses = learnt
  for name in ('imitated_flow', 'imitated_occlusion', 'imitated_masks'):
    values = [step[name] for step in losses]
    assert np.mean(values[-5:]) < 0.7 * np.mean(values[:5]), name


def test_all_but_motion_is_the_teachers_and_stays(learnt, teacher):
  _, _, last, _ = learnt
  given = open_trained(str(teacher)).variables
  for collection, networks in last.variables['reenactor'].items():
    assert networks.keys() == given[collection].keys()
    for name in networks.keys() - {'motion'}:
      jax.tree.map(
        np.testing.assert_array_equal,
        networks[name],
        given[collection][name],
      )


def test_motion_begins_afresh_and_its_statistics_are_learnt(learnt):
  _, first, last, _ = learnt
  for collection in ('params', 'batch_stats'):
    before, after = (
      jax.tree.leaves(state.variables['reenactor'][collection]['motion'])
      for state in (first, last)
    )
    assert any(np.any(a != b) for a, b in zip(before, after, strict=True))


def test_the_teacher_stays_and_is_not_saved(learnt, teacher):
  task, _, last, _ = learnt
  given = open_trained(str(teacher)).variables
  jax.tree.map(
    np.testing.assert_array_equal,
    last.variables['teacher'],
    {name: networks['motion'] for name, networks in given.items()},
  )
  assert 'teacher' not in task.saved


def test_without_a_teacher_one_line_asks_for_one():
  with pytest.raises(UsageError, match=r'config\.init.reenactor=WORKDIR'):
    starts.choose_given(config_of(), '')


def test_a_teacher_of_other_thumbnails_is_refused(teacher):
  config = config_of(teacher)
  config.model.motion.size = 16
  with pytest.raises(UsageError, match=r'motion\.size is 16: that of .* is 8'):
    starts.choose_given(config, '')


def test_a_teacher_whose_generator_is_another_is_refused(teacher):
  config = config_of(teacher)
  config.model.generator.width = 6
  config = starts.choose_given(config, '')
  with pytest.raises(UsageError, match='all but motion'):
    starts.make_state(config, TASKS[config.task](config), batch())


def test_a_loss_that_would_not_be_computed_is_refused(teacher):
  config = config_of(teacher)
  config.loss.pixel = 1.0
  with pytest.raises(UsageError, match=r'loss\.pixel must be 0'):
    TASKS[config.task].check(config)


def test_an_even_kernel_is_refused(teacher):
  config = config_of(teacher)
  config.model.motion.kernel = 4
  with pytest.raises(UsageError, match='must be odd'):
    TASKS[config.task].check(config)
