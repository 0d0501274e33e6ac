import jax
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.reenactment import programs
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.runs import checkpoints
from tests.support import tiny
from tests.support.tiny import video


@pytest.fixture(scope='module')
def workdir(tmp_path_factory):
  return tiny.workdir(tmp_path_factory.mktemp('run') / 'w', tiny.config())


@pytest.fixture(scope='module')
def animator(workdir):
  return Animator.open(workdir)


def with_chunks(animator: Animator, chunk: int) -> Animator:
  """The same network with chunks of another size."""
  return Animator(animator.programs, chunk)


def motion_of(animator: Animator, frames) -> Keypoints:
  return jax.tree.map(lambda *x: np.stack(x), *animator.keypoints(frames))


@pytest.mark.parametrize('count', [1, 3, 4, 5, 9])
def test_every_driving_frame_gives_one_frame(animator, count):
  made = list(animator.frames(video(1)[0], video(count)))
  assert len(made) == count
  assert all(f.shape == (tiny.SIZE, tiny.SIZE, 3) for f in made)
  assert all(f.dtype == np.uint8 for f in made)


def test_videos_of_any_length_share_one_compilation(animator):
  for count in (2, 7):
    list(animator.frames(video(1)[0], video(count)))
  before = programs._render._cache_size()
  for count in (1, 4, 11):
    list(animator.frames(video(1)[0], video(count)))
  assert programs._render._cache_size() == before


def test_a_frame_does_not_depend_on_its_place_in_a_chunk(animator):
  together = list(animator.frames(video(1)[0], video(6)))
  alone = list(with_chunks(animator, 1).frames(video(1)[0], video(6)))
  difference = np.abs(np.int32(together) - np.int32(alone))
  assert difference.max() <= 1  # a rounding


def test_frames_are_made_as_driving_frames_come(animator):
  asked = []

  def driving():
    for number, frame in enumerate(video(100)):
      asked.append(number)
      yield frame

  next(with_chunks(animator, 2).frames(video(1)[0], driving()))
  assert len(asked) <= 4


def test_relative_motion_starts_from_the_portraits_own_pose(animator):
  portrait, driving = video(9)[8], video(3)
  relative = next(animator.frames(portrait, driving))
  own = next(animator.frames(portrait, [portrait], motion='absolute'))
  np.testing.assert_allclose(np.int32(relative), np.int32(own), atol=1)


def test_absolute_motion_takes_the_driving_pose(animator):
  portrait, driving = video(9)[8], video(1)
  relative = next(animator.frames(portrait, driving))
  absolute = next(animator.frames(portrait, driving, motion='absolute'))
  assert np.any(relative != absolute)


def test_known_keypoints_drive_as_their_video_does(animator):
  portrait, driving = video(9)[8], video(6)
  found = motion_of(animator, driving)
  assert found.value.shape[0] == found.jacobian.shape[0] == 6
  by_video = list(animator.frames(portrait, driving))
  np.testing.assert_array_equal(by_video, [*animator.frames(portrait, found)])


def test_motion_starts_from_any_frame(animator):
  portrait, driving = video(9)[8], video(6)
  own = next(animator.frames(portrait, [portrait], motion='absolute'))
  found = motion_of(animator, driving)
  start = jax.tree.map(lambda x: x[4], found)
  made = list(animator.frames(portrait, driving, start=start))
  np.testing.assert_allclose(np.int32(made[4]), np.int32(own), atol=1)
  assert np.any(made[0] != made[4])


@pytest.mark.parametrize('motion', ['relative', 'absolute'])
def test_without_strength_nothing_moves_and_more_of_it_moves_more(
  animator, motion
):
  portrait, driving = video(9)[8], video(6)[3:]
  own = next(animator.frames(portrait, [portrait], motion='absolute'))
  still, half, full = (
    np.int32([*animator.frames(portrait, driving, motion=motion, strength=s)])
    for s in (0.0, 0.5, 1.0)
  )
  assert np.abs(still - own).max() <= 1
  apart = [np.abs(frames[-1] - own).mean() for frames in (half, full)]
  assert 0 < apart[0] < apart[1]


def test_networks_with_depth_animate_too(tmp_path):
  workdir = tiny.workdir(tmp_path / 'w', tiny.config_with_depth())
  made = list(Animator.open(workdir).frames(video(1, 50)[0], video(2, 40)))
  assert len(made) == 2


def test_a_network_saved_from_four_devices_opens_on_one(tmp_path, workdir):
  variables = checkpoints.read_network(workdir, 'reenactor')
  mesh = jax.make_mesh((4,), ('data',))
  spread = jax.device_put(variables, jax.NamedSharding(mesh, jax.P()))
  other = tmp_path / 'w'
  checkpoints.write_workdir(other, tiny.config(), {'reenactor': spread})
  assert len(list(Animator.open(str(other)).frames(video(1)[0], video(2)))) == 2


def test_a_network_that_is_not_its_configs_is_named(tmp_path):
  workdir = tiny.workdir(tmp_path / 'w', tiny.config())
  text = (tmp_path / 'w' / 'config.json').read_text()
  text = text.replace('"keypoints": 5', '"keypoints": 6')
  (tmp_path / 'w' / 'config.json').write_text(text)
  with pytest.raises(UsageError, match='heatmap'):
    Animator.open(workdir)
