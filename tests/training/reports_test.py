import json
import subprocess
import sys

import numpy as np
import pytest
from etils import epath
from PIL import Image

from dagan_jax.training import reports


@pytest.fixture
def workdir(tmp_path):
  return epath.Path(tmp_path)


def made(workdir, start=0):
  return reports.Reports(workdir, start=start, steps=100, batch_size=4)


def rows(workdir):
  lines = (workdir / 'metrics.jsonl').read_text().splitlines()
  return [json.loads(line) for line in lines]


def test_a_line_of_json_holds_losses_and_speed(workdir):
  with made(workdir) as told:
    told.first_step(1, 3.0)
    told.waited(0.001)
    speed = told.speed(11)
    told.write(11, {'perceptual': 2.0}, speed)
  (row,) = rows(workdir)
  assert row['step'] == 11
  assert row['perceptual'] == 2.0
  assert row['images_per_s'] == pytest.approx(4 * row['steps_per_s'])
  assert row['eta_s'] == pytest.approx(89 / row['steps_per_s'])
  assert row['data_wait'] > 0


def test_there_is_no_speed_before_the_second_step(workdir):
  with made(workdir) as told:
    told.first_step(1, 3.0)
    assert told.speed(1) == {}


def test_a_resumed_run_drops_what_it_will_write_again(workdir):
  with made(workdir) as told:
    for step in (5, 10, 15):
      told.write(step, {'l1': 1.0})
  with (workdir / 'metrics.jsonl').open('a') as file:
    file.write('{"step": 20, "l1"')  # killed while writing
  with made(workdir, start=10) as told:
    told.write(15, {'l1': 2.0})
  assert [(row['step'], row['l1']) for row in rows(workdir)] == [
    (5, 1.0),
    (10, 1.0),
    (15, 2.0),
  ]


def test_pictures_are_kept_as_png(workdir):
  picture = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
  with made(workdir) as told:
    told.picture(20, 'train', picture)
  kept = Image.open(workdir / 'images' / '0000020_train.png')
  np.testing.assert_array_equal(np.asarray(kept), picture)


def test_every_network_is_listed_with_its_parameters(workdir):
  with made(workdir) as told:
    told.overview({'critic': {'params': {'conv': {'bias': np.zeros(7)}}}})
  text = (workdir / 'parameters.txt').read_text()
  assert 'critic' in text
  assert 'conv/bias' in text


def test_only_the_first_host_tells(workdir, monkeypatch):
  monkeypatch.setattr(reports.jax, 'process_index', lambda: 1)
  with made(workdir) as told:
    told.first_step(1, 3.0)
    told.stepped()
    told.overview({})
    told.write(2, {'l1': 1.0}, told.speed(2))
    told.picture(2, 'train', np.zeros((4, 4, 3), np.uint8))
  assert list(workdir.iterdir()) == []


def test_importing_it_imports_no_tensorflow():
  code = (
    'import sys, dagan_jax.training.reports; print("tensorflow" in sys.modules)'
  )
  output = subprocess.check_output([sys.executable, '-c', code], text=True)
  assert output.strip() == 'False'


@pytest.mark.slow
def test_tensorboard_is_written_where_tensorflow_is(workdir, monkeypatch):
  monkeypatch.delitem(sys.modules, 'tensorflow', raising=False)
  pytest.importorskip('tensorflow')
  with made(workdir) as told:
    told.write(1, {'l1': 1.0})
    told.picture(1, 'train', np.zeros((4, 4, 3), np.uint8))
  assert list((workdir / 'tensorboard').glob('events*'))
