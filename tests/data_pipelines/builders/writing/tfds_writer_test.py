import numpy as np
import pytest
from array_record.python.array_record_module import ArrayRecordReader

from data_pipelines.builders.work import process
from data_pipelines.builders.work.job_files import read
from data_pipelines.builders.work.jobs import FaceJob
from data_pipelines.builders.writing import tfds_writer
from data_pipelines.builders.writing.collection import PlacedClip
from data_pipelines.recorded import records
from data_pipelines.recorded.manifest import Manifest
from tests.support.drawn_faces import recipe

RECIPE = recipe('', size=16, encoding='png', fps=10)
LENGTHS = [3, 1, 2, 4]


@pytest.fixture(autouse=True)
def no_tensorflow():
  """Not forbidden, as conftest does: TFDS takes its None for TensorFlow."""


def clips(folder):
  found = []
  for face, length in enumerate(LENGTHS):
    outcome = read(
      process.process(FaceJob(face, length, 'train'), RECIPE, folder)
    )
    found.append(PlacedClip(outcome.clips[0], f'me{face}', outcome, 0))
  return found


@pytest.mark.parametrize('size, shards', [(2**28, [10]), (1, LENGTHS)])
def test_clips_lie_whole_and_in_order_in_shards(
  size, shards, tmp_path, monkeypatch
):
  monkeypatch.setattr(tfds_writer, 'SHARD', size)
  made = clips(tmp_path / 'work')
  folder = tfds_writer.write(
    'synthetic', {'train': made}, RECIPE, 'mine', tmp_path / 'out'
  )
  split = Manifest.read(folder).splits['train']
  assert [shard.records for shard in split.shards.values()] == shards
  frames = [
    records.parse_frame(record)
    for name in split.shards
    for record in ArrayRecordReader(str(folder / name)).read_all()
  ]
  wanted = [
    (clip.made.name, clip.identity, index, *frame)
    for clip in made
    for index, frame in enumerate(clip.outcome.frames(0))
  ]
  for frame, (name, who, index, image, points, truth) in zip(
    frames, wanted, strict=True
  ):
    assert (frame['clip'], frame['identity']) == (name, who)
    assert frame['index'] == index
    assert frame['time'] == pytest.approx(index / 10)
    assert frame['image'] == image
    np.testing.assert_array_equal(frame['landmarks'], points)
    assert truth.keys() == {*records.MAPS, records.POSE}
    for name, values in truth.items():
      told = frame[name]
      if name in records.MAPS:
        told = records.decode_map(name, told)
      np.testing.assert_array_equal(told, values)
  assert [clip.licence for clip in split.clips] == ['mine'] * len(made)
