"""What is shown of each driving frame."""

import jax
import numpy as np
import pytest

from dagan_jax.drawing import colours, reenactment
from dagan_jax.drawing.panels import scale_to_height
from dagan_jax.inference.reenactment import portraits
from dagan_jax.inference.reenactment.programs import Programs
from dagan_jax.inference.reenactment.start_frame import begin_from
from data_pipelines.compositing.paste_back import PasteBack
from data_pipelines.faces.boxes import Square
from data_pipelines.faces.framing import Framing
from tests.support import tiny
from tests.support.motions import take_frame
from tests.support.tiny import video

SIZE = tiny.SIZE
PORTRAIT, DRIVING = video(9)[8], video(6)
WIDE = np.kron(PORTRAIT, np.ones((3, 4, 1), np.uint8))
CROP = (30, 20, 40, 40)


@pytest.fixture(scope='module')
def portrait(animator):
  return animator.prepare(PORTRAIT, crop='none')


@pytest.fixture(scope='module')
def motion(animator):
  return animator.watch(DRIVING, rate=25, crop_driving='none')


def show(animator, portrait, motion, **settings) -> np.ndarray:
  settings = {'start': 'first', **settings}
  return np.stack([*animator.frames(portrait, motion, **settings)])


@pytest.fixture(scope='module')
def result(animator, portrait, motion):
  return show(animator, portrait, motion)


def test_panels_stand_side_by_side_in_the_order_asked_for(
  animator, portrait, motion, result
):
  shown = show(
    animator, portrait, motion, grid='result,driving,source,keypoints'
  )
  assert shown.shape == (6, SIZE, 4 * SIZE, 3)
  first, driving, source, keypoints = np.split(shown, 4, axis=2)
  np.testing.assert_array_equal(first, result)
  np.testing.assert_array_equal(driving, DRIVING)
  np.testing.assert_array_equal(source, np.stack([PORTRAIT] * 6))
  np.testing.assert_array_equal(
    keypoints, reenactment.draw_keypoints(DRIVING, motion.keypoints.value)
  )


def test_panels_show_what_happens_inside_of_the_network(
  animator, portrait, motion
):
  names = 'depth', 'flow', 'occlusion', 'attention'
  shown = show(animator, portrait, motion, grid=','.join(names))
  first = dict(zip(names, np.split(shown[:4], 4, axis=2), strict=True))
  programs = animator.programs
  keypoints = jax.tree.map(lambda x: x[:4], motion.keypoints)
  beginning = begin_from(portrait.keypoints, take_frame(motion, 0))
  rendering = programs.render(
    portrait.features, keypoints, beginning, 1.0, inside=True
  ).rendering
  disparity = np.asarray(programs.analyse(DRIVING[:4]).disparity)
  expected = {
    'depth': colours.steady_colour_map(disparity[0])(disparity),
    'flow': reenactment.draw_flow(rendering.motion),
    'occlusion': reenactment.draw_occlusion(rendering.motion),
  }
  for name, pictures in expected.items():
    np.testing.assert_array_equal(first[name], scale(pictures), err_msg=name)
  layer = [x for x in rendering.layers if x.attention is not None][-1]
  attention = reenactment.draw_attention(layer)
  np.testing.assert_array_equal(first['attention'], scale(attention))


def scale(pictures: np.ndarray) -> np.ndarray:
  """As high as the network's pictures."""
  return np.stack([scale_to_height(x, SIZE) for x in pictures])


def test_a_result_beside_other_panels_is_that_of_the_result_alone(
  animator, portrait, motion, result
):
  beside = show(animator, portrait, motion, grid='flow,result')[:, :, SIZE:]
  assert np.abs(np.int32(beside) - result).max() <= 1  # another program


def test_a_pasted_result_beside_others_keeps_its_shape(animator, motion):
  portrait = animator.prepare(WIDE, crop=CROP)
  how = {'grid': 'source,result', 'paste_back': True}
  shown = show(animator, portrait, motion, **how)
  assert shown.shape == (6, SIZE, SIZE + round(SIZE * 4 / 3 / 2) * 2, 3)


def test_one_program_runs_once_for_a_chunk_and_none_in_vain(
  animator, portrait, motion, monkeypatch
):
  calls = {'render': 0, 'analyse': 0}
  for name in calls:
    count_calls(monkeypatch, name, calls)
  show(animator, portrait, motion, grid='flow,depth,attention,result')
  assert calls == {'render': 2, 'analyse': 2}
  show(animator, portrait, motion, grid='driving,keypoints,result')
  assert calls == {'render': 4, 'analyse': 2}
  show(animator, portrait, motion, grid='source,driving,keypoints')
  show(animator, portrait, motion, debug_identity=True)
  assert calls == {'render': 4, 'analyse': 2}


def count_calls(monkeypatch, name, calls):
  method = getattr(Programs, name)

  def count(*arguments):
    calls[name] += 1
    return method(*arguments)

  monkeypatch.setattr(Programs, name, count)


def test_the_moving_part_is_put_back_where_it_was_cut_out(animator, motion):
  portrait = animator.prepare(WIDE, crop=CROP)
  alone = show(animator, portrait, motion)
  paste = PasteBack(WIDE, Framing(Square(30.0, 20.0, 40.0)), SIZE)
  np.testing.assert_array_equal(
    show(animator, portrait, motion, paste_back=True),
    [paste(frame) for frame in alone],
  )


def test_behind_the_person_a_static_background_is_the_portraits(
  animator, portrait, motion, monkeypatch
):
  result = show(animator, portrait, motion, strength=0.1)
  mask = np.zeros((SIZE, SIZE, 1), np.float32)
  mask[12:20, 12:20] = 1
  monkeypatch.setattr(portraits, 'person_mask', lambda square: mask)
  held = animator.prepare(PORTRAIT, crop='none', background='static')
  static = show(animator, held, motion, strength=0.1)
  edge = np.ones((SIZE, SIZE), bool)
  edge[4:-4, 4:-4] = False
  assert (result != PORTRAIT)[:, edge].any()
  np.testing.assert_array_equal(
    static[:, edge], np.broadcast_to(PORTRAIT, static.shape)[:, edge]
  )
  inner = np.int32(static)[:, 13:19, 13:19] - result[:, 13:19, 13:19]
  assert np.abs(inner).max() <= 1  # another program


def test_identity_shows_the_portrait_itself(animator, portrait, motion):
  still = show(animator, portrait, motion, debug_identity=True)
  np.testing.assert_array_equal(still, np.stack([PORTRAIT] * 6))


def test_driving_frames_are_read_as_they_are_shown(animator, portrait):
  class Counted:
    asked = 0

    def __iter__(self):
      for frame in video(40):
        self.asked += 1
        yield frame

  frames = Counted()
  motion = animator.watch(frames, crop_driving='none')
  frames.asked = 0
  shown = animator.frames(portrait, motion, grid='driving,result')
  for number, _ in enumerate(shown, 1):
    assert number <= frames.asked <= number + 2 * animator.chunk
