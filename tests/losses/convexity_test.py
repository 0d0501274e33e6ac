import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.camera import disparity_to_depth
from dagan_jax.losses.convexity import (
  convex_start,
  find_person,
  head_outline,
  relief_drift,
  round_head,
)
from data_pipelines.synthetic import rendered_faces


def test_the_round_head_bulges_by_its_relief_and_no_more():
  head = round_head(33, 33, relief=0.1)
  np.testing.assert_allclose(head.max(), head[16, 16])
  depth = disparity_to_depth(head)
  np.testing.assert_allclose(depth.min() / depth.max(), 0.9, atol=2e-3)
  np.testing.assert_array_equal(head, head[:, ::-1])


def test_the_round_head_itself_costs_nothing_and_a_flat_face_is_pulled_out():
  head = round_head(16, 16, relief=0.1)[None]
  assert convex_start(head, 0.1) == 0
  slope = jax.grad(convex_start)(jnp.full_like(head, 0.5), 0.1)
  assert slope[0, 8, 8] < 0


def test_the_outline_of_the_round_head_is_where_it_bulges():
  outline, head = head_outline(33, 33), round_head(33, 33, relief=0.1)
  assert outline[16, 16] == 1
  np.testing.assert_array_equal(outline > 0, head > head.min())
  assert 0.2 < (outline > 0).mean() < 0.5


RELIEF = 0.08
OUTLINE = jnp.float32(head_outline(64, 64) > 0)[None]


def head(depth=1.0, nearness=1.0):
  """As deep as rendered heads are, times `depth`, and so much nearer."""
  bump = head_outline(64, 64)[None]
  inside = bump[OUTLINE > 0]
  bump = (bump - inside.mean()) / inside.std()
  return 0.5 * nearness * (1 + 0.37 * RELIEF * depth * bump)


def drift(*heads):
  heads = jnp.concatenate(heads)
  outlines = jnp.broadcast_to(OUTLINE, heads.shape)
  return relief_drift(heads, outlines, RELIEF)


def test_heads_as_deep_as_heads_are_do_not_drift():
  assert drift(head()) < 1e-4
  # Wherever the head is, and whatever lies around it.
  around = jnp.where(OUTLINE > 0, head(), 0.1)
  moved = (jnp.roll(x, 9, axis=2) for x in (around, OUTLINE))
  assert relief_drift(*moved, RELIEF) < 1e-4


def test_deeper_flatter_nearer_and_farther_heads_drift():
  for odd in (head(2), head(0.5), head(1, 1.5), head(1, 0.6)):
    assert drift(odd) > 0.1
  slope = jax.grad(lambda depth: drift(head(depth)))
  assert slope(1.5) > 0 > slope(0.5)


def test_one_head_may_be_deeper_than_another():
  assert drift(head(1.3), head(0.7)) < 1e-4


def test_a_flat_face_and_a_picture_without_a_head_have_finite_slopes():
  flat = jnp.full_like(OUTLINE, 0.5)
  for weight in (OUTLINE, jnp.zeros_like(OUTLINE)):
    assert jnp.isfinite(jax.grad(relief_drift)(flat, weight, RELIEF)).all()


@pytest.mark.parametrize('face', [0, 3, 8])
def test_of_rendered_people_the_person_is_found(face):
  frame = rendered_faces.frame(face, 0.4, 32)
  depth = jnp.asarray(frame.depth)[None, ..., None]
  np.testing.assert_array_equal(find_person(depth)[0, ..., 0], frame.foreground)
