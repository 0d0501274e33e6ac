"""Backgrounds: light that is everywhere, varied, and the same when repeated."""

import numpy as np
import pytest

from data_pipelines.synthetic import backgrounds
from data_pipelines.synthetic.backgrounds import background, defocus
from data_pipelines.synthetic.clouds import clouds
from data_pipelines.synthetic.stage import stage
from data_pipelines.synthetic.traits import traits

SIZE = 32


def behind(index, size=SIZE):
  person = traits(index)
  return background(person, stage(person), size)


@pytest.mark.parametrize('kind', backgrounds.KINDS)
def test_every_kind_sends_light_to_every_pixel(monkeypatch, kind):
  _, paint = backgrounds.KINDS[kind]
  monkeypatch.setattr(backgrounds, 'KINDS', {kind: (1.0, paint)})
  for index in range(8):
    light = behind(index)
    assert light.shape == (SIZE, SIZE, 3)
    assert np.isfinite(light).all()
    assert light.min() >= 0
    assert light.max() > 0.001


def test_backgrounds_are_repeated_exactly_and_differ_among_people():
  first = [behind(index) for index in range(6)]
  for index, one in enumerate(first):
    np.testing.assert_array_equal(one, behind(index))
    for other in first[:index]:
      assert np.abs(one - other).mean() > 0.01


def test_a_background_is_the_same_place_at_every_size():
  for index in range(6):
    small, large = behind(index, 96), behind(index, 192)
    halves = [large[i::2, j::2] for i in (0, 1) for j in (0, 1)]
    seen = [np.sqrt(np.minimum(each, 1)) for each in (sum(halves) / 4, small)]
    assert np.abs(seen[0] - seen[1]).mean() < 0.04


def test_defocus_makes_a_disc_of_a_point_and_keeps_its_light():
  point = np.zeros((41, 41, 3))
  point[20, 20] = 100
  disc = defocus(point, 6.0)
  assert disc.sum() == pytest.approx(point.sum(), rel=1e-9)
  high, wide = np.nonzero(disc[..., 0] > 1e-9)
  assert np.ptp(high) == pytest.approx(12, abs=2)
  assert np.ptp(wide) == pytest.approx(12, abs=2)
  inner = disc[17:24, 17:24, 0]
  np.testing.assert_allclose(inner, inner.mean(), rtol=1e-9)


def test_defocus_leaves_an_even_light_alone():
  even = np.full((24, 24, 3), 0.3)
  np.testing.assert_allclose(defocus(even, 4.7), even)


def test_coarse_clouds_are_stronger_than_fine_ones():
  at = np.arange(128) / 128
  u, v = np.meshgrid(at, at)
  noise = clouds(u, v, np.random.default_rng(3), 0.25, 1 / 128)
  steps = [
    np.abs(noise[:, step:] - noise[:, :-step]).mean() for step in (1, 4, 16)
  ]
  assert steps[0] < steps[1] < steps[2]
  assert 0.3 < noise.std() < 1.5


def test_clouds_leave_out_what_is_finer_than_a_pixel():
  at = np.arange(32) / 32
  u, v = np.meshgrid(at, at)
  draw = lambda pixel: clouds(u, v, np.random.default_rng(1), 0.5, pixel)
  rough = lambda noise: np.abs(np.diff(noise)).mean()
  assert rough(draw(0.2)) < 0.8 * rough(draw(0.001))
