"""What `Animator.watch` and `Animator.animate` do beyond the plain network."""

import itertools
from fractions import Fraction

import jax
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment import portraits
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.inference.reenactment.driving_motion import nearest_frame
from dagan_jax.inference.reenactment.programs import Programs
from data_pipelines.compositing.paste_back import PasteBack
from data_pipelines.faces.boxes import Square
from data_pipelines.faces.framing import Framing
from tests.support import tiny
from tests.support.tiny import video

SIZE = tiny.SIZE
PORTRAIT, DRIVING = video(9)[8], video(6)


@pytest.fixture(scope='module')
def animator(tmp_path_factory):
  """DaGAN: it has depth, and attention to it."""
  workdir = tmp_path_factory.mktemp('run') / 'w'
  return Animator.open(tiny.workdir(workdir, tiny.config_with_depth()))


@pytest.fixture(scope='module')
def motion(animator):
  return animator.watch(DRIVING, rate=25, crop='none')


def made(animator, motion, portrait=PORTRAIT, **how):
  if isinstance(portrait, np.ndarray):
    how.setdefault('crop', 'none')
  return np.stack([*animator.animate(portrait, motion, **how)])


def test_without_more_it_is_the_plain_network(animator, motion):
  plain = [*animator.frames(PORTRAIT, DRIVING)]
  np.testing.assert_array_equal(made(animator, motion, start='first'), plain)
  start = jax.tree.map(lambda x: x[4], motion.keypoints)
  plain = [*animator.frames(PORTRAIT, DRIVING, start=start, strength=0.5)]
  how = dict(start=4, strength=0.5)
  np.testing.assert_array_equal(made(animator, motion, **how), plain)
  how['start'] = start
  np.testing.assert_array_equal(made(animator, motion, **how), plain)


def test_motion_starts_from_the_frame_that_is_posed_most_like_the_portrait(
  animator, motion
):
  portrait = animator.portrait(PORTRAIT, crop='none')
  best, _ = nearest_frame(portrait.keypoints, motion.keypoints)
  np.testing.assert_array_equal(
    made(animator, motion, portrait), made(animator, motion, start=best)
  )


def test_a_portrait_made_ready_serves_many_videos(
  animator, motion, monkeypatch
):
  encoded, encode = [], Programs.encode
  monkeypatch.setattr(
    Programs, 'encode', lambda *x: encoded.append(1) or encode(*x)
  )
  portrait = animator.portrait(PORTRAIT, crop='none')
  other = animator.watch(DRIVING[::-1], crop='none')
  for driving in (motion, other):
    np.testing.assert_array_equal(
      made(animator, driving, portrait), made(animator, driving)
    )
  assert len(encoded) == 3


def test_a_motion_saved_and_loaded_moves_as_the_video_does(
  animator, motion, tmp_path
):
  motion.save(tmp_path / 'motion.npz')
  loaded = animator.load_motion(tmp_path / 'motion.npz')
  assert loaded.rate == 25 and loaded.frames is None
  np.testing.assert_array_equal(made(animator, loaded), made(animator, motion))


def test_the_rate_is_that_of_the_video_and_no_binary_fraction(animator):
  rates = {25: 25, 29.97: Fraction(2997, 100), None: 25}
  rates[Fraction(30000, 1001)] = Fraction(30000, 1001)
  for given, kept in rates.items():
    found = animator.watch(DRIVING[:1], rate=given, crop='none')
    assert found.rate == kept


def test_progress_is_told_frame_by_frame(animator):
  told = []
  frames = (frame for frame in DRIVING)
  note = lambda *x: told.append(x)
  motion = animator.watch(frames, crop='none', progress=note)
  assert told == [(n, None) for n in range(1, 7)]
  told.clear()
  animator.watch(DRIVING, crop='none', progress=note)
  assert told == [(n, 6) for n in range(1, 7)]
  told.clear()
  for number, _ in enumerate(
    animator.animate(PORTRAIT, motion, crop='none', progress=note), 1
  ):
    assert told[-1] == (number, 6)


def test_the_moving_part_is_put_back_where_it_was_cut_out(animator, motion):
  whole = np.kron(PORTRAIT, np.ones((3, 4, 1), np.uint8))
  crop = (30, 20, 40, 40)
  alone = made(animator, motion, whole, crop=crop)
  paste = PasteBack(whole, Framing(Square(30.0, 20.0, 40.0)), SIZE)
  np.testing.assert_array_equal(
    made(animator, motion, whole, crop=crop, paste_back=True),
    [paste(frame) for frame in alone],
  )


def test_behind_the_person_a_static_background_is_the_portraits(
  animator, motion, monkeypatch
):
  mask = np.zeros((SIZE, SIZE, 1), np.float32)
  mask[12:20, 12:20] = 1
  monkeypatch.setattr(portraits, 'person_mask', lambda square: mask)
  moving = made(animator, motion)
  static = made(animator, motion, background='static')
  edge = np.ones((SIZE, SIZE), bool)
  edge[4:-4, 4:-4] = False
  assert (moving != PORTRAIT)[:, edge].any()
  np.testing.assert_array_equal(
    static[:, edge], np.broadcast_to(PORTRAIT, static.shape)[:, edge]
  )
  np.testing.assert_array_equal(
    static[:, 13:19, 13:19], moving[:, 13:19, 13:19]
  )


