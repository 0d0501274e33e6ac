import jax
import numpy as np
import pytest

from dagan_jax.metrics.table import compute_metrics
from dagan_jax.tasks.face_depth.answers import compare
from tests.support.true_findings import perfect


def scores(finding, batch, relief):
  return compute_metrics(*compare(finding, None, batch, relief))


@pytest.fixture(scope='module')
def found():
  batch, finding = perfect(face=0, size=64, apart=10)
  return (
    batch,
    finding,
    {k: v[0] for k, v in scores(finding, batch, relief=0.1).items()},
  )


def test_the_truth_has_no_errors(found):
  values = found[2]
  for name in ('abs_rel', 'rmse', 'log_rmse', 'normals', 'rotation_degrees'):
    np.testing.assert_allclose(values[name], 0, atol=0.05)
  for name in ('delta1', 'rank_correlation', 'focal_ratio'):
    np.testing.assert_allclose(values[name], 1, atol=1e-3)
  assert values['direction_degrees'] < 0.5
  np.testing.assert_allclose(values['uncertainty_auroc'], 1, atol=1e-6)
  assert values['photometric'] > 0  # light, and what the head uncovers


def test_trivial_answers_have(found):
  values = found[2]
  assert values['plane_abs_rel'] > 0.01
  assert values['ellipsoid_abs_rel'] > 0.01
  assert values['start_abs_rel'] > 0.01
  assert values['plane_normals'] > values['ellipsoid_normals'] > 5
  assert values['plane_rank_correlation'] == 0
  assert values['still_rotation_degrees'] > 0.5


def test_depth_that_is_only_scaled_is_as_good_and_a_hollow_face_is_not(found):
  batch, finding, values = found
  disparity = finding.disparities[0]
  smaller = finding._replace(disparities=(disparity / 2,))
  hollow = finding._replace(disparities=(0.5 - disparity,))
  smaller, hollow = (
    jax.tree.map(lambda x: x[0], scores(found, batch, relief=0.1))
    for found in (smaller, hollow)
  )
  # Of inverse depth 0.01 is no part of the disparity.
  np.testing.assert_allclose(smaller['abs_rel'], values['abs_rel'], atol=1e-3)
  assert hollow['abs_rel'] > values['plane_abs_rel']
  assert hollow['rank_correlation'] < -0.9


def test_videos_have_scores_without_the_truth(found):
  batch, finding, _ = found
  # A data set may hold depth; where the person is, only the renderer knows.
  video = {name: batch[name] for name in ('frames', 'weight', 'depth')}
  assert scores(finding, video, relief=0.1).keys() == {
    'photometric',
    'still_photometric',
  }
