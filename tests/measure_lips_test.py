import numpy as np
import pytest
from ml_collections import ConfigDict

from data_pipelines.reading.speeches import Speeches
from data_pipelines.speech.phones import BILABIAL
from scripts import measure_lips
from tests.support import built_speakers


@pytest.fixture(scope='module')
def data(tmp_path_factory):
  folder = tmp_path_factory.mktemp('speakers')
  built_speakers.build(folder)
  return str(folder)


def test_who_knows_the_truth_is_right_and_a_still_mouth_is_not(data):
  speeches = Speeches(ConfigDict({'path': data}), 'train')
  speech = next(
    speech
    for speech, _ in map(speeches.listen, range(len(speeches.clips)))
    if BILABIAL & {phone.name for phone in speech.phones}
  )
  right = measure_lips.score(speech, speech.expression[:, :52])
  assert right['lip_correlation'] > 0.999 and right['bilabial_closure'] == 1
  assert right['opening_error'] < 1e-4 > right['mouth_distance']
  still = measure_lips.score(speech, np.zeros((speech.frames, 52), np.float32))
  assert np.isnan(still['lip_correlation']) and still['opening_error'] > 0.5


def test_a_table_has_a_row_for_everybody_who_hears(data, capsys):
  measure_lips.measure(data, [], 1)
  rows = [row for row in capsys.readouterr().out.splitlines() if row]
  assert [row.split('|')[1].strip() for row in rows[2:]] == [
    'the truth',
    'phones alone',
    'rule',
    'the package',
    'the package, acted',
  ]
  assert rows[2].split('|')[2].strip() == '1.000'