def test_identity_shows_the_portrait_itself(animator, motion):
  still = made(animator, motion, debug_identity=True)
  np.testing.assert_array_equal(still, np.stack([PORTRAIT] * 6))


def test_tracks_stand_side_by_side_in_the_order_asked_for(animator, motion):
  tracks = 'result', 'driving', 'source', 'keypoints'
  shown = made(animator, motion, tracks=tracks)
  assert shown.shape == (6, SIZE, 4 * SIZE, 3)
  result, driving, source, keypoints = np.split(shown, 4, axis=2)
  np.testing.assert_array_equal(result, made(animator, motion))
  np.testing.assert_array_equal(driving, DRIVING)
  np.testing.assert_array_equal(source, np.stack([PORTRAIT] * 6))
  dots = (keypoints != driving).any(-1).mean(axis=(1, 2))
  assert np.all((dots > 0) & (dots < 0.5))


def test_every_track_is_a_picture_and_a_pasted_result_keeps_its_shape(
  animator, motion
):
  whole = np.kron(PORTRAIT, np.ones((3, 4, 1), np.uint8))
  tracks = 'depth', 'flow', 'occlusion', 'attention', 'result'
  how = dict(crop=(30, 20, 40, 40), paste_back=True)
  shown = made(animator, motion, whole, tracks=tracks, **how)
  assert shown.shape == (6, SIZE, 4 * SIZE + round(SIZE * 4 / 3 / 2) * 2, 3)
  for name, place in zip(tracks[:4], range(4), strict=True):
    part = shown[:, :, place * SIZE : (place + 1) * SIZE]
    assert np.ptp(part) > 0, name
  depth = shown[0, :, :SIZE].sum(axis=-1)
  assert depth.min() < 30 and depth.max() > 600  # all colours, once


def test_what_no_track_asks_for_is_not_computed(animator, motion, monkeypatch):
  def never(*_):
    raise AssertionError('computed in vain')

  monkeypatch.setattr(Programs, 'analyse', never)
  made(animator, motion, tracks=['source', 'driving', 'keypoints', 'result'])
  monkeypatch.setattr(Programs, 'render', never)
  made(animator, motion, tracks=['source', 'driving', 'keypoints'])


def test_driving_frames_are_read_as_they_are_shown(animator):
  class Counted:
    asked = 0

    def __iter__(self):
      for frame in video(40):
        self.asked += 1
        yield frame

  frames = Counted()
  motion = animator.watch(frames, crop='none')
  frames.asked = 0
  how = dict(crop='none', tracks=('driving', 'result'))
  for shown, _ in enumerate(animator.animate(PORTRAIT, motion, **how), 1):
    assert shown <= frames.asked <= shown + 2 * 4  # chunks


@pytest.mark.parametrize(
  ('how', 'words'),
  [
    ({'strength': -1.0}, 'strength=-1.0'),
    ({'smooth': float('nan')}, 'smooth=nan'),
    ({'start': 6}, '6 frames'),
    ({'start': -1}, '6 frames'),
    ({'start': 'last'}, 'best, first or a number'),
    ({'tracks': ('depths',)}, 'depths.*choose from source'),
    ({'tracks': ()}, 'no track is named'),
    ({'tracks': ('flow', 'result', 'flow')}, 'flow is named twice'),
  ],
)
def test_mistakes_are_told_before_the_first_frame(animator, motion, how, words):
  with pytest.raises(UsageError, match=words) as caught:
    animator.animate(PORTRAIT, motion, crop='none', **how)
  assert '\n' not in str(caught.value)


def test_what_the_network_or_the_motion_has_not_cannot_be_shown(
  animator, motion, tmp_path
):
  without = motion._replace(frames=None)
  with pytest.raises(UsageError, match=r'no track driving, depth: .*not there'):
    animator.animate(
      PORTRAIT, without, tracks=['flow', 'driving', 'depth'], crop='none'
    )
  fomm = Animator.open(tiny.workdir(tmp_path / 'w', tiny.config()))
  with pytest.raises(UsageError, match='another network'):
    fomm.animate(PORTRAIT, motion, crop='none')
  for track in ('depth', 'attention'):
    with pytest.raises(UsageError, match=f'no track {track}'):
      fomm.check_tracks([track])


def test_videos_without_frames_and_videos_that_shrink_are_told(
  animator, motion
):
  with pytest.raises(UsageError, match='the video: there is no frame'):
    animator.watch([], crop='none')
  shorter = motion._replace(frames=[*itertools.islice(motion.frames, 5)])
  stream = animator.animate(PORTRAIT, shorter, crop='none', tracks=['driving'])
  with pytest.raises(UsageError, match='shorter'):
    list(stream)
