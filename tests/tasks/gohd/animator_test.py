import functools

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from configs import gohd_animator
from dagan_jax.console.errors import UsageError
from dagan_jax.metrics.table import compute_metrics
from dagan_jax.models.gohd.face_animator import Portrait
from dagan_jax.models.gohd.face_measures import FEATURES
from dagan_jax.tasks.gohd import animator as animator_task
from dagan_jax.tasks.gohd import judges
from dagan_jax.tasks.gohd.animator import AnimatorTask
from dagan_jax.tasks.gohd.judges import MEASURES
from dagan_jax.tasks.task import Task
from dagan_jax.training.loop import train_and_evaluate
from tests.support import built_speakers

KEY = jax.random.key(0)
SIZE = 32
JUDGED = ('perceptual', *MEASURES)


@pytest.fixture(autouse=True)
def no_tensorflow():
  """Not forbidden, as conftest does: TFDS takes its None for TensorFlow."""


class OneLayerAnimator(nn.Module):
  """Moves colours as FaceAnimator moves faces, and is compiled in no time."""

  def setup(self):
    self.colours, self.moves = nn.Dense(3), nn.Dense(3)

  def __call__(self, portrait, motion):
    known = self.look(portrait)
    return self.draw(known, self.walk(known.identity, motion))

  def look(self, portrait):
    return Portrait(portrait.mean(axis=(1, 2)), (portrait,))

  def walk(self, identity, motion):
    return identity + self.moves(motion.mean(axis=1))

  def draw(self, portrait, latent):
    return (self.colours(portrait.maps[-1]) + latent[:, None, None],)


class OneLayerDiscriminator(nn.Module):
  @nn.compact
  def __call__(self, picture):
    return nn.Dense(1)(picture.mean(axis=(1, 2)))


def batch(count: int = 4) -> dict[str, np.ndarray]:
  """Pictures whose colours are the source's, shifted by the motion."""
  random = np.random.default_rng(0)
  source = random.integers(40, 200, (count, SIZE, SIZE, 3))
  motion = np.zeros((count, 27, 72), np.float32)
  motion += random.uniform(-1, 1, (count, 1, 72))
  driving = source + np.round(40 * motion[:, 13, :3])[:, None, None]
  return {
    'source': source.astype(np.uint8),
    'driving': driving.astype(np.uint8),
    'motion': motion,
    'landmarks': random.uniform(0.3, 0.7, (count, 2, 68, 2)).astype(np.float32),
  }


BATCH = batch()


def config_of(variant: str = 'debug', judged: bool = False, **fields):
  config = gohd_animator.get_config(variant)
  if not judged:
    config.loss.update({name: 0.0 for name in JUDGED})
  config.update_from_flattened_dict(fields)
  return config


def small_task(judged: bool = False, **fields) -> AnimatorTask:
  task = AnimatorTask(config_of(judged=judged, **fields))
  task.animator, task.discriminator = (
    OneLayerAnimator(),
    OneLayerDiscriminator(),
  )
  return task


@functools.cache
def learning():
  """A task, its first state and its compiled step."""
  task = small_task(
    **{
      'optimizer.learning_rate': 0.03,
      'optimizer.b1': 0.9,
      'loss.generator_gan': 0.01,
    }
  )
  return task, jax.jit(task.init)(KEY, BATCH), jax.jit(task.train_step)


def changed(before, after) -> bool:
  pairs = zip(jax.tree.leaves(before), jax.tree.leaves(after), strict=True)
  return any((x != y).any() for x, y in pairs)


def test_steps_lower_the_loss_and_both_players_and_the_average_learn():
  task, state, step = learning()
  assert isinstance(task, Task)
  start, losses = state.variables, []
  for _ in range(100):
    state, update = step(KEY, state, BATCH)
    losses.append(float(update.compute()['reconstruction']))
  assert losses[-1] < 0.3 * losses[0]
  assert set(start) == set(task.saved)
  for name in task.saved:
    assert changed(start[name], state.variables[name])
  average, network = (state.variables[x] for x in ('animator_ema', 'animator'))
  assert changed(average, network)


