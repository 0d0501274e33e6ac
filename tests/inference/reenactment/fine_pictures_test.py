import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.motion import Motion
from dagan_jax.geometry.resize import enlarge, resize_bilinear
from dagan_jax.geometry.warp import identity_flow, warp
from dagan_jax.inference.reenactment.fine_pictures import (
  add_detail,
  move_finely,
)
from dagan_jax.models.dagan.generator import Blend
from dagan_jax.models.dagan.reenactor import Rendering

FRAMES, COARSE, SMALL, LARGE = 2, 4, 8, 24
PORTRAIT = jax.random.uniform(jax.random.key(0), (1, LARGE, LARGE, 3))


def make_rendering(kept, flow=None) -> Rendering:
  """A network's small pictures, with so much kept of the moved portrait."""
  if flow is None:
    flow = identity_flow(COARSE, COARSE)
  shape = FRAMES, SMALL, SMALL
  drawn, small = jax.random.uniform(jax.random.key(1), (2, *shape, 3))
  kept = jnp.broadcast_to(kept, (*shape, 1))
  return Rendering(
    prediction=kept * small + (1 - kept) * drawn,
    motion=Motion(
      jnp.broadcast_to(flow, (FRAMES, COARSE, COARSE, 2)),
      jnp.ones((FRAMES, COARSE, COARSE, 1)),
      jnp.ones((FRAMES, COARSE, COARSE, 2)),
    ),
    deformed=small,
    layers=(),
    blend=Blend(drawn, kept),
  )


def test_a_portrait_that_stands_still_stays_as_it_is_to_the_last_pixel():
  moved = move_finely(PORTRAIT, make_rendering(1.0), align_corners=True)
  still = np.broadcast_to(PORTRAIT, moved.shape)
  np.testing.assert_allclose(moved, still, atol=1e-5)


def test_beyond_the_edge_of_the_portrait_its_edge_goes_on():
  lower = identity_flow(COARSE, COARSE) + jnp.float32([0, 1])
  moved = move_finely(PORTRAIT, make_rendering(1.0, lower), align_corners=True)
  edge = np.broadcast_to(PORTRAIT[:, -1], (FRAMES, LARGE, 3))
  np.testing.assert_allclose(moved[:, -1], edge, atol=1e-5)


@pytest.mark.parametrize('align_corners', [False, True])
def test_at_the_networks_size_the_portrait_moves_as_in_the_network(
  align_corners,
):
  flow = 0.8 * jax.random.uniform(
    jax.random.key(2), (COARSE, COARSE, 2), minval=-1
  )
  rendering = make_rendering(1.0, flow)
  portrait = jax.random.uniform(jax.random.key(3), (1, SMALL, SMALL, 3))
  moved = move_finely(portrait, rendering, align_corners=align_corners)
  flows = resize_bilinear(
    rendering.motion.flow, SMALL, SMALL, align_corners=align_corners
  )
  many = jnp.repeat(portrait, FRAMES, axis=0)
  expected = warp(many, flows, align_corners=align_corners)
  np.testing.assert_allclose(moved, expected, atol=1e-4)


def test_where_all_is_kept_the_result_is_the_moved_portrait():
  rendering = make_rendering(1.0)
  moved = jnp.repeat(PORTRAIT, FRAMES, axis=0)
  np.testing.assert_allclose(add_detail(rendering, moved), moved, atol=1e-5)


def test_where_nothing_is_kept_the_result_is_what_was_drawn_enlarged():
  rendering = make_rendering(0.0)
  moved = jnp.repeat(PORTRAIT, FRAMES, axis=0)
  drawn = enlarge(rendering.blend.drawn, LARGE, LARGE, 'cubic')
  np.testing.assert_allclose(
    add_detail(rendering, moved), jnp.clip(drawn, 0, 1), atol=1e-5
  )


def test_without_detail_the_result_is_the_networks_picture():
  rendering = make_rendering(0.7)
  same = add_detail(rendering, rendering.deformed)
  np.testing.assert_allclose(same, rendering.prediction, atol=1e-6)
