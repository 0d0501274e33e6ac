import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.motion import Motion
from dagan_jax.geometry.warp import identity_flow
from dagan_jax.losses.imitation import imitation

KEYS = jax.random.split(jax.random.key(0), 3)
THUMBNAIL = jax.random.uniform(KEYS[0], (2, 8, 8, 3))


def some_motion(shift=0.0, seen=0.5, sharpness=1.0):
  """A motion of 8 pixels, with two maps of what is seen."""
  logits = sharpness * jax.random.normal(KEYS[1], (2, 8, 8, 4))
  return Motion(
    flow=jnp.broadcast_to(identity_flow(8, 8) + shift, (2, 8, 8, 2)),
    occlusion=jnp.full((2, 8, 8, 1), seen),
    masks=jax.nn.softmax(logits),
    more_occlusions=(jnp.full((2, 16, 16, 1), seen),),
  )


def lacks(**other):
  return imitation(
    THUMBNAIL, some_motion(), some_motion(**other), align_corners=True
  )


def test_who_does_the_same_lacks_nothing():
  for name, value in lacks().items():
    assert value == pytest.approx(0, abs=1e-6), name


@pytest.mark.parametrize(
  'other, names',
  [
    ({'shift': 0.1}, {'imitated_flow', 'imitated_picture'}),
    ({'seen': 0.7}, {'imitated_occlusion'}),
    ({'sharpness': 2.0}, {'imitated_masks'}),
  ],
)
def test_each_loss_sees_its_own_difference_alone(other, names):
  found = {name for name, value in lacks(**other).items() if value > 1e-4}
  assert found == names


def test_differences_have_the_size_that_is_told():
  assert lacks(shift=0.1)['imitated_flow'] == pytest.approx(0.1, abs=1e-5)
  assert lacks(seen=0.7)['imitated_occlusion'] == pytest.approx(0.2, abs=1e-5)


def test_flows_that_lead_anywhere_count_as_far_off_and_no_more():
  value = lacks(shift=1e6)['imitated_flow']
  assert np.isfinite(value)
  assert value == pytest.approx(0.2, abs=1e-5)
