import pathlib

import pytest
from PIL import Image

from dagan_jax.weights import boxed
from dagan_jax.weights.conversion import convert_files
from data_pipelines.media.video_reader import SteadyVideo
from scripts import demo


def test_the_demo_moves_both_portraits_and_shows_them_in_three_forms(
  workdir, tmp_path, monkeypatch
):
  pytest.importorskip('skimage')
  box = tmp_path / 'tiny.safetensors'
  convert_files([workdir], box=str(box))
  monkeypatch.setattr(boxed, 'OURS', pathlib.Path(box))
  for process in (demo.log.quiet, demo.compile_cache.keep):
    monkeypatch.setattr(process.__module__ + '.' + process.__name__, lambda: 0)
  monkeypatch.setattr(demo.memory, 'keep_freed_memory', lambda: None)
  changes = {'FOLDER': tmp_path / 'demo', 'SECONDS': 0.2, 'SIZE': 32}
  for name, value in changes.items():
    monkeypatch.setattr(demo, name, value)
  demo.main()
  frames = list(SteadyVideo(tmp_path / 'demo' / 'demo.mp4'))
  assert len(frames) == 5 and frames[0].shape == (32, 96, 3)
  names = {path.name for path in (tmp_path / 'demo').iterdir()}
  assert names == {
    'photograph.png', 'rendered.png', 'actor.mp4',
    'demo.mp4', 'demo.gif', 'demo.png',
  }  # fmt: skip
  Image.open(tmp_path / 'demo' / 'demo.gif').verify()
