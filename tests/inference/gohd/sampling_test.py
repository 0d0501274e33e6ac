import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.inference import compile_cache
from dagan_jax.inference.gohd import sampling
from dagan_jax.inference.gohd.sampling import sample_sequence
from dagan_jax.models.gohd.denoiser import Denoiser
from dagan_jax.models.gohd.diffusion import GUIDANCE
from dagan_jax.models.gohd.sampling import draw_sequence
from tests.support.tiny_gohd import MODEL
from tests.support.variables import random_variables

GAZE = Denoiser(**MODEL['gaze'])
LENGTH, OVERLAP = 20, 5  # shorter windows are as good, and cheaper
FIRST = np.array([0.3, -0.2], np.float32)
SOUND = np.random.default_rng(0).normal(size=(80, 320)).astype(np.float32)


@pytest.fixture(scope='module')
def kept(tmp_path_factory):
  """The folder in which traced programs are kept."""
  return tmp_path_factory.mktemp('traced')


@pytest.fixture(scope='module')
def sample(kept):
  """The sequence of a count of frames; with keyword arguments."""
  inputs = np.zeros((1, 2, 2)), np.zeros((1, 2, 320)), np.zeros((1, 1, 2))
  variables = random_variables(GAZE, *inputs, np.zeros(1, int))
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(compile_cache, 'traced_folder', lambda: kept)
    patch.setattr(sampling, 'LENGTH', LENGTH)
    patch.setattr(sampling, 'OVERLAP', OVERLAP)

    def sample(count, seed=0, is_residual=True):
      return sample_sequence(
        GAZE,
        variables,
        jax.random.key(seed),
        lambda frames: SOUND[frames],
        FIRST,
        count,
        is_residual=is_residual,
      )

    yield sample


@pytest.fixture(scope='module')
def long(sample):
  return sample(2 * LENGTH)


def test_any_length_is_sampled_by_one_program_that_is_kept(sample, long, kept):
  assert long.shape == (2 * LENGTH, 2) and np.isfinite(long).all()
  assert sample(7).shape == (7, 2)
  assert len(list(kept.iterdir())) == 1


def test_a_longer_sound_begins_as_a_shorter_one(sample, long):
  shorter = sample(LENGTH)
  alike = LENGTH - OVERLAP
  np.testing.assert_array_equal(shorter[:alike], long[:alike])


def test_a_window_is_told_of_the_end_of_the_one_before_and_fades_in(
  monkeypatch, sample
):
  seen = []
  run = sampling._sample

  def watch(*given):
    made = np.clip(run(*given), -1, 1)
    seen.append((*given[-3:], made))
    return made

  monkeypatch.setattr(sampling, '_sample', watch)
  found = sample(LENGTH + 9)
  first, (initial, known, is_known, window) = seen[0][-1] + FIRST, seen[1]
  begin = LENGTH - OVERLAP
  assert is_known.sum() == OVERLAP
  np.testing.assert_allclose(initial, first[begin - 1], atol=1e-6)
  old, new = first[begin:], window[:OVERLAP] + initial
  np.testing.assert_allclose(known[:OVERLAP], old - initial, atol=1e-6)
  share = np.arange(1, OVERLAP + 1)[:, None] / (OVERLAP + 1)
  np.testing.assert_allclose(
    found[begin:LENGTH], old + share * (new - old), atol=1e-5
  )
  rest = window[OVERLAP : OVERLAP + 9] + initial
  np.testing.assert_allclose(found[LENGTH:], rest, atol=1e-5)


def test_differences_start_from_the_frame_before_and_values_do_not(sample):
  moved, placed = sample(5), sample(5, is_residual=False)
  np.testing.assert_allclose(moved, placed + FIRST, atol=1e-6)


def test_seeds_move_otherwise_and_the_same_one_alike(sample):
  np.testing.assert_array_equal(sample(5, seed=3), sample(5, seed=3))
  assert np.abs(sample(5, seed=3) - sample(5, seed=4)).max() > 0.01


def test_what_is_sampled_is_bounded(long):
  assert np.abs(long[: LENGTH - OVERLAP] - FIRST).max() <= 1 + 1e-6


def test_who_learnt_without_the_first_frame_is_guided_in_its_own_unit(sample):
  del sample  # windows are short as long as it is there
  guided = dataclasses.replace(GAZE, learns_without=True, unit=0.1)
  inputs = np.zeros((1, 2, 2)), np.zeros((1, 2, 320)), np.zeros((1, 1, 2))
  variables = random_variables(guided, *inputs, np.zeros(1, int))
  key = jax.random.key(3)
  found = sample_sequence(
    guided,
    variables,
    key,
    lambda frames: SOUND[frames],
    FIRST,
    LENGTH,
    is_residual=False,
  )
  drawn = draw_sequence(
    guided,
    variables,
    jax.random.fold_in(key, 0)[None],
    jnp.asarray(SOUND[None, :LENGTH]),
    jnp.asarray(FIRST[None, None]),
    GUIDANCE,
  )
  np.testing.assert_allclose(found, np.clip(drawn[0], -1, 1), atol=1e-4)
