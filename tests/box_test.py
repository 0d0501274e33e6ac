"""The model that the package brings along."""

import numpy as np

from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.weights.boxed import OURS
from data_pipelines.synthetic import rendered_faces


def test_it_is_small_and_has_a_card():
  assert OURS.stat().st_size < 15 * 10**6
  card = OURS.with_suffix('.md').read_text()
  for words in ('Apache-2.0', 'MakeHuman', 'must not be used'):
    assert words in card


def test_it_moves_a_portrait():
  animator = Animator.open(chunk=2)
  portrait = rendered_faces.image(1_000_003, 0.0, animator.size)
  driving = [rendered_faces.image(1_000_009, t, animator.size) for t in (0, 1)]
  options = {'crop': 'none', 'crop_driving': 'none'}
  still = animator.watch([portrait], **options)
  prepared = animator.prepare(portrait, **options)
  (same,) = animator.frames(prepared, still, motion='absolute')
  error = np.abs(same.astype(int) - portrait).mean()
  motion = animator.watch(driving, **options)
  moved = np.int32([*animator.frames(prepared, motion)])
  assert error < 12  # grey levels: it returns what does not move
  assert np.abs(moved[0] - moved[1]).max() > 40
