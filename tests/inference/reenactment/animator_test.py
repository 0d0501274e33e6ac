import shutil

import jax
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment import programs
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.inference.reenactment.start_frame import find_nearest
from dagan_jax.runs import checkpoints
from tests.support import tiny
from tests.support.tiny import video

PORTRAIT, DRIVING = video(9)[8], video(6)


@pytest.fixture(scope='module')
def portrait(animator):
  return animator.prepare(PORTRAIT, crop='none')


@pytest.fixture(scope='module')
def motion(animator):
  return watch(animator, DRIVING)


def watch(animator, frames):
  return animator.watch(frames, rate=25, crop_driving='none')


def animate(animator, portrait, driving, **settings) -> np.ndarray:
  return np.int32([*animator.frames(portrait, driving, **settings)])


@pytest.fixture(scope='module')
def own(animator, portrait):
  """The portrait, drawn by the network in its own pose."""
  itself = watch(animator, [PORTRAIT])
  return animate(animator, portrait, itself, motion='absolute')[0]


@pytest.mark.parametrize('count', [1, 3, 4, 5, 9])
def test_every_driving_frame_gives_one_frame(animator, portrait, count):
  frames = [*animator.frames(portrait, watch(animator, video(count)))]
  assert len(frames) == count
  assert all(f.shape == (tiny.SIZE, tiny.SIZE, 3) for f in frames)
  assert all(f.dtype == np.uint8 for f in frames)


def test_videos_of_any_length_share_one_compilation(animator, portrait, motion):
  animate(animator, portrait, motion)
  kept = programs._render, programs._analyse
  counts = [len(f.files) for f in kept]
  for count in (1, 4, 11):
    animate(animator, portrait, watch(animator, video(count)))
  assert counts == [len(f.files) for f in kept]


def test_a_frame_does_not_depend_on_its_place_in_a_chunk(
  animator, portrait, motion
):
  together = animate(animator, portrait, motion)
  assert np.abs(np.diff(together, axis=0)).max() > 5
  one_by_one = Animator(animator.programs, chunk=1)
  alone = animate(one_by_one, portrait, watch(one_by_one, DRIVING))
  assert np.abs(together - alone).max() <= 1  # a rounding


def test_relative_motion_starts_from_the_portraits_own_pose(
  animator, portrait, motion, own
):
  frames = animate(animator, portrait, motion, start=4)
  np.testing.assert_allclose(frames[4], own, atol=1)
  assert np.abs(frames[0] - frames[4]).max() > 5
  first = animate(animator, portrait, motion, start='first')
  np.testing.assert_allclose(first[0], own, atol=1)


def test_absolute_motion_takes_the_driving_pose(animator, portrait, motion):
  relative = animate(animator, portrait, motion, start='first')
  absolute = animate(animator, portrait, motion, motion='absolute')
  assert np.abs(relative - absolute).max() > 5


def test_motion_starts_from_the_frame_that_is_posed_most_like_the_portrait(
  animator, portrait, motion
):
  best, _ = find_nearest(portrait.keypoints, motion.keypoints)
  np.testing.assert_array_equal(
    animate(animator, portrait, motion),
    animate(animator, portrait, motion, start=best),
  )


@pytest.mark.parametrize('kind', ['relative', 'absolute'])
def test_without_strength_nothing_moves_and_more_of_it_moves_more(
  animator, portrait, motion, own, kind
):
  how = {'motion': kind, 'start': 'first'}
  still, half, full = (
    animate(animator, portrait, motion, strength=s, **how)
    for s in (0.0, 0.5, 1.0)
  )
  assert np.abs(still - own).max() <= 1
  apart = [np.abs(frames[-1] - own).mean() for frames in (half, full)]
  assert 0 < apart[0] < apart[1]


def test_smoothed_motion_moves_less_from_frame_to_frame(
  animator, portrait, motion
):
  plain, smooth = (
    animate(animator, portrait, motion, smooth=cutoff) for cutoff in (0.0, 0.5)
  )
  plain, smooth = (np.abs(np.diff(x, axis=0)).mean() for x in (plain, smooth))
  assert smooth < plain


def test_one_portrait_serves_many_videos_and_is_encoded_once(
  animator, motion, monkeypatch
):
  encoded, encode = [], programs.Programs.encode
  monkeypatch.setattr(
    programs.Programs, 'encode', lambda *x: encoded.append(1) or encode(*x)
  )
  portrait = animator.prepare(PORTRAIT, crop='none')
  other = watch(animator, DRIVING[::-1])
  for _ in range(2):
    forward = animate(animator, portrait, motion, start='first')
    back = animate(animator, portrait, other, start=5)
    np.testing.assert_allclose(forward, back[::-1], atol=1)
  assert len(encoded) == 1


def test_a_motion_saved_and_loaded_moves_as_the_video_does(
  animator, portrait, motion, tmp_path
):
  motion.save(tmp_path / 'motion.npz')
  loaded = animator.load_motion(tmp_path / 'motion.npz')
  assert loaded.rate == 25 and not loaded.has_frames
  np.testing.assert_array_equal(
    animate(animator, portrait, loaded), animate(animator, portrait, motion)
  )


@pytest.mark.parametrize(
  ('settings', 'words'),
  [
    ({'strength': -1.0}, 'strength=-1.0'),
    ({'start': 6}, '6 frames'),
    ({'grid': 'depths'}, 'no panel'),
  ],
)
def test_mistakes_are_told_before_the_first_frame(
  animator, portrait, motion, settings, words
):
  with pytest.raises(UsageError, match=words):
    animator.frames(portrait, motion, **settings)


def test_what_the_motion_or_the_network_has_not_cannot_be_shown(
  animator, portrait, workdir_without_depth
):
  once = watch(animator, iter(DRIVING))
  with pytest.raises(UsageError, match=r'no panel driving, depth: .*not there'):
    animator.frames(portrait, once, grid='flow,driving,depth')
  fomm = Animator.open(workdir_without_depth)
  with pytest.raises(UsageError, match='another network'):
    fomm.frames(portrait, once)
  for panel in ('depth', 'attention'):
    with pytest.raises(UsageError, match=f'no panel {panel}'):
      fomm.check_panels([panel])


def test_a_network_saved_from_four_devices_animates_on_one(
  tmp_path, workdir_without_depth
):
  variables = checkpoints.read_network(workdir_without_depth, 'reenactor')
  mesh = jax.make_mesh((4,), ('data',))
  spread = jax.device_put(variables, jax.NamedSharding(mesh, jax.P()))
  checkpoints.write_workdir(
    tmp_path / 'w', tiny.config(), {'reenactor': spread}
  )
  made = []
  for path in (workdir_without_depth, str(tmp_path / 'w')):
    fomm = Animator.open(path)
    portrait = fomm.prepare(video(1, 50)[0], crop='none')
    made.append(animate(fomm, portrait, watch(fomm, video(2, 40))))
  np.testing.assert_array_equal(*made)


def test_a_network_that_is_not_its_configs_is_named(
  tmp_path, workdir_without_depth
):
  shutil.copytree(workdir_without_depth, tmp_path / 'w')
  text = (tmp_path / 'w' / 'config.json').read_text()
  text = text.replace('"keypoints": 5', '"keypoints": 6')
  (tmp_path / 'w' / 'config.json').write_text(text)
  with pytest.raises(UsageError, match='heatmap'):
    Animator.open(str(tmp_path / 'w'))
