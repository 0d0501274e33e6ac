"""The Basel Face Model's file: one like it is read, all others are refused."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.io

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.morphable_face import build_mesh, find_landmarks
from dagan_jax.weights.bfm import FILE, read_bfm

VERTICES, IDENTITIES, EXPRESSIONS = 70, 5, 4


def make_file(folder, **changes):
  """Writes made-up numbers in the layout of the licensed file."""
  rng = np.random.default_rng(0)
  fields = {
    'meanshape': rng.normal(1, 1, (1, 3 * VERTICES)),
    'idBase': rng.normal(size=(3 * VERTICES, IDENTITIES)),
    'exBase': rng.normal(size=(3 * VERTICES, EXPRESSIONS)),
    'keypoints': 1 + rng.permutation(VERTICES)[None, :68],
    **changes,
  }
  path = folder / FILE
  scipy.io.savemat(path, {k: v for k, v in fields.items() if v is not None})
  return path, fields


def test_numbers_go_to_their_places(tmp_path):
  path, fields = make_file(tmp_path)
  face = read_bfm(path)
  np.testing.assert_allclose(face.mean.mean(0), 0, atol=1e-6)
  weights = jnp.eye(EXPRESSIONS)[2]
  moved = build_mesh(face, weights) - face.mean
  expected = fields['exBase'][:, 2].reshape(VERTICES, 3)
  np.testing.assert_allclose(moved, expected, atol=1e-5)
  marks = find_landmarks(face, 0 * weights)
  first = face.mean[fields['keypoints'][0, 0] - 1]
  np.testing.assert_allclose(marks[0], first, atol=1e-6)


def test_the_folder_will_do(tmp_path):
  make_file(tmp_path)
  assert read_bfm(tmp_path).identity.shape == (IDENTITIES, VERTICES, 3)


@pytest.mark.parametrize(
  'changes',
  [
    {'keypoints': None},
    {'keypoints': np.full((1, 68), VERTICES + 1)},
    {'keypoints': np.ones((1, 67))},
    {'exBase': np.ones((3 * VERTICES - 3, EXPRESSIONS))},
    {'idBase': np.full((3 * VERTICES, IDENTITIES), np.nan)},
    {'meanshape': np.array(['words'])},
  ],
)
def test_another_file_is_refused_in_one_line(tmp_path, changes):
  path, _ = make_file(tmp_path, **changes)
  with pytest.raises(UsageError, match='no face model') as error:
    read_bfm(path)
  assert '\n' not in str(error.value)


def test_no_file_and_a_damaged_one_are_told_apart(tmp_path):
  with pytest.raises(UsageError, match='no such file'):
    read_bfm(tmp_path)
  path, _ = make_file(tmp_path)
  path.write_bytes(path.read_bytes()[:200])
  with pytest.raises(UsageError, match='damaged'):
    read_bfm(path)
