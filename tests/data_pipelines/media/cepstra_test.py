import numpy as np
import pytest

from data_pipelines.media.cepstra import find_cepstra

TIMES = np.arange(1200)
WAVE = (
  np.round(8000 * np.sin(0.2 * TIMES) + 3000 * np.sin(0.03 * TIMES)) / 2**15
)
# By python_speech_features 0.6: mfcc(16-bit samples, 16000).
FIRST = [
  19.36, 21.9309, 3.3142, -13.6632, -24.0377, -23.3192, -10.5478, 6.5876,
  21.2599, 26.3647, 22.082, 10.4051, -1.4715,
]  # fmt: skip


def test_a_sound_has_the_cepstra_that_syncnet_was_taught_by():
  found = find_cepstra(WAVE)
  np.testing.assert_allclose(found[:, 0], FIRST, atol=1e-4)


@pytest.mark.parametrize(
  ('samples', 'columns'), [(1, 1), (400, 1), (401, 2), (560, 2), (16_000, 99)]
)
def test_there_are_a_hundred_columns_a_second(samples, columns):
  found = find_cepstra(np.zeros(samples))
  assert found.shape == (13, columns)
  assert np.isfinite(found).all()


def test_what_is_louder_changes_loudness_alone():
  soft, loud = find_cepstra(WAVE), find_cepstra(2 * WAVE)
  np.testing.assert_allclose(loud[0] - soft[0], np.log(4), atol=1e-6)
  np.testing.assert_allclose(loud[1:], soft[1:], atol=1e-6)


def test_a_window_hears_nothing_of_what_comes_later():
  other = WAVE.copy()
  other[720:] = 0
  found = find_cepstra(other)
  np.testing.assert_array_equal(found[:, :3], find_cepstra(WAVE)[:, :3])
  assert (found[:, 3] != find_cepstra(WAVE)[:, 3]).any()
