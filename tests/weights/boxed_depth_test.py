import jax
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.depth_estimator import DepthEstimator
from dagan_jax.weights.boxed import OURS, kind_of
from dagan_jax.weights.boxed_depth import KIND, read_depth_box
from dagan_jax.weights.conversion import convert_files
from tests.support.face_depth import networks, write


def test_a_box_holds_the_networks_of_a_workdir_and_no_path(tmp_path):
  variables = networks()
  box = str(tmp_path / 'depth.safetensors')
  paths = {'data.path': '/home/me/clips'}
  convert_files([write(tmp_path / 'w', variables, **paths)], box=box)
  found = read_depth_box(box)
  assert kind_of(box) == KIND
  assert found.variables.keys() == {'depth', 'camera_motion'}
  jax.tree.map(
    lambda ours, theirs: np.testing.assert_allclose(ours, theirs, atol=1e-3),
    found.variables,
    variables,
  )
  assert '/home/me' not in found.config.to_json()
  estimator = DepthEstimator.open(box)
  assert estimator.size == found.config.data.image_size
  assert estimator.finds_uncertainty


def test_a_box_of_depth_needs_the_network_of_head_motion(tmp_path):
  alone = write(tmp_path / 'w', {'depth': networks()['depth']})
  with pytest.raises(UsageError, match='which this workdir lacks'):
    convert_files([alone], box=str(tmp_path / 'depth.safetensors'))


def test_a_box_that_animates_without_depth_is_told_so():
  with pytest.raises(UsageError, match='holds no depth network'):
    DepthEstimator.open(str(OURS))
  with pytest.raises(UsageError, match='is no model of this package'):
    read_depth_box(str(OURS))
