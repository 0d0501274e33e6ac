"""The model that the package brings along."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from dagan_jax.inference.depth_estimator import DepthEstimator
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.metrics import depth
from dagan_jax.weights import boxed, boxed_depth, boxed_voice
from data_pipelines.synthetic import rendered_faces


@pytest.mark.parametrize(
  ('boxes', 'bytes', 'card', 'words'),
  [
    ([boxed.OURS], 15 * 10**6, 'people.md', 'MakeHuman'),
    ([boxed_depth.OURS], 5 * 10**6, 'depth.md', 'no photograph'),
    (
      [boxed_voice.OURS[name] for name in ('expression', 'pose')],
      8 * 10**6,
      'voice.md',
      'No recording',
    ),
  ],
)
def test_what_is_brought_is_small_and_has_a_card(boxes, bytes, card, words):
  assert sum(box.stat().st_size for box in boxes) < bytes
  card = boxed.OURS.with_name(card).read_text()
  for box in boxes:
    assert box.name in card
  for said in ('Apache-2.0', 'must not', words):
    assert said in card


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


def test_it_finds_the_depth_of_a_head():
  estimator = DepthEstimator.open()
  truth = rendered_faces.frame(1_000_003, 0.0, estimator.size)
  (found,) = estimator.estimates([truth.image], chunk=1)
  person = truth.foreground
  likeness = stats.spearmanr(truth.depth[person], found.depth[..., 0][person])
  assert likeness.statistic > 0.7


def test_it_knows_slopes_of_faces_far_better_than_an_ellipsoid():
  estimator = DepthEstimator.open()
  truths = [
    rendered_faces.frame(face, 1.0, estimator.size)
    for face in (1_000_003, 1_000_008, 1_000_014)
  ]
  found = estimator.estimates([truth.image for truth in truths], chunk=3)
  found = jnp.stack([estimate.depth for estimate in found])
  true, person, camera = (
    jnp.stack([getattr(truth, name) for truth in truths])
    for name in ('depth', 'foreground', 'intrinsics')
  )
  true, person = true[..., None], person[..., None]
  ours, theirs = (
    jnp.mean(
      depth.normal_error(
        true, depth.scale_to_truth(true, x, person), person, camera
      )
    )
    for x in (found, depth.ellipsoid(person, camera))
  )
  assert ours < 23 and ours < 0.75 * theirs


def test_it_is_sure_of_the_head_and_not_of_the_wall_nor_of_what_moves():
  estimator = DepthEstimator.open()
  estimator.apart = 1
  face, moments, size = 1_000_003, (1.0, 1.4), estimator.size
  frames = [rendered_faces.image(face, t, size) for t in moments]
  found = next(estimator.estimates(frames, uncertainty=True, chunk=2))
  uncertainty = found.uncertainty[..., 0]
  person = rendered_faces.frame(face, 1.0, size).foreground
  own = rendered_faces.own_motions(face, 1.0, [1.4], size)[0]
  assert np.median(uncertainty[~person]) > 0.9
  assert np.median(uncertainty[person & (own < 0.5)]) < 0.3
  assert uncertainty[person & (own > 1)].mean() > 0.4