def test_a_picture_is_scored_beside_a_copy_of_the_source():
  task, state, _ = learning()
  values = jax.jit(
    lambda batch: compute_metrics(*task.eval_step(state.variables, batch))
  )({name: x for name, x in BATCH.items() if name != 'landmarks'})
  assert {'l1', 'psnr', 'ssim', 'copy_l1'} <= values.keys()
  truth, source = (BATCH[x] / 255 for x in ('driving', 'source'))
  np.testing.assert_allclose(
    values['copy_l1'], abs(truth - source).mean(axis=(1, 2, 3)), rtol=1e-4
  )


def gradients(task, state):
  return jax.jit(task.gradients)(state.variables, BATCH)


def test_eyes_and_mouth_count_more_and_without_landmarks_all_counts_alike():
  _, state, _ = learning()
  silent = {'loss.generator_gan': 0.0, 'loss.discriminator_gan': 0.0}
  plain = small_task(**silent, **{'loss.eyes_and_mouth': 0.0})
  found = gradients(plain, state)
  assert set(found.losses) == {'reconstruction'}
  assert not jax.tree.reduce(
    lambda most, x: most or bool(x.any()), found.discriminator, False
  )
  without = {name: x for name, x in BATCH.items() if name != 'landmarks'}
  again = jax.jit(plain.gradients)(state.variables, without)
  assert not changed(found, again)
  more = gradients(small_task(**silent, **{'loss.eyes_and_mouth': 1.0}), state)
  ratio = more.losses['reconstruction'] / found.losses['reconstruction']
  assert 1.01 < ratio < 2


class OneLayerJudge(nn.Module):
  """Looks at a picture's rows, as VGG or as who measures faces does."""

  @nn.compact
  def __call__(self, picture, *, train=False):
    seen = nn.Dense(3)(picture.mean(axis=1, keepdims=True))
    self.sow(FEATURES, 'seen', seen)  # of three parts, too
    return (seen,)


@pytest.fixture
def one_layer_judges(monkeypatch):
  monkeypatch.setattr(judges, 'build_network', lambda *_: OneLayerJudge())
  monkeypatch.setattr(judges, 'VGG', lambda **_: OneLayerJudge())


def test_who_judges_sees_no_difference_where_there_is_none(one_layer_judges):
  those = judges.Judges(config_of(judged=True))
  picture = jax.random.uniform(KEY, (1, SIZE, SIZE, 3))
  variables = jax.tree.map(
    lambda x: jax.random.normal(KEY, x.shape), those.init(KEY, picture)
  )
  dense = {'params': {'Dense_0': {'kernel': (3, 3), 'bias': (3,)}}}
  names = 'vgg', *MEASURES.values()
  assert jax.tree.map(jnp.shape, variables) == dict.fromkeys(names, dense)
  compare, weight = jax.jit(those.compare), jnp.ones((1, SIZE, SIZE, 1))
  same = compare(variables, picture, picture, weight)
  # Of who is not sure of parts, cross-entropy is more.
  assert {x for x in JUDGED if same[x] == 0} == {*JUDGED} - {'parsing'}
  other = compare(variables, picture, picture**2, weight)
  assert all(other[x] != same[x] for x in JUDGED)
  heavy = compare(variables, picture, picture**2, 2 * weight)
  assert heavy == {**other, 'perceptual': 2 * other['perceptual']}


@pytest.mark.parametrize('loss', JUDGED)
def test_a_loss_without_weight_asks_for_no_network(one_layer_judges, loss):
  task = small_task(judged=True, **{f'loss.{loss}': 0.0})
  state = jax.eval_shape(task.init, KEY, BATCH)
  assert MEASURES.get(loss, 'vgg') not in state.variables
  assert len(state.variables) == 3 + len(JUDGED) - 1
  taught = jax.eval_shape(task.gradients, state.variables, BATCH)
  assert set(taught.losses) & set(JUDGED) == {x for x in JUDGED if x != loss}


