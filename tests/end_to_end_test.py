"""The main job as a user does it: train, stop, go on, score, animate."""

import json

import jax
import pytest

from dagan_jax.app.animation import animate_files
from dagan_jax.app.files import Files
from dagan_jax.evaluation import evaluate
from dagan_jax.inference.reenactment.settings import Settings
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


def config(steps):
  config = tiny.config()
  config.steps = steps
  config.report.every = 1
  config.report.images_every = 0
  config.report.eval_every = 0
  config.checkpoint.every = 2
  return config


def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(tmp_path):
  loop.train_and_evaluate(config(6), tmp_path / 'whole')
  loop.train_and_evaluate(config(3), tmp_path / 'parts')
  loop.train_and_evaluate(config(6), tmp_path / 'parts')
  whole, parts = losses(tmp_path / 'whole'), losses(tmp_path / 'parts')
  assert [row['step'] for row in whole] == [1, 2, 3, 4, 5, 6]
  assert parts == whole


def test_what_was_trained_is_scored_and_animates(tmp_path, capsys):
  config = tiny.config()
  config.steps = 2
  workdir = tmp_path / 'run'
  loop.train_and_evaluate(config, workdir)
  assert 'test/copy_psnr' in losses(workdir)[-1]
  assert list((workdir / 'images').glob('*.png'))
  scores = evaluate.evaluate(config, str(workdir))
  written = json.loads((workdir / 'evaluate' / 'test.json').read_text())
  assert written == {'step': 2, **scores}
  face = rendered_faces.image(5, 0.0, 64)
  pictures.write_picture(tmp_path / 'face.png', face)
  files = Files(
    workdir=str(workdir),
    source=str(tmp_path / 'face.png'),
    driving=str(tmp_path / 'face.png'),
    output=str(tmp_path / 'out.gif'),
  )
  animate_files(files, Settings())
  assert (tmp_path / 'out.gif').exists()


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
  scores = evaluate.evaluate(config, str(tmp_path))
  assert min(scores['abs_rel'], scores['plane_abs_rel']) > 0
