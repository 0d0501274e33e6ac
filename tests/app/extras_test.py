import numpy as np
import pytest

from dagan_jax.app.extras import Extras
from dagan_jax.console.errors import UsageError
from dagan_jax.inference.depth_estimator import DepthEstimator
from dagan_jax.inference.reenactment.driving_motion import load_motion
from data_pipelines.media import pictures
from tests.support import tiny
from tests.support.ply import read_ply


def test_words_are_named_after_the_video_and_paths_are_kept():
  saved = Extras('motion,depth,pointcloud,x/y.npz,z.PNG')
  assert saved.paths('a/out.v2.mp4') == [
    'a/out.v2.motion.npz', 'a/out.v2.depth.npy', 'a/out.v2.ply',
    'x/y.npz', 'z.PNG',
  ]  # fmt: skip
  assert Extras('depth').paths('frames') == ['frames.depth.npy']
  assert Extras('depth').paths('a.b_c') == ['a.b_c.depth.npy']
  assert Extras(None).paths('out.mp4') == []


@pytest.mark.parametrize('wrong', ['motion,', 'video', 'out.mp4', 'a.npz,b'])
def test_what_is_neither_a_word_nor_a_path_is_told(wrong):
  with pytest.raises(UsageError, match='none of motion, depth, pointcloud'):
    Extras(wrong)


def test_of_many_videos_none_has_a_path_of_its_own():
  assert Extras('motion,depth', many=True).paths('a.mp4')
  with pytest.raises(UsageError, match=r'--save=d\.npy: one path'):
    Extras('motion,d.npy', many=True)


def test_depth_is_that_of_the_part_that_moves(
  animator, workdir, tmp_path, capsys
):
  whole = np.kron(tiny.video(1)[0], np.ones((3, 4, 1), np.uint8))
  portrait = animator.prepare(whole, crop=(20, 30, 60, 60))
  motion = animator.watch(tiny.video(2), crop_driving='none')
  names = ['m.npz', 'd.npy', 'd.png', 'd.ply']
  paths = [str(tmp_path / 'new' / name) for name in names]
  saved = Extras(','.join(paths))
  saved.open(workdir)
  saved.write('out.mp4', portrait, motion)
  assert capsys.readouterr().out.splitlines() == paths
  loaded = load_motion(paths[0], animator.network)
  np.testing.assert_array_equal(loaded.keypoints.value, motion.keypoints.value)
  (found,) = DepthEstimator.open(workdir).estimates([portrait.square], chunk=1)
  np.testing.assert_array_equal(np.load(paths[1]), found.depth[..., 0])
  colours = pictures.read_picture(paths[2]).sum(axis=-1)
  nearest = np.unravel_index(found.disparity.argmax(), colours.shape)
  assert colours[nearest] == colours.max() > colours.min()
  points, seen = read_ply(tmp_path / 'new' / 'd.ply')
  assert 0 < len(points) <= tiny.SIZE**2
  ours = {tuple(c) for c in portrait.square.reshape(-1, 3).tolist()}
  assert {tuple(c) for c in seen.tolist()} <= ours


def test_a_network_without_depth_is_told_and_motion_needs_none(
  workdir_without_depth,
):
  Extras('motion,a.npz').open(workdir_without_depth)
  for item in ('depth', 'pointcloud', 'a.png'):
    with pytest.raises(UsageError, match='no depth network'):
      Extras(item).open(workdir_without_depth)


def test_whether_a_motion_is_kept_is_known():
  assert Extras('depth,motion').have_motion and Extras('x.npz').have_motion
  assert not Extras('depth,d.npy').have_motion and not Extras(None).have_motion
