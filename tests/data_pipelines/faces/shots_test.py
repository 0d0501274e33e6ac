import itertools

import numpy as np
import pytest

from data_pipelines.faces.shots import Cuts
from data_pipelines.synthetic import rendered_faces

PEOPLE = (0, 3, 5, 14)


def cuts(video):
  seen = Cuts()
  perhaps = [index for index, frame in enumerate(video) if seen.see(frame)]
  found = seen.beginnings()
  assert set(found) <= set(perhaps)
  return found


def scene(seed, frames=12):
  """A blurred pattern under a little noise, 25 frames a second."""
  random = np.random.default_rng(seed)
  coarse = np.kron(random.uniform(20, 200, (6, 8)), np.ones((8, 8)))
  noise = random.normal(0, 4, (frames, 48, 64))
  grey = (coarse + noise).clip(0, 255).astype(np.uint8)
  return list(np.repeat(grey[..., None], 3, axis=3))


def head(person, seconds, rate=25):
  moments = np.arange(round(seconds * rate)) / rate
  return [rendered_faces.image(person, t, 64) for t in moments.tolist()]


@pytest.mark.parametrize('rate', [25, 10])
@pytest.mark.parametrize('person', PEOPLE)
def test_a_talking_heads_own_motion_is_no_cut(person, rate):
  assert cuts(head(person, 50 / rate, rate)) == []


@pytest.mark.parametrize('one, other', itertools.permutations(PEOPLE, 2))
def test_another_person_before_another_wall_is_a_cut(one, other):
  assert cuts(head(one, 0.4) + head(other, 0.4)) == [10]


def test_another_person_before_the_same_wall_is_a_cut():
  video = []
  for person in PEOPLE:
    for index in range(8):
      frame = rendered_faces.frame(person, index / 25, 64)
      frame.image[~frame.foreground] = 120
      video.append(frame.image)
  assert cuts(video) == [8, 16, 24]


@pytest.mark.parametrize('shot', [4, 5, 12])
def test_every_shot_begins_with_a_cut(shot):
  video = scene(0, shot) + scene(1, shot) + scene(2, shot) + scene(0, shot)
  assert cuts(video) == [shot, 2 * shot, 3 * shot]


@pytest.mark.parametrize('frames', [1, 2, 3])
@pytest.mark.parametrize('light', [0, 255])
def test_a_flash_is_no_cut(frames, light):
  video = scene(0, 24)
  for frame in video[10 : 10 + frames]:
    frame[4:-4] = light
  assert cuts(video) == []


def test_another_exposure_is_no_cut():
  video = scene(0, 24)
  darker = [(0.6 * frame).astype(np.uint8) for frame in video[12:]]
  assert cuts(video[:12] + darker) == []


def test_a_moving_camera_is_no_cut():
  wide = np.kron(scene(0, 1)[0], np.ones((2, 4, 1), np.uint8))
  video = [wide[:, 4 * index :][:, :96] for index in range(30)]
  assert cuts(video) == []


def test_a_cut_through_a_mixed_frame_is_found():
  one, other = scene(0), scene(1)
  mixed = [np.mean([one[0], other[0]], axis=0).astype(np.uint8)]
  found = cuts(one + mixed + other)
  assert found and set(found) <= {12, 13}


@pytest.mark.parametrize('frames', [0, 1, 2])
def test_the_shortest_videos_have_no_cuts(frames):
  assert cuts(scene(0, frames)) == []


def test_frames_of_any_size_may_follow_one_another():
  sizes = (8, 48, 640)
  video = [np.full((n, 2 * n, 3), 50, np.uint8) for n in sizes]
  assert cuts(video) == []
