"""Results of other sizes than the network's pictures."""

import numpy as np
import pytest
from PIL import Image

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment import portraits
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.inference.reenactment.portraits import choose_size
from tests.support import tiny

SMALL, LARGE = tiny.SIZE, 64
DRIVING = tiny.video(3)
PICTURE = np.asarray(Image.fromarray(DRIVING[2]).resize((LARGE, LARGE)))


@pytest.fixture(scope='module')
def blending(tmp_path_factory) -> Animator:
  """A network that may keep what it moved of the portrait."""
  config = tiny.config()
  config.model.generator.blend = True
  config.model.generator.align_corners = True
  config.model.motion.align_corners = True
  folder = tmp_path_factory.mktemp('blending')
  return Animator.open(tiny.workdir(folder / 'w', config))


@pytest.fixture(scope='module')
def motion(blending):
  return blending.watch(DRIVING, crop_driving='none')


def animate(animator, motion, picture=PICTURE, **settings) -> np.ndarray:
  settings = {'crop': 'none', **settings}
  portrait = animator.prepare(picture, **settings)
  return np.stack([*animator.frames(portrait, motion, **settings)])


@pytest.mark.parametrize(
  ('side', 'asked', 'size'),
  [
    (20, 0, 32),
    (32, 0, 32),
    (33, 0, 64),
    (150, 0, 192),
    (9999, 0, 512),
    (20, 40, 40),
    (9999, 600, 600),
    (9999, 32, 32),
  ],
)
def test_results_are_as_large_as_the_portrait_or_as_asked(
  blending, side, asked, size
):
  assert choose_size(blending.programs, side, asked) == size


def test_what_no_network_can_draw_is_refused(blending, animator):
  with pytest.raises(UsageError, match=r'size=16: .* draws 32 or more pixels'):
    choose_size(blending.programs, 64, 16)
  with pytest.raises(UsageError, match=r'size=64: .* draws 32 pixels alone'):
    choose_size(animator.programs, 64, 64)
  assert choose_size(animator.programs, 9999, 0) == SMALL


def test_a_large_portrait_gives_large_frames_like_the_small_ones(
  blending, motion
):
  large = animate(blending, motion)
  assert large.shape == (3, LARGE, LARGE, 3)
  small = animate(blending, motion, size=SMALL)
  assert np.abs(np.diff(small.astype(int), axis=0)).max() > 5
  shrunk = large.reshape(3, SMALL, 2, SMALL, 2, 3).mean((2, 4))
  assert np.abs(shrunk - small).mean() < 5


def test_a_small_portrait_gives_what_the_network_draws(blending, motion):
  portrait = blending.prepare(DRIVING[0], crop='none')
  assert not portrait.is_finer and portrait.fine is portrait.square


def test_large_frames_are_pasted_back_and_stand_beside_panels(blending, motion):
  wide = np.pad(PICTURE, ((6, 10), (20, 20), (0, 0)))
  how = {'crop': (20, 6, LARGE, LARGE), 'size': LARGE}
  frames = animate(blending, motion, wide, paste_back=True, **how)
  assert frames.shape == (3, *wide.shape)
  np.testing.assert_array_equal(frames[:, :6], np.stack([wide[:6]] * 3))
  shown = animate(blending, motion, wide, grid='source,flow,result', **how)
  assert shown.shape == (3, LARGE, 3 * LARGE, 3)
  np.testing.assert_array_equal(shown[0, :, :LARGE], PICTURE)


def test_behind_a_large_person_the_background_is_the_portraits(
  blending, motion, monkeypatch
):
  mask = np.zeros((LARGE, LARGE, 1), np.float32)
  mask[24:40, 24:40] = 1
  monkeypatch.setattr(portraits, 'person_mask', lambda square: mask)
  held = animate(blending, motion, background='static', strength=0.1)
  corner = np.broadcast_to(PICTURE[:8, :8], (3, 8, 8, 3))
  np.testing.assert_array_equal(held[:, :8, :8], corner)
