import functools

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from configs import gohd_expression
from dagan_jax.console.errors import UsageError
from dagan_jax.drawing.gohd import draw_expression
from dagan_jax.geometry.morphable_face import landmarks_alone
from dagan_jax.metrics.table import compute_metrics
from dagan_jax.tasks.gohd.expression_losses import expression_losses
from dagan_jax.tasks.gohd.mapper import MapperTask
from dagan_jax.tasks.task import Task
from tests.support import spoken_sequences

KEY = jax.random.key(0)
BATCH = spoken_sequences.batch(4, 24)
LOSSES = {'lower_face', 'lip_gap', 'mouth_shape', 'eyes', 'coefficients'}


class OneLayerMapper(nn.Module):
  """Maps as ExpressionMapper does, but is compiled in no time."""

  @nn.compact
  def __call__(self, mel, initial, eye_motion=None, *, train):
    self.variable('batch_stats', 'seen', jnp.zeros, ())
    seen = [mel.mean(axis=-1), initial]
    seen += [] if eye_motion is None else [eye_motion]
    start = nn.initializers.zeros
    return nn.Dense(64, kernel_init=start)(jnp.concatenate(seen, -1))


def config_of(**fields):
  config = gohd_expression.get_config('debug/stage_1')
  config.update_from_flattened_dict(fields)
  return config


@functools.cache
def learning():
  """A task, its first state, its compiled step and its compiled scores."""
  task = MapperTask(config_of(**{'optimizer.learning_rate': 0.01}))
  task.mapper = OneLayerMapper()
  state = jax.jit(task.init)(KEY, BATCH)
  variables = state.variables | {'face': spoken_sequences.face()}
  score = jax.jit(
    lambda variables: compute_metrics(*task.eval_step(variables, BATCH))
  )
  return (
    task,
    state.replace(variables=variables),
    jax.jit(task.train_step),
    score,
  )


def test_a_mouth_learns_to_follow_the_sound():
  task, state, step, score = learning()
  assert isinstance(task, Task)
  before = score(state.variables)
  totals = []
  for _ in range(150):
    state, update = step(KEY, state, BATCH)
    values = update.compute()
    totals.append(sum(task.config.loss[name] * values[name] for name in LOSSES))
  assert totals[-1] < 0.2 * totals[0]
  after = score(state.variables)
  assert np.mean(after['lip_correlation']) > 0.9
  assert np.mean(after['mouth_distance']) < np.mean(before['mouth_distance'])
  np.testing.assert_array_equal(
    state.variables['face']['params']['mean'],
    spoken_sequences.face()['params']['mean'],
  )


def test_scores_of_the_truth_and_of_a_still_face_stand_beside():
  _, state, _, score = learning()
  values = score(state.variables)
  np.testing.assert_allclose(values['true_lip_correlation'], 1, atol=1e-4)
  np.testing.assert_allclose(values['true_mouth_distance'], 0, atol=1e-4)
  np.testing.assert_allclose(np.nanmean(values['true_bilabial_closure']), 1)
  assert np.isnan(values['still_lip_correlation']).all()
  np.testing.assert_allclose(values['still_eye_variance'], 0, atol=1e-5)
  assert {'silent_movement', 'eye_ssim', 'eye_variance'} <= values.keys()


def test_a_loss_without_weight_is_not_computed():
  task, state, _, _ = learning()
  config = config_of(**{'loss.lower_face': 0.0, 'loss.eyes': 0.0})
  other = MapperTask(config)
  other.mapper = task.mapper
  shapes = jax.eval_shape(
    other.gradients, state.variables, KEY, BATCH, np.arange(4)
  )
  assert shapes[0].keys() == LOSSES - {'lower_face', 'eyes'}


