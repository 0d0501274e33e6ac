import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.tasks.augment import (
  augment_clip,
  augment_pair,
  mirror_landmarks,
)
from data_pipelines.synthetic.anatomy import anatomy

SOURCE = jax.random.uniform(jax.random.key(0), (64, 8, 8, 3))
DRIVING = 1 - SOURCE
NO_COLOURS = dict(
  colour=1.0,
  brightness=0.0,
  contrast=0.0,
  saturation=0.0,
  hue=0.0,
)
NOTHING = dict(time_flip=0.0, horizontal_flip=0.0, **NO_COLOURS)


def augmented(**changes):
  return augment_pair(
    jax.random.key(1), SOURCE, DRIVING, **{**NOTHING, **changes}
  )[:2]


def test_nothing_asked_changes_nothing():
  source, driving = augmented()
  np.testing.assert_array_equal(source, SOURCE)
  np.testing.assert_array_equal(driving, DRIVING)


def test_a_time_flip_swaps_the_two_frames():
  source, driving = augmented(time_flip=1.0)
  np.testing.assert_array_equal(source, DRIVING)
  np.testing.assert_array_equal(driving, SOURCE)


def test_a_horizontal_flip_mirrors_both_frames():
  source, driving = augmented(horizontal_flip=1.0)
  np.testing.assert_array_equal(source, SOURCE[:, :, ::-1])
  np.testing.assert_array_equal(driving, DRIVING[:, :, ::-1])


def test_a_pair_swapped_in_time_is_never_mirrored_as_well():
  source, _ = augmented(time_flip=0.5, horizontal_flip=0.5)
  kinds = [SOURCE, DRIVING, SOURCE[:, :, ::-1], DRIVING[:, :, ::-1]]
  counts = [
    int(jnp.sum(jnp.all(source == kind, axis=(1, 2, 3)))) for kind in kinds
  ]
  assert sum(counts) == 64
  assert counts[3] == 0
  assert all(count > 5 for count in counts[:3])


def test_landmarks_follow_the_pictures():
  landmarks = jax.random.uniform(jax.random.key(3), (64, 2, 68, 2))

  def follow(**changes):
    return augment_pair(
      jax.random.key(1),
      SOURCE,
      DRIVING,
      landmarks=landmarks,
      **{**NOTHING, **changes},
    )[2]

  np.testing.assert_array_equal(follow(), landmarks)
  np.testing.assert_array_equal(follow(time_flip=1.0), landmarks[:, ::-1])
  mirrored = follow(horizontal_flip=1.0)
  np.testing.assert_array_equal(mirrored, mirror_landmarks(landmarks))
  # The outer corner of the right eye becomes that of the left one.
  np.testing.assert_allclose(mirrored[..., 45, 0], 1 - landmarks[..., 36, 0])
  np.testing.assert_array_equal(mirrored[..., 45, 1], landmarks[..., 36, 1])


def test_a_symmetrical_face_is_its_own_mirror_image():
  face = anatomy()
  points = face.base[face.landmarks][:, :2].astype(np.float32)
  width = np.ptp(points[:, 0])
  points = (points - points.mean(axis=0)) / width + 0.5
  mirrored = mirror_landmarks(jnp.asarray(points))
  np.testing.assert_allclose(mirrored, points, atol=0.02)


@pytest.mark.parametrize(
  'what', ['brightness', 'contrast', 'saturation', 'hue']
)
def test_both_frames_of_a_pair_change_colour_alike(what):
  source, driving, _ = augment_pair(
    jax.random.key(2), SOURCE, SOURCE, **{**NOTHING, what: 0.1}
  )
  np.testing.assert_allclose(source, driving, atol=1e-5)
  change = jnp.max(jnp.abs(source - SOURCE), axis=(1, 2, 3))
  assert jnp.mean(change > 1e-3) > 0.9  # every pair has its own draw
  assert jnp.std(change) > 0
  assert jnp.all((source >= 0) & (source <= 1))


def clip_augmented(**changes):
  frames = jnp.stack([SOURCE, DRIVING, SOURCE], axis=1)
  changes = {'horizontal_flip': 0.0, **NO_COLOURS, **changes}
  true, seen, _ = augment_clip(jax.random.key(3), frames, **changes)
  return frames, true, seen


def test_a_clip_is_mirrored_as_a_whole_for_networks_and_losses():
  frames, true, seen = clip_augmented(horizontal_flip=0.5)
  np.testing.assert_array_equal(true, seen)
  mirrored = jnp.all(true == frames[:, :, :, ::-1], axis=(1, 2, 3, 4))
  kept = jnp.all(true == frames, axis=(1, 2, 3, 4))
  assert jnp.all(mirrored ^ kept)
  assert 10 < mirrored.sum() < 54


def test_which_clips_were_mirrored_is_told():
  frames = jnp.stack([SOURCE, DRIVING], axis=1)
  true, _, mirrored = augment_clip(
    jax.random.key(3), frames, horizontal_flip=0.5, **NO_COLOURS
  )
  changed = jnp.any(true != frames, axis=(1, 2, 3, 4))
  np.testing.assert_array_equal(mirrored, changed)


def test_only_what_networks_see_changes_colour_once_for_a_clip():
  frames, true, seen = clip_augmented(brightness=0.2, hue=0.1)
  np.testing.assert_array_equal(true, frames)
  np.testing.assert_allclose(seen[:, 0], seen[:, 2], atol=1e-5)
  assert jnp.mean(jnp.any(seen != frames, axis=(1, 2, 3, 4))) > 0.9


def test_colours_change_as_often_as_asked():
  frames, _, seen = clip_augmented(brightness=0.2, colour=0.5)
  changed = jnp.any(seen != frames, axis=(1, 2, 3, 4))
  assert 10 < changed.sum() < 54
