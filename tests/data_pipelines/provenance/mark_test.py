import hashlib

import numpy as np
import pytest

from data_pipelines.provenance import mark
from data_pipelines.provenance.mark import Mark
from tests.support.textures import texture

RNG = np.random.default_rng(0)
GREY = np.full((200, 300, 3), 128, np.uint8)
RAMP = np.broadcast_to(
  np.arange(256, dtype=np.uint8)[:, None, None], (256, 256, 3)
)


def decibels(picture, other):
  difference = picture.astype(float) - other
  return 10 * np.log10(255**2 / np.mean(difference**2))


@pytest.mark.parametrize(
  'picture',
  [
    GREY,
    RAMP,
    texture(256, 256),
    RNG.integers(0, 256, (200, 200, 3), np.uint8),
    255 * RNG.integers(0, 2, (200, 200, 3), np.uint8),
  ],
)
def test_a_mark_stays_forty_decibels_below_any_picture(picture):
  before = picture.copy()
  assert decibels(Mark((3, 14))(picture), picture) >= 40
  np.testing.assert_array_equal(picture, before)


def test_flat_places_change_least_even_beside_an_edge():
  assert decibels(Mark((0, 1))(GREY), GREY) > 50
  halves = GREY.copy()
  halves[:, 150:] = 250
  changes = np.abs(Mark((0, 1))(halves).astype(int) - halves)
  np.testing.assert_array_equal(
    changes[:, :128], np.abs(Mark((0, 1))(GREY).astype(int) - GREY)[:, :128]
  )


@pytest.mark.parametrize('size', [(1, 1), (7, 300), (72, 72), (73, 145)])
def test_frames_of_any_size_are_marked(size):
  frame = np.full((*size, 3), 99, np.uint8)
  marked = Mark((0, 1))(frame)
  assert marked.shape == frame.shape and marked.dtype == np.uint8
  assert marked.flags.writeable


def test_all_three_colours_change_alike():
  change = Mark((0, 1))(GREY).astype(int) - GREY
  np.testing.assert_array_equal(change, change[..., :1].repeat(3, -1))


@pytest.mark.parametrize('version', [(0, 0), (0, 1), (1, 20), (31, 127)])
def test_a_payload_gives_its_version_back(version):
  bits = mark.write_payload(version)
  assert mark.read_version(bits) == version


@pytest.mark.parametrize('version', [(32, 0), (0, 128), (-1, 0)])
def test_a_version_that_has_no_room_is_refused(version):
  with pytest.raises(ValueError, match='does not fit'):
    Mark(version)


def test_the_waves_are_those_of_all_videos_that_were_marked_before():
  rows, columns, phases = mark.waves()
  said = np.concatenate([rows, columns, np.round(phases * 1000)]).astype('<i4')
  assert hashlib.sha256(said.tobytes()).hexdigest()[:16] == '42fd5fb77b22426d'
  lengths = mark.TILE / np.hypot(rows, columns)
  assert lengths.min() >= 7 and lengths.max() <= 18
  assert len({*zip(rows, columns, strict=True)}) == 72
