import numpy as np
import pytest

from dagan_jax.app import point_cloud
from data_pipelines.errors.mendable import DataError
from tests.support.ply import read_ply

POINTS = np.float32([(0, 0, 1), (0.5, -0.25, 2), (-1, 3, 0.125)])
COLOURS = np.uint8([(255, 0, 1), (2, 3, 4), (10, 13, 255)])


def test_a_cloud_read_back_is_the_cloud_upright_and_facing_the_viewer(tmp_path):
  point_cloud.write_ply(tmp_path / 'new' / 'cloud.ply', POINTS, COLOURS)
  points, colours = read_ply(tmp_path / 'new' / 'cloud.ply')
  np.testing.assert_array_equal(points, POINTS * (1, -1, -1))
  np.testing.assert_array_equal(colours, COLOURS)


def test_an_unwritable_place_is_one_line(tmp_path):
  (tmp_path / 'file').write_text('')
  with pytest.raises(DataError, match='cannot be written') as raised:
    point_cloud.write_ply(tmp_path / 'file' / 'cloud.ply', POINTS, COLOURS)
  assert '\n' not in str(raised.value)
  assert [path.name for path in tmp_path.iterdir()] == ['file']


@pytest.mark.parametrize('unit', [0.01, 1, 30])
def test_a_head_is_kept_and_a_far_background_is_not_in_any_unit(unit):
  depth = np.full((20, 20), 90.0)
  depth[5:18, 4:16] = np.linspace(0.9, 1.1, 12)
  kept = point_cloud.select_near(unit * depth)
  np.testing.assert_array_equal(kept, depth < 2)


def test_a_pictures_cloud_is_of_what_is_near(tmp_path):
  depth = np.full((4, 6, 1), 90, np.float32)
  depth[:, :3] = 1
  image = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
  camera = np.float32([(2, 0, 2.5), (0, 4, 1.5), (0, 0, 1)])
  point_cloud.write_cloud(tmp_path / 'cloud.ply', image, depth, camera)
  points, colours = read_ply(tmp_path / 'cloud.ply')
  np.testing.assert_array_equal(colours, image[:, :3].reshape(-1, 3))
  y, x = np.mgrid[:4, :3].reshape(2, -1)
  seen = np.stack([(x - 2.5) / 2, (1.5 - y) / 4, np.full(12, -1)], -1)
  np.testing.assert_allclose(points, seen, atol=1e-6)


def test_a_near_background_stays():
  assert point_cloud.select_near(np.ones((4, 4))).all()
