import pathlib

import numpy as np
import pytest

from dagan_jax.evaluation.frames import End, Frame, Start
from dagan_jax.evaluation.given_networks import GivenNetworks
from dagan_jax.evaluation.scoring import Scorer
from tests.support import tiny
from tests.support.reddish_faces import FirstPixel

TRUTH = tiny.video(11)
TRUTH[:, 0, 0] = (10, 20, 30)  # a face


@pytest.fixture(scope='module')
def scorer():
  return Scorer({}, FirstPixel(), GivenNetworks(), crosses_identity=False)


def clip(name, driving, generated, source=None, left_out=''):
  yield Start(name, source, *2 * (pathlib.Path(name),))
  for pair in zip(driving, generated, strict=True):
    yield Frame(*pair)
  yield End(name, left_out, '')


def test_the_truth_scores_perfectly_whatever_batch_it_is_in(scorer):
  events = [*clip('a', TRUTH[:3], TRUTH[:3]), *clip('b', TRUTH, TRUTH)]
  first, second = scorer.score(events)
  assert (first.name, first.frames) == ('a', 3)
  assert (second.name, second.frames) == ('b', 11)
  perfect = {'l1': 0, 'psnr': 100, 'ssim': 1, 'landmark_distance': 0}
  for scored in (first, second):
    for metric, best in perfect.items():
      np.testing.assert_allclose(scored.values[metric], best, atol=1e-5)
      assert len(scored.values[metric]) == scored.frames
    assert scored.faceless == {'driving video': 0, 'answer': 0}
    assert not scored.remark


def test_every_frame_keeps_its_own_score(scorer):
  generated = TRUTH.copy()
  generated[:, 8:] += np.arange(11, dtype=np.uint8)[:, None, None, None]
  first, second = scorer.score(
    [
      *clip('a', TRUTH[:5], generated[:5]),
      *clip('b', TRUTH[5:], generated[5:]),
    ]
  )
  expected = np.abs(generated / 255 - TRUTH / 255).mean(axis=(1, 2, 3))
  np.testing.assert_allclose(
    [*first.values['l1'], *second.values['l1']], expected, atol=1e-6
  )


def test_a_known_shift_of_landmarks_is_their_distance(scorer):
  moved = TRUTH[:2].copy()
  moved[:, 0, 0, 0] += 3  # of 32 pixels, in x alone
  (scored,) = scorer.score(clip('a', TRUTH[:2], moved))
  np.testing.assert_allclose(
    scored.values['landmark_distance'], 3 / 2 * 256 / 32, rtol=1e-5
  )


def test_flicker_is_told_of_every_frame_but_an_examples_first(scorer):
  pytest.importorskip('cv2')
  flickering = TRUTH.copy()
  flickering[::2, 8:] = 255 - flickering[::2, 8:]
  events = [*clip('a', TRUTH[:9], TRUTH[:9]), *clip('b', TRUTH, flickering)]
  first, second = (np.array(x.values['tcm']) for x in scorer.score(events))
  np.testing.assert_array_equal(first, [np.nan] + [1] * 8)
  assert np.isnan(second[0]) and (second[1:] < 0.9).all()


def test_frames_without_a_face_are_named_and_never_averaged_in(scorer):
  generated = TRUTH.copy()
  generated[[2, 5], 0, 0] = 0
  (scored,) = scorer.score(clip('a', TRUTH, generated))
  distances = np.array(scored.values['landmark_distance'])
  assert np.isnan(distances[[2, 5]]).all()
  assert (np.delete(distances, [2, 5]) == 0).all()
  assert scored.faceless == {'driving video': 0, 'answer': 2}
  assert scored.remark == (
    'no face in 2 of 11 frames of the answer (compared frame 2, 5)'
  )


def test_a_portrait_without_a_face_is_named(scorer):
  portrait = np.zeros_like(TRUTH[0])
  (scored,) = scorer.score(clip('a', TRUTH[:2], TRUTH[:2], portrait))
  assert scored.remark == 'no face in its portrait'
  assert np.isnan(scored.values['identity_similarity']).all()
  assert scored.values['identity_distance'] == [0, 0]


def test_an_example_that_is_left_out_leaves_no_score(scorer):
  events = [
    *clip('a', TRUTH[:2], TRUTH[:2], left_out='other lengths'),
    End('b', 'its portrait is damaged', ''),
    *clip('c', TRUTH[:1], TRUTH[:1]),
  ]
  first, second, third = scorer.score(events)
  assert (first.values, first.left_out) == ({}, 'other lengths')
  assert (second.name, second.left_out) == ('b', 'its portrait is damaged')
  assert third.frames == 1 and third.values['l1'] == [0]


def test_copying_who_drives_moves_rightly_and_has_the_wrong_identity():
  scorer = Scorer({}, FirstPixel(), GivenNetworks(), crosses_identity=True)
  portrait = TRUTH[0].copy()
  portrait[0, 0] = (90, 20, 200)  # another person
  (scored,) = scorer.score(clip('a', TRUTH[:3], TRUTH[:3], portrait))
  assert 'l1' not in scored.values and 'identity_distance' not in scored.values
  assert scored.values['landmark_distance'] == [0, 0, 0]
  assert scored.values['identity_similarity'] == [0, 0, 0]


def test_scores_come_as_soon_as_an_example_is_whole(scorer):
  taken = []

  def events():
    for number in range(4):
      taken.append(number)
      yield from clip(str(number), TRUTH, TRUTH)

  scores = scorer.score(events())
  assert next(scores).name == '0'
  assert taken == [0, 1]
