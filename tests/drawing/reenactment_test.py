import numpy as np

from dagan_jax.drawing import reenactment
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.geometry.motion import Motion
from dagan_jax.models.dagan.generator import Layer
from dagan_jax.models.dagan.reenactor import (
  Face,
  Rendering,
)

SIZE = 16
COUNT = 2


def maps(channels: int) -> np.ndarray:
  shape = COUNT, SIZE, SIZE, channels
  return np.random.default_rng(channels).random(shape, np.float32)


def face(disparity=None) -> Face:
  keypoints = Keypoints(
    np.zeros((COUNT, 3, 2), np.float32), np.zeros((COUNT, 3, 2, 2), np.float32)
  )
  return Face(maps(3), disparity, keypoints)


def still() -> np.ndarray:
  line = np.linspace(-1, 1, SIZE, dtype=np.float32)
  flow = np.stack(np.meshgrid(line, line), -1)
  return np.broadcast_to(flow, (COUNT, SIZE, SIZE, 2))


def rendering(*layers: Layer) -> Rendering:
  motion = Motion(still(), maps(1), maps(4))
  return Rendering(maps(3), motion, maps(3), layers)


def test_what_a_network_has_not_is_no_row():
  plain = reenactment.draw_reenactment(face(), face(), rendering())
  assert 'depth' not in plain and not any('attention' in x for x in plain)
  layer = Layer(maps(8), maps(1))
  rows = reenactment.draw_reenactment(face(maps(1)), face(), rendering(layer))
  assert rows.keys() - plain.keys() == {
    'depth', f'features {SIZE}', f'attention {SIZE}'
  }  # fmt: skip
  for row in rows.values():
    assert row.dtype == np.uint8 and row.shape == (COUNT, SIZE, SIZE, 3)


def test_flow_that_stays_is_white_and_what_is_hidden_is_dark():
  motion = rendering().motion
  assert (reenactment.draw_flow(motion) == 255).all()
  hidden = motion._replace(occlusion=np.zeros_like(motion.occlusion))
  assert not reenactment.draw_occlusion(hidden).any()


def test_attention_is_lightest_where_it_looks_most():
  attention = maps(1) / 1000  # shares are small
  attention[:, 3, 5] = 0.5
  drawn = reenactment.draw_attention(Layer(maps(8), attention))
  places = drawn.sum(axis=-1).reshape(COUNT, -1).argmax(axis=1)
  assert places.tolist() == [3 * SIZE + 5] * COUNT


def test_pictures_bear_their_own_keypoints():
  images = np.zeros((2, 64, 64, 3), np.float32)
  points = np.array([[[-0.5, 0.0]], [[0.5, 0.0]]], np.float32)
  left, right = reenactment.draw_keypoints(images, points)
  assert left[:, :32].any() and not left[:, 32:].any()
  assert right[:, 32:].any() and not right[:, :32].any()
