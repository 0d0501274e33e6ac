import numpy as np
import pytest

from data_pipelines.builders.writing import identities
from data_pipelines.errors.mendable import DataError
from data_pipelines.reading import video_folder

RNG = np.random.default_rng(0)


def people(number, clips, spread):
  """Embeddings (number * clips, 128) of people who are about 1 apart."""
  middles = RNG.normal(size=(number, 1, 128)) / 16
  noise = RNG.normal(size=(number, clips, 128)) / 128**0.5
  return (middles + spread * noise).reshape(-1, 128)


def test_clips_of_one_face_share_an_identity_that_others_have_not():
  names = [f'clip{k}' for k in range(20)]
  found = identities.cluster(names, people(5, 4, 0.2))
  assert found == [f'clip{4 * (k // 4)}' for k in range(20)]


def test_the_order_of_the_clips_does_not_matter():
  names, embeddings = np.arange(12), people(4, 3, 0.2)
  order = RNG.permutation(12)
  whole = identities.cluster(list(names), embeddings)
  mixed = identities.cluster(list(names[order]), embeddings[order])
  together = np.equal.outer(whole, whole)[np.ix_(order, order)]
  np.testing.assert_array_equal(np.equal.outer(mixed, mixed), together)


@pytest.mark.parametrize('number', [0, 1])
def test_few_clips_need_no_comparison(number):
  names = ['a', 'b'][:number]
  assert identities.cluster(names, np.zeros((number, 128))) == names


def test_too_many_clips_are_one_clear_line(monkeypatch):
  monkeypatch.setattr(identities, 'MOST', 3)
  with pytest.raises(DataError, match=r'\A[^\n]*--identity=folder\Z'):
    identities.cluster(list('abcd'), people(4, 1, 0))


def test_the_same_people_are_held_out_as_in_a_folder_of_clips(tmp_path):
  for name in 'abcdefghij':
    (tmp_path / f'{name}.mp4').touch()
  test = video_folder.find_splits(str(tmp_path), 0.3).choose('test')
  held_out = identities.hold_out('abcdefghij' * 3, 0.3)
  assert held_out == {clip.identity for clip in test}


@pytest.mark.parametrize(
  'names, fraction, number', [('abc', 0.1, 1), ('a', 0.1, 0), ('abc', 0, 0)]
)
def test_somebody_is_held_out_where_there_are_two(names, fraction, number):
  assert len(identities.hold_out(names, fraction)) == number