@pytest.mark.parametrize('variant, inputs', [('', 597), ('/blind', 576)])
def test_the_mapper_is_the_published_one_but_for_its_width(variant, inputs):
  config = gohd_expression.get_config('debug/stage_1' + variant)
  config.model.expression.width = 32
  task = MapperTask(config)
  state = jax.eval_shape(task.init, KEY, BATCH)
  kernel = state.variables['expression']['params']['mapping']['kernel']
  assert kernel.shape == (inputs, 64)
  after, _ = jax.eval_shape(task.train_step, KEY, state, BATCH)
  assert jax.tree.structure(after) == jax.tree.structure(state)
  shapes = [jax.tree.map(lambda x: x.shape, x) for x in (after, state)]
  assert shapes[0] == shapes[1]


def test_of_shut_lips_the_frames_of_p_b_and_m_alone_count():
  face = spoken_sequences.face()['params']
  face = landmarks_alone(face['mean'], face['expression'])
  weights = config_of(**dict.fromkeys((f'loss.{x}' for x in LOSSES), 0.0)).loss
  weights.shut_lips = 1.0
  truth, bilabial = (jnp.asarray(BATCH[x]) for x in ('expression', 'bilabial'))
  for wrong in (bilabial, ~bilabial):
    found = truth + 0.3 * wrong[..., None]
    (lost,) = expression_losses(weights, face, truth, found, bilabial).values()
    assert (lost > 0) == (wrong is bilabial)


@pytest.mark.parametrize('fields', [{'vary': 1.0}, {'hide': 0.9}])
def test_voices_change_from_step_to_step_and_a_seed_decides(fields):
  task = MapperTask(config_of(**fields))
  task.mapper = OneLayerMapper()
  _, state, _, _ = learning()
  run = jax.jit(task.train_step)
  norms = [
    run(key, state.replace(step=step), BATCH)[1].compute()
    for key, step in ((KEY, 0), (KEY, 0), (KEY, 1), (jax.random.key(1), 0))
  ]
  norms = [float(x['gradient_norm_expression']) for x in norms]
  assert norms[0] == norms[1] and len(set(norms)) == 3


@pytest.mark.parametrize(
  'fields', [{'vary': -1.0}, {'model.expression.hears': 'all'}]
)
def test_an_impossible_ear_is_told_in_one_line(fields):
  with pytest.raises(UsageError, match=next(iter(fields))):
    MapperTask.check(config_of(**fields))


def test_pictures_show_lips_lids_and_faces_beside_the_truth():
  task, state, _, _ = learning()
  shown = jax.jit(task.images)(state.variables, BATCH)
  opening = np.asarray(shown.lips[..., 0])
  assert opening.max() > 5 and abs(opening[BATCH['bilabial']]).max() < 1
  rows = draw_expression(*map(np.asarray, shown))
  assert list(rows) == ['lips', 'lids', 'true face', 'made']
  assert (rows['true face'] != rows['made']).any()


@pytest.mark.parametrize(
  'fields, words',
  [
    ({'model.expression.width': 0}, 'width is 0: it must be greater than 0'),
    ({'loss.lip_gap': -1.0}, 'loss.lip_gap is -1.0: it must be 0 or greater'),
    ({f'loss.{x}': 0.0 for x in LOSSES}, 'every weight of loss is 0'),
    ({'vary': -1.0}, 'vary is -1.0: it must be 0 or greater'),
    ({'hide': 1.5}, 'hide is 1.5: it must be between 0 and 1'),
    ({'model.expression.dropout': 2.0}, 'dropout is 2.0'),
    ({'model.expression.dilations': (1, 0)}, 'whole numbers, at least 1'),
    ({'model.expression.bands': (1, 2, 3)}, 'a tuple of 2 whole numbers'),
    ({'model.expression.hears': 'all'}, 'model.expression.hears'),
    ({'init.face': '/no/such'}, 'init.face: /no/such does not exist'),
  ],
)
def test_an_impossible_config_is_told_in_one_line(fields, words):
  with pytest.raises(UsageError, match=words) as told:
    MapperTask.check(config_of(**fields))
  assert '\n' not in str(told.value)
