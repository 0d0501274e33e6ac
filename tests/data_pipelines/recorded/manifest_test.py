import json
import os

import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.recorded import manifest
from data_pipelines.recorded.manifest import (
  Manifest,
  RecordedClip,
  Shard,
  Split,
)


def clip(name, identity, frames=3):
  return RecordedClip(
    name,
    identity,
    frames,
    f'{name}.mp4',
    'CC BY 4.0',
    1.5,
    (2.0, -1.0, 7.5),
    '',
  )


def made(**splits):
  """A manifest of clips, each split in one shard."""
  return Manifest(
    size=64,
    fps=29.97,
    encoding='jpeg',
    quality=95,
    splits={
      name: Split(
        {f'{name}-0': Shard(sum(c.frames for c in clips), '0123')},
        tuple(clips),
      )
      for name, clips in splits.items()
    },
  )


SOUND = made(train=[clip('a', 'ann'), clip('b', 'bea')], test=[clip('c', 'cy')])


def test_what_is_written_is_read(tmp_path):
  SOUND.write(tmp_path)
  assert Manifest.read(tmp_path) == SOUND
  assert os.listdir(tmp_path) == [manifest.NAME]


def test_the_file_is_laid_out_as_agreed(tmp_path):
  SOUND.write(tmp_path)
  fields = json.loads((tmp_path / 'clips.json').read_text())
  assert list(fields) == [
    'format', 'size', 'fps', 'encoding', 'quality', 'splits'
  ]  # fmt: skip
  assert fields['format'] == 1
  test = fields['splits']['test']
  assert test['shards'] == {'test-0': {'records': 3, 'sha256': '0123'}}
  assert test['clips'] == [
    {
      'name': 'c',
      'identity': 'cy',
      'frames': 3,
      'source': 'c.mp4',
      'licence': 'CC BY 4.0',
      'start_time': 1.5,
      'square': [2.0, -1.0, 7.5],
      'sha256': '',
    }
  ]


@pytest.mark.parametrize(
  ('text', 'message'),
  [
    (None, 'there is no such manifest'),
    ('', '0 bytes'),
    ('{"format": 1,', 'damaged'),
    ('[1]', 'damaged'),
    ('{"format": 1, "size": 64}', "damaged .*'?splits"),
    ('{"size": 64}', "damaged \\('format'\\)"),
    ('{"format": 2, "clips": []}', 'format 2.* reads 1; update dagan_jax'),
  ],
)
def test_what_cannot_be_read_is_one_clear_line(tmp_path, text, message):
  if text is not None:
    (tmp_path / manifest.NAME).write_text(text)
  with pytest.raises(DataError, match=rf'\A[^\n]*{message}[^\n]*\Z'):
    Manifest.read(tmp_path)


def changed_split(**fields):
  return SOUND._replace(
    splits={'train': SOUND.splits['train']._replace(**fields)}
  )


@pytest.mark.parametrize(
  'odd',
  [
    SOUND._replace(size=10**9),
    SOUND._replace(size='64'),
    SOUND._replace(fps=0),
    SOUND._replace(fps=float('nan')),
    changed_split(shards={'a': Shard(-1, '')}),
    changed_split(shards={'a': Shard(2**60, '')}),
    changed_split(shards={'../a': Shard(1, '')}),
    changed_split(clips=[clip('a', 'ann', frames=2.5)]),
    changed_split(clips=[clip('a', 'ann', frames='3')]),
  ],
)
def test_numbers_and_names_of_no_sense_are_one_clear_line(tmp_path, odd):
  odd.write(tmp_path)
  with pytest.raises(DataError, match=r'\A[^\n]*damaged [^\n]*\Z'):
    Manifest.read(tmp_path)


@pytest.mark.parametrize('field', RecordedClip._fields)
def test_a_clip_that_lacks_a_field_is_damage(tmp_path, field):
  SOUND.write(tmp_path)
  path = tmp_path / manifest.NAME
  fields = json.loads(path.read_text())
  del fields['splits']['train']['clips'][1][field]
  path.write_text(json.dumps(fields))
  with pytest.raises(DataError, match=rf"damaged \(.*'{field}'"):
    Manifest.read(tmp_path)


def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path):
  (tmp_path / 'file').touch()
  with pytest.raises(DataError, match=r'\A[^\n]*cannot be written[^\n]*\Z'):
    SOUND.write(tmp_path / 'file')


def test_a_sound_manifest_has_no_problems():
  assert not list(SOUND.problems())


def test_whoever_is_in_both_splits_is_named():
  both = made(
    train=[clip('a', 'ann'), clip('b', 'bea')], test=[clip('c', 'ann')]
  )
  assert list(both.problems()) == ['the person ann is in train and in test']


def test_frames_without_records_and_equal_names_are_named():
  more = SOUND.splits['train']._replace(
    clips=(clip('a', 'ann', 4), clip('a', 'ann'))
  )
  problems = list(SOUND._replace(splits={'train': more}).problems())
  assert problems == [
    'the train clips in clips.json have 7 frames, its shards 6 records',
    '2 train clips in clips.json are called a',
  ]
