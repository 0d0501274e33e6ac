import argparse
import importlib.util
import json
import pathlib

import numpy as np

from data_pipelines.media import pictures
from data_pipelines.media.video_writer import VideoWriter
from data_pipelines.provenance.mark_finder import SURE
from tests.support.textures import texture

PATH = pathlib.Path(__file__).parent.parent / 'scripts/measure_mark.py'
SPEC = importlib.util.spec_from_file_location('measure_mark', PATH)
measure_mark = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(measure_mark)


def test_the_table_tells_what_a_mark_survives(tmp_path, monkeypatch):
  treatments = {
    name: measure_mark.TREATMENTS[name] for name in ('crf 16', 'gif')
  }
  monkeypatch.setattr(measure_mark, 'TREATMENTS', treatments)
  monkeypatch.setattr(measure_mark, '_WORDS', 20)
  with VideoWriter(tmp_path / 'clips' / 'a.mp4', 25, crf=0) as video:
    for place in (0, 8):
      video.write(texture(256, 288)[:, place : place + 256])
  output = tmp_path / 'out'
  asked = argparse.Namespace(
    clips=str(tmp_path / 'clips'), output=str(output), most=2
  )
  table = measure_mark.run(asked)
  assert '| a | 256 x 256 |' in table and 'Of 20 words' in table
  (row,) = json.loads((output / 'table.json').read_text())
  assert row['psnr'] >= 40 and len(row['chance']) == 20
  for share, score in row['treated'].values():
    assert share == 1 and score > SURE > max(row['chance'])
  unmarked, marked = (
    pictures.read_picture(output / f'a_{name}.png').astype(int)
    for name in ('unmarked', 'marked')
  )
  assert 0 < np.abs(marked - unmarked).max() < 20
  assert {path.name for path in output.iterdir()} == {
    'table.json',
    'a_unmarked.png',
    'a_marked.png',
  }
