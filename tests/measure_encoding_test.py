import argparse
import importlib.util
import json
import pathlib

import numpy as np
import pytest
from scipy import ndimage

from dagan_jax.evaluation import assessment, detectors
from dagan_jax.evaluation.answers import Clip
from dagan_jax.evaluation.features import load_weights
from dagan_jax.metrics.table import METRICS
from data_pipelines.errors.mendable import DataError

PATH = pathlib.Path(__file__).parent.parent / 'scripts/measure_encoding.py'
SPEC = importlib.util.spec_from_file_location('measure_encoding', PATH)
measure_encoding = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(measure_encoding)
SIZE = 176  # MS-SSIM needs 161


def moving_texture():
  """Three frames of coarse and fine grain that moves to the right."""
  lot = np.random.default_rng(0)
  grain = lot.normal(size=(SIZE, SIZE + 8, 3))
  texture = sum(
    scale * ndimage.gaussian_filter(grain, (scale, scale, 0))
    for scale in (1, 4, 16)
  )
  texture = (128 + 60 * texture / texture.std()).clip(0, 255).astype(np.uint8)
  return np.stack([texture[:, i : i + SIZE] for i in (0, 3, 6)])


def missing():
  raise DataError('no faces here')


@pytest.fixture(autouse=True)
def bare(monkeypatch):
  """A clip, and neither faces nor VMAF."""
  monkeypatch.setattr(detectors, 'LandmarkDetector', missing)
  monkeypatch.setattr(assessment, 'find_vmaf', lambda: None)
  monkeypatch.setattr(
    measure_encoding, 'read_clips', lambda *_: [Clip('a', moving_texture())]
  )


def test_a_picture_that_lost_more_is_worse_by_every_score(
  tmp_path, monkeypatch
):
  monkeypatch.setattr(
    assessment, 'load_weights', lambda: load_weights(['alexnet'])
  )
  asked = argparse.Namespace(
    clips='', output=str(tmp_path), crf=[18, 28], most=3, size=SIZE
  )
  table = measure_encoding.run(asked)
  assert 'crf 18' in table and 'crf 28' in table
  said = json.loads((tmp_path / 'comparison.json').read_text())
  first, second = (method['means'] for method in said['methods'])
  assert {'l1', 'psnr', 'ssim', 'ssim_paper', 'ms_ssim'} <= set(first)
  of_pictures = {
    name: mean
    for name, mean in first.items()
    if {'true_picture', 'true_alexnet'} & set(METRICS[name].needs)
  }
  for name, mean in of_pictures.items():
    less, more = mean['value'], second[name]['value']
    if METRICS[name].better == 'higher':
      assert less > more, name
    else:
      assert less < more, name


def test_one_degree_of_loss_is_shown_by_itself(tmp_path, monkeypatch):
  monkeypatch.setattr(assessment, 'load_weights', lambda: {})
  asked = argparse.Namespace(
    clips='', output=str(tmp_path), crf=[28], most=3, size=32
  )
  assert '# crf 28' in measure_encoding.run(asked)
