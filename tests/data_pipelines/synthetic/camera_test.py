"""What cameras do to light, and what they leave alone."""

import numpy as np
import pytest

from data_pipelines.synthetic import camera, rendered_faces
from data_pipelines.synthetic.camera import Camera, develop

SIZE = 32
GREY = np.full((SIZE, SIZE, 3), 0.25)
RAMP = np.broadcast_to(np.linspace(0, 1, SIZE)[:, None, None], GREY.shape)
EDGE = (
  np.where(np.arange(SIZE) < SIZE // 2, 0.04, 0.64)[:, None, None] + 0 * GREY
)


def test_a_camera_without_faults_shows_the_light():
  expected = np.round(np.sqrt(RAMP) * 255)
  seen = develop(RAMP, Camera(), (0, 0))
  assert seen.dtype == np.uint8
  np.testing.assert_allclose(seen, expected, atol=1)


def test_light_beyond_white_is_white_and_a_shoulder_presses_it_below():
  bright = GREY * 6
  assert (develop(bright, Camera(), (0, 0)) == 255).all()
  pressed = develop(bright, Camera(shoulder=0.4), (0, 0))
  assert 200 < pressed.min() <= pressed.max() < 255


@pytest.mark.parametrize('index', range(30))
def test_brighter_light_looks_brighter(index):
  used = camera.camera(index)._replace(shot=0, quality=0, vignette=0)
  seen = develop(RAMP, used, (0, 0)).astype(int)
  assert (np.diff(seen.sum(-1)[:, SIZE // 2]) >= 0).all()
  assert np.ptp(seen) > 150


def test_the_noise_belongs_to_the_moment():
  noisy = Camera(shot=0.002, read=0.005)
  one, again, other = (develop(GREY, noisy, (3, at)) for at in (1, 1, 2))
  np.testing.assert_array_equal(one, again)
  assert (one != other).mean() > 0.5
  deviation = (one.astype(float) - develop(GREY, Camera(), (0, 0))).std()
  # Of a code 255 sqrt(light), light varying by sqrt(shot * light + read^2).
  expected = 255 / (2 * 0.5) * np.sqrt(0.002 * 0.25 + 0.005**2)
  assert deviation == pytest.approx(expected, rel=0.1)
  assert abs(one.mean() - 127.5) < 0.5


def test_blur_spreads_an_edge_and_keeps_the_light():
  sharp = develop(EDGE, Camera(), (0, 0)) / 255.0
  soft = develop(EDGE, Camera(blur=(0, 0.06)), (0, 0)) / 255.0
  np.testing.assert_allclose((sharp**2).mean(), (soft**2).mean(), rtol=0.01)
  assert (
    np.abs(np.diff(soft, axis=0)).max() < 0.4 * np.diff(sharp, axis=0).max()
  )
  along = develop(EDGE, Camera(blur=(0.06, 0)), (0, 0)) / 255.0
  np.testing.assert_allclose(along, sharp, atol=0.005)


def test_a_vignette_darkens_the_corners_alone():
  seen = develop(GREY, Camera(vignette=0.3), (0, 0)) / 255.0
  assert seen[SIZE // 2, SIZE // 2, 0] ** 2 == pytest.approx(0.25, rel=0.03)
  assert seen[0, 0, 0] ** 2 == pytest.approx(0.25 * 0.7, rel=0.08)


def test_saturation_and_balance_change_colours_only():
  pale = develop(GREY * [1.4, 0.9, 0.6], Camera(saturation=0.0), (0, 0)).astype(
    int
  )
  assert np.ptp(pale, axis=-1).max() <= 1
  warm = develop(GREY, Camera(balance=(1.2, 1.0, 0.8)), (0, 0))
  assert warm[0, 0, 0] > warm[0, 0, 1] > warm[0, 0, 2]


def test_poor_jpeg_is_further_from_the_picture_than_good_jpeg():
  plain = rendered_faces.image(0, 0, SIZE, clean=True)
  light = (plain / 255.0) ** 2
  errors = [
    np.abs(develop(light, Camera(quality=q), (0, 0)).astype(int) - plain).mean()
    for q in (30, 60, 95)
  ]
  assert errors[0] > errors[1] > errors[2] > 0


def test_cameras_vary_and_some_have_no_faults():
  cameras = [camera.camera(index) for index in range(300)]
  assert 0.12 < np.mean([c == Camera() for c in cameras]) < 0.28
  qualities = {c.quality for c in cameras}
  assert min(qualities - {0}) >= 30
  assert max(qualities) <= 95
  assert len(qualities) > 30
  assert len({c.gamma for c in cameras}) > 200
