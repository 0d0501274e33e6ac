import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.examples import Example
from dagan_jax.evaluation.fingerprints import fingerprint
from dagan_jax.evaluation.scored_frames import ScoredFrames
from dagan_jax.evaluation.scoring import Scored

MEASURE = {'size': 32}


def scored(name):
  features = {'vgg16': np.full((2, 3), ord(name), np.float32)}
  return Scored(
    name, {'l1': [0.5, np.nan]}, 2, {'answer': 1}, '', 'a remark', features
  )


@pytest.fixture
def examples(tmp_path):
  """Two, and their scores in a file."""
  made = []
  for name in 'ab':
    path = tmp_path / f'{name}.png'
    path.write_bytes(b'a picture')
    made.append(Example(name, path, path, None))
  with ScoredFrames(tmp_path / 'out', MEASURE) as frames:
    for example in made:
      frames.add(fingerprint(example), scored(example.name))
  return made


def known(tmp_path, examples, measure=MEASURE):
  with ScoredFrames(tmp_path / 'out', measure) as frames:
    return [frames.knows(fingerprint(example)) for example in examples]


def test_scores_come_back_as_they_were_kept(tmp_path, examples):
  with ScoredFrames(tmp_path / 'out', MEASURE) as frames:
    for example in examples:
      found = frames.read(fingerprint(example))
      np.testing.assert_array_equal(found.values.pop('l1'), [0.5, np.nan])
      np.testing.assert_array_equal(
        found.features.pop('vgg16'), scored(example.name).features['vgg16']
      )
      assert found == scored(example.name)._replace(values={}, features={})


def test_another_measure_begins_anew(tmp_path, examples):
  assert known(tmp_path, examples) == [True, True]
  assert known(tmp_path, examples, {'size': 64}) == [False, False]
  assert known(tmp_path, examples) == [False, False]


@pytest.mark.parametrize('damage', [b'{"key": "x', b'nothing\n', b'[]\n'])
def test_what_stands_before_a_damaged_line_is_kept(tmp_path, examples, damage):
  path = tmp_path / 'out' / 'frames.jsonl'
  first, second, third = path.read_bytes().splitlines(keepends=True)
  path.write_bytes(first + second + damage + third)
  assert known(tmp_path, examples) == [True, False]
  assert path.read_bytes() == first + second


def test_a_place_that_refuses_the_file_is_told(tmp_path):
  (tmp_path / 'out').write_bytes(b'')
  with pytest.raises(UsageError, match='choose another --output'):
    ScoredFrames(tmp_path / 'out', MEASURE)


def test_hosts_write_files_of_their_own_and_read_those_of_all(tmp_path):
  place = tmp_path / 'out'
  with (
    ScoredFrames(place, MEASURE) as first,
    ScoredFrames(place, MEASURE, host=1) as second,
  ):
    first.add('a', scored('a'))
    second.add('b', scored('b'))
    assert not first.knows('b')
    first.read_other_hosts()
    assert first.read('b').name == 'b'
  with ScoredFrames(place, MEASURE) as alone:  # goes on with fewer hosts
    assert alone.knows('a') and alone.knows('b')
  with ScoredFrames(place, {'size': 64}) as other:
    assert not other.knows('b')
