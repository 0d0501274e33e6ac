import subprocess
import sys
import zlib

import numpy as np
import pytest

from data_pipelines.media import encoded_images
from data_pipelines.recorded import records
from data_pipelines.recorded.manifest import Manifest
from data_pipelines.recorded.shards import Shards
from tests.support import recorded

SCRIPT = """
import sys, types
from data_pipelines.reading.recorded_clips import TfdsClips
data = types.SimpleNamespace(path=sys.argv[1], image_size=16)
source = TfdsClips(data, 'test')
assert source.frames(1, [0, 2]).shape == (2, 16, 16, 3)
assert source.truth(1, [0])['depth'].shape == (1, 16, 16, 1)
print(sorted({name.split('.')[0] for name in sys.modules}))
"""


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
  return recorded.write(tmp_path_factory.mktemp('data'), with_truth=True)


@pytest.fixture(scope='module')
def held_out(folder):
  return Shards(folder, Manifest.read(folder).splits['test'].shards)


def test_a_frame_is_what_was_written(held_out):
  assert len(held_out) == 36
  for number in range(36):
    clip, index = divmod(number, recorded.FRAMES)
    frame = records.parse_frame(held_out.read(number))
    assert frame['image'] == recorded.plain(clip, index)
    assert frame['clip'] == f'test{clip}/a'
    assert frame['identity'] == f'test{clip}'
    assert frame['index'] == index
    assert frame['time'] == pytest.approx(index / 25)
    assert frame['landmarks'].dtype == np.float32
    landmarks = np.full((68, 2), index or np.nan)
    np.testing.assert_array_equal(frame['landmarks'], landmarks)
    depth = records.decode_map('depth', frame['depth'])
    assert depth.dtype == np.float32
    np.testing.assert_array_equal(depth, recorded.depth(clip, index))
    nonrigid = records.decode_map('nonrigid', frame['nonrigid'])
    np.testing.assert_array_equal(nonrigid, recorded.depth(clip, index) % 2)
    pose = frame['camera_from_head']
    assert pose.dtype == np.float32
    np.testing.assert_array_equal(pose, recorded.pose(clip, index))


def test_tfds_reads_the_same(folder, held_out):
  with recorded.tfds() as tfds:
    builder = tfds.builder_from_directory(folder)
    examples = list(builder.as_data_source(split='test'))
  assert len(examples) == len(held_out)
  for number, example in enumerate(examples):
    frame = records.parse_frame(held_out.read(number))
    assert example.keys() == frame.keys()
    assert example.pop('clip').decode() == frame.pop('clip')
    assert example.pop('identity').decode() == frame.pop('identity')
    frame['image'] = encoded_images.decode_image(frame['image'])
    for map_name in records.MAPS:
      frame[map_name] = records.decode_map(map_name, frame[map_name])
    for name, value in example.items():
      np.testing.assert_array_equal(value, frame[name])


def test_reading_imports_neither_tensorflow_nor_tfds(folder):
  script = [sys.executable, '-c', SCRIPT, str(folder)]
  done = subprocess.run(script, capture_output=True, text=True, check=True)
  assert "'array_record'" in done.stdout
  assert "'tensorflow" not in done.stdout  # nor tensorflow_datasets


def test_the_truth_is_known_only_where_it_was_written(tmp_path):
  folder = recorded.write(tmp_path)
  shards = Shards(folder, Manifest.read(folder).splits['train'].shards)
  frame = records.parse_frame(shards.read(0))
  assert not frame.keys() & {*records.MAPS, 'camera_from_head'}


@pytest.mark.parametrize('cut', [0, 1, 100, -1])
def test_half_a_record_is_no_frame(held_out, cut):
  with pytest.raises(ValueError, match='no frame'):
    records.parse_frame(held_out.read(3)[:cut])


def test_another_message_is_no_frame():
  with pytest.raises(ValueError, match='no frame'):
    records.parse_frame(bytes(range(256)))


def test_what_claims_to_be_far_larger_than_a_frame_is_not_unpacked():
  bomb = zlib.compress(bytes(records.MOST_BYTES + 4))
  with pytest.raises(ValueError, match='depth cannot be decoded'):
    records.decode_map('depth', bomb)
  picture = np.zeros((4, 4, 3), np.uint8)
  jpeg = encoded_images.encode_image(picture, 'jpeg', 95)
  png = encoded_images.encode_image(picture, 'png')
  sides = 2 * b'\0\0\0\4'
  for image in (
    jpeg.replace(b'\0\4\0\4', b'\x7f\xff\x7f\xff'),
    png.replace(b'IHDR' + sides, b'IHDR' + 2 * b'\0\0\x7f\xff'),
  ):
    assert image not in (jpeg, png)
    with pytest.raises(ValueError, match='image cannot be decoded'):
      encoded_images.decode_image(image)


@pytest.mark.parametrize('data', [b'', b'neither', bytes(99)])
def test_depth_that_cannot_be_decoded_is_told(data):
  with pytest.raises(ValueError, match='its depth cannot be decoded'):
    records.decode_map('depth', data)
