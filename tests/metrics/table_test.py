import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.metrics.table import METRICS, compute_metrics

GREY = jnp.full((2, 16, 16, 3), 0.5)
KEYS = iter(jax.random.split(jax.random.key(0), 64))


def random(*shape):
  return jax.random.uniform(next(KEYS), (2, *shape), minval=0.1)


def host(*shape):
  return np.asarray(random(*shape))


NOD = 2 * np.pi * 3 * np.arange(50) / 25  # three times a second

# What is given in pairs, a truth and an answer.
PAIRS = {
  'picture': random(161, 161, 3),
  'alexnet': (random(9, 9, 4), random(4, 4, 8)),
  'vgg16': (random(9, 9, 4), random(4, 4, 8)),
  'dists': (random(9, 9, 4), random(4, 4, 8)),
  'landmarks': host(68, 2),
  'embedding': host(128),
  'arcface': host(4),
  'pose': host(3),
  'change': host(),
  'presence': np.eye(2, 5),
  'units_set': [host(6, 4)[0], host(6, 4)[0]],
  'vgg16_set': [host(3)[0:1].repeat(8, axis=0), host(8, 3)[0]],
  'inception_set': [host(8, 3)[0], host(8, 3)[0]],
  'depth': random(16, 16, 1),
  'turn': jnp.broadcast_to(jnp.eye(3), (2, 3, 3)),
  'shift': random(3),
  'focal': random(),
  'noise': random(3, 8, 2),
  'gaze': 10 * random(8, 2),
  'motion': np.sqrt(2) * jnp.broadcast_to(jnp.sin(NOD), (2, 2, 50)).mT,
  'opening': jnp.array([[0.0, 0, 2, 5, 0, 3, 0, 0]] * 2),
  'mouth': random(8, 20, 3),
  'eyes': jnp.ones((2, 8, 3)).at[:, ::2].set(-1),
}
SPEAKS = jnp.array([[False, False, True, True, True, True, False, False]] * 2)
SPEECH = np.eye(40) / np.sqrt(2)  # each frame as far from each other one: 1
MOVES = random(16, 16, 1) > 0.5
# Everything that is told of a perfect answer.
PERFECT = {
  **{f'true_{name}': array for name, array in PAIRS.items()},
  **PAIRS,
  'alexnet_heads': (jnp.ones(4), jnp.ones(8)),
  'vgg16_heads': (jnp.ones(4), jnp.ones(8)),
  'dists_heads': (random()[0] + jnp.ones(15), jnp.ones(15)),
  'source_embedding': PAIRS['embedding'],
  'source_arcface': PAIRS['arcface'],
  'size': 161,
  'sync_lips': (SPEECH, SPEECH),
  'sync_voices': (SPEECH, SPEECH),
  'vmaf_frames': [{'metrics': {'vmaf': 100.0}}] * 2,
  'view_errors': jnp.zeros((2, 2, 16, 16, 1)),
  'error': MOVES.astype(jnp.float32),
  'uncertainty': MOVES.astype(jnp.float32),
  'scaled_depth': PAIRS['depth'],
  'shifted_depth': PAIRS['depth'],
  'foreground': jnp.ones((2, 16, 16, 1), bool),
  'speaking': SPEAKS,
  'bilabial': SPEAKS & (PAIRS['opening'] == 0),
  'moves': MOVES,
  'nonrigid': MOVES,
  'intrinsics': jnp.broadcast_to(jnp.diag(jnp.array([20.0, 20, 1])), (2, 3, 3)),
}


def test_a_metric_is_computed_where_all_that_it_needs_is_there():
  answers = {'': {'picture': GREY}, 'copy_': {'picture': 1 - GREY}, 'none_': {}}
  values = compute_metrics({'true_picture': GREY}, answers)
  assert list(values) == [
    beginning + name
    for beginning in ('', 'copy_')
    for name in ('l1', 'psnr', 'ssim', 'ssim_paper')
  ]
  np.testing.assert_allclose(values['l1'], 0)
  assert not compute_metrics({}, answers)


@pytest.mark.parametrize('name', METRICS)
def test_a_perfect_answer_scores_the_best(name):
  metric = METRICS[name]
  values = metric.function(*(PERFECT[need] for need in metric.needs))
  assert values.shape == (2,)
  others = {'psnr': 100, 'vmaf': 100, 'tcm_literal': np.exp(-2)}
  # The median is of shifts by eight, where eight of forty frames meet silence.
  others['lse_c'] = (32 + 8 / np.sqrt(2)) / 40
  best = others.get(name, 0 if metric.better == 'lower' else 1)
  # Angles between equal directions are computed in float32.
  atol = 0.1 if 'degrees' in metric.title else 1e-5
  np.testing.assert_allclose(values, best, atol=atol)


def test_a_picture_may_be_too_small_for_a_metric():
  small = {'true_picture': GREY[:, :11, :11]}
  values = compute_metrics(small, {'': {'picture': small['true_picture']}})
  assert 'ms_ssim' not in values and 'ssim' in values


@pytest.mark.parametrize('name', METRICS)
def test_a_metric_names_as_many_arrays_as_its_function_takes(name):
  metric = METRICS[name]
  parameters = inspect.signature(metric.function).parameters.values()
  free = [x for x in parameters if x.kind is not x.KEYWORD_ONLY]
  assert len(metric.needs) == len(free)


def test_every_column_has_a_title_of_its_own_and_says_what_is_better():
  titles = [metric.title for metric in METRICS.values()]
  assert all(titles) and len(set(titles)) == len(titles)
  assert {metric.better for metric in METRICS.values()} <= {
    'lower',
    'higher',
    '',
  }


def test_landmarks_say_nothing_of_an_example_without_a_face():
  found = np.zeros((3, 68, 2), np.float32)
  lost = found.copy()
  lost[1] = np.nan
  values = compute_metrics(
    {'true_landmarks': found, 'size': 64}, {'': {'landmarks': lost + 1}}
  )
  np.testing.assert_array_equal(values['landmarks_found'], [1, 0, 1])
  np.testing.assert_allclose(values['landmark_distance'], [4, np.nan, 4])
