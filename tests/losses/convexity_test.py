import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.geometry.camera import disparity_to_depth
from dagan_jax.losses.convexity import (
  convex_start,
  head_outline,
  round_head,
)


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