def test_no_judge_is_learnt_or_saved_and_a_step_keeps_the_shapes(
  one_layer_judges,
):
  task = AnimatorTask(config_of(judged=True))
  state = jax.eval_shape(task.init, KEY, BATCH)
  frozen = {'vgg', *MEASURES.values()}
  assert set(state.variables) == frozen | set(task.saved)
  assert set(state.opt_state) == {'animator', 'animator_discriminator'}
  after, _ = jax.eval_shape(task.train_step, KEY, state, BATCH)
  shapes = [
    jax.tree.map(lambda x: (x.shape, x.dtype), x) for x in (after, state)
  ]
  assert shapes[0] == shapes[1]


@pytest.mark.parametrize(
  'fields, words',
  [
    ({'data.sampler': 'pairs'}, "needs data.sampler 'motion_pairs'"),
    ({'data.image_size': 96}, 'data.image_size is 96: the animator draws'),
    ({'model.animator.directions': 99}, 'directions is 99: a space of'),
    ({'model.animator.width': 0}, 'width is 0: it must be greater than 0'),
    ({'data.landmarks': False}, 'loss.eyes_and_mouth needs landmarks'),
    ({'loss.gaze': -1.0}, 'loss.gaze is -1.0: it must be 0 or greater'),
    ({'loss.pixel_scales': (0.3,)}, 'must be 1, 1/2, 1/3 or another'),
    ({'loss.perceptual_scales': (1 / 32,)}, 'VGG needs 64 pixels'),
    ({'loss.pixel_scales': ()}, 'loss.reconstruction and loss.pixel to 0'),
    ({'init.judges': '/no/such'}, 'init.judges: /no/such does not exist'),
    ({'init.vgg': '/no/such'}, 'init.vgg: /no/such does not exist'),
    ({'precision': 'bfloat16'}, "precision is 'bfloat16'"),
    ({'ema': 1.0}, 'ema is 1.0: it must be at least 0, below 1'),
  ],
)
def test_an_impossible_config_is_told_in_one_line(fields, words):
  with pytest.raises(UsageError, match=words) as told:
    AnimatorTask.check(config_of(judged=True, **fields))
  assert '\n' not in str(told.value)


def test_a_config_that_would_teach_nothing_is_refused():
  config = config_of()
  config.loss.reconstruction = config.loss.generator_gan = 0.0
  with pytest.raises(UsageError, match='every weight of loss is 0'):
    AnimatorTask.check(config)


@pytest.mark.parametrize('size', ['', 'narrow', 'debug'])
@pytest.mark.parametrize('kind', ['', 'no_mask', 'no_parsing'])
def test_our_configs_are_possible(size, kind):
  config = config_of('/'.join(filter(None, (size, kind))), judged=True)
  AnimatorTask.check(config)
  assert bool(config.loss.eyes_and_mouth) == (kind != 'no_mask')
  assert bool(config.loss.parsing) == (kind != 'no_parsing')


@pytest.fixture(scope='module')
def speakers(tmp_path_factory):
  folder = tmp_path_factory.mktemp('data')
  few = {'speakers': 2, 'test_fraction': 0.5, 'frames': 5, 'size': SIZE}
  built_speakers.build(folder, **few)
  return str(folder)


def test_a_run_that_goes_on_ends_as_one_that_was_not_stopped(
  speakers, tmp_path, monkeypatch
):
  monkeypatch.setattr(
    animator_task, 'build_network', lambda *_: OneLayerAnimator()
  )
  monkeypatch.setattr(
    animator_task, 'PictureDiscriminator', lambda **_: OneLayerDiscriminator()
  )

  def train(workdir, steps):
    config = config_of(**{'data.path': speakers, 'steps': steps})
    config.report.images_every = config.report.eval_every = 2
    return train_and_evaluate(config, tmp_path / workdir)

  whole = train('whole', 4)
  train('parts', 2)
  assert not changed(whole, train('parts', 4))
  assert any((tmp_path / 'whole').rglob('*.png'))
