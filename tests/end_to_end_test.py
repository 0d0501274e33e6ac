"""The main job as a user does it: train, stop, go on, score, animate."""

import collections
import json

import jax
import jax.monitoring
import numpy as np
import pytest
from PIL import Image

from dagan_jax.app.animation import animate_files
from dagan_jax.app.files import Files
from dagan_jax.evaluation import evaluate
from dagan_jax.geometry.pixels import unit
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.models.dagan.reenactor import build_reenactor
from dagan_jax.runs import checkpoints
from dagan_jax.training import loop
from data_pipelines.media import pictures
from data_pipelines.synthetic import rendered_faces
from tests.support import tiny

pytestmark = pytest.mark.slow


def losses(workdir):
  rows = map(json.loads, (workdir / 'metrics.jsonl').read_text().splitlines())
  speeds = {'steps_per_s', 'images_per_s', 'data_wait', 'eta_s'}
  return [
    {name: value for name, value in row.items() if name not in speeds}
    for row in rows
  ]


def config(steps, shown=False):
  config = tiny.config()
  config.steps = steps
  config.report.every = 1
  config.report.images_every = config.report.eval_every = 5 * shown
  config.checkpoint.every = 2
  return config


@pytest.fixture(scope='module')
def compiled():
  """How often programs of each name were compiled so far."""
  counts = collections.Counter()

  def count(event, _, fun_name='', **__):
    if event == '/jax/core/compile/backend_compile_duration':
      counts[fun_name] += 1

  jax.monitoring.register_event_duration_secs_listener(count)
  yield counts
  jax.monitoring.unregister_event_duration_listener(count)


@pytest.fixture(scope='module')
def whole(tmp_path_factory, compiled):
  """The workdir of an uninterrupted run with pictures and scores, twice."""
  workdir = tmp_path_factory.mktemp('whole')
  loop.train_and_evaluate(config(6, shown=True), workdir)
  return workdir


def test_a_run_compiles_each_of_its_programs_once(whole, compiled):
  assert len(list((whole / 'images').iterdir())) == 2
  programs = ('jit(train_step)', 'jit(images)', 'jit(look)')
  assert {name: compiled[name] for name in programs} == dict.fromkeys(
    programs, 1
  ), compiled


def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(whole, tmp_path):
  loop.train_and_evaluate(config(3), tmp_path)
  loop.train_and_evaluate(config(6, shown=True), tmp_path)
  assert [row['step'] for row in losses(whole)] == [1, 2, 3, 4, 5, 6]
  assert losses(tmp_path) == losses(whole)


def test_what_was_trained_is_scored_and_animates(whole, tmp_path):
  last = losses(whole)[-1]
  assert list((whole / 'images').glob('*.png'))
  network, copy = evaluate.evaluate(config(6), str(whole))
  for evaluation, metric, name in (
    (network, 'l1', 'l1'),
    (copy, 'psnr', 'copy_psnr'),
  ):
    mean = evaluation.means()[metric].value
    assert mean == pytest.approx(last[f'test/{name}'], rel=1e-5)
  face = rendered_faces.image(5, 0.0, tiny.SIZE)
  pictures.write_picture(tmp_path / 'face.png', face)
  files = Files(
    workdir=str(whole),
    source=str(tmp_path / 'face.png'),
    driving=str(tmp_path / 'face.png'),
    output=str(tmp_path / 'out.gif'),
  )
  animate_files(files, Settings(crop='none', crop_driving='none'))
  shown = np.asarray(Image.open(tmp_path / 'out.gif').convert('RGB')) / 255
  reenactor = build_reenactor(tiny.config().model.to_dict())
  variables = checkpoints.read_network(whole, 'reenactor')
  image = unit(face[None])
  _, _, rendering = jax.jit(reenactor.apply)(variables, image, image)
  # A GIF has 256 colours.
  np.testing.assert_allclose(shown, rendering.prediction[0], atol=0.1)


def test_depth_is_learnt_and_scored(tmp_path):
  config = tiny.config_of_stage_1()
  config.steps, config.checkpoint.every = 2, 1
  config.report.images_every = config.report.eval_every = 0
  loop.train_and_evaluate(config, tmp_path)
  before, learnt = (
    checkpoints.read_network(tmp_path, 'depth', step) for step in (1, 2)
  )
  moved = jax.tree.map(lambda x, y: (x != y).any(), before, learnt)
  assert all(jax.tree.leaves(moved))
  network, *others = evaluate.evaluate(config, str(tmp_path))
  assert network.means()['abs_rel'].value > 0
  assert network.means()['photometric'].value > 0
  assert any('abs_rel' in other.means() for other in others)  # a plane's
