import inspect

import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.metrics.table import METRICS, compute_metrics

GREY = jnp.full((2, 16, 16, 3), 0.5)


def test_a_metric_is_computed_where_all_that_it_needs_is_there():
  answers = {'': {'picture': GREY}, 'copy_': {'picture': 1 - GREY}, 'none_': {}}
  values = compute_metrics({'true_picture': GREY}, answers)
  assert list(values) == [
    beginning + name
    for beginning in ('', 'copy_')
    for name in ('l1', 'psnr', 'ssim')
  ]
  np.testing.assert_allclose(values['l1'], 0)
  assert not compute_metrics({}, answers)


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
