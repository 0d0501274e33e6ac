import json
import os
import pathlib
import shutil

import numpy as np
import pytest

from data_pipelines import inspect
from data_pipelines.media import (
  encoded_images,
  pictures,
)
from data_pipelines.recorded import inspection, manifest
from data_pipelines.recorded.manifest import Manifest
from tests.support import recorded

BAD = 7  # a frame that is neither first, middle nor last


@pytest.fixture(scope='module')
def written(tmp_path_factory):
  return recorded.write(tmp_path_factory.mktemp('data'), with_truth=True)


@pytest.fixture
def folder(written, tmp_path):
  """A copy that may be damaged."""
  return pathlib.Path(shutil.copytree(written, tmp_path / 'copy'))


def problems(folder, decode='all'):
  return list(inspection.problems(folder, Manifest.read(folder), decode))


def main(monkeypatch, *flags):
  """The exit code of the command."""
  monkeypatch.setattr('sys.argv', ['inspect', *map(str, flags)])
  with pytest.raises(SystemExit) as exit_:
    inspect.main()
  return exit_.value.code


def edited(folder, change):
  """Changes the splits of a manifest in place."""
  path = folder / manifest.NAME
  fields = json.loads(path.read_text())
  change(fields['splits'])
  path.write_text(json.dumps(fields))


def test_a_sound_data_set_has_no_problems(written):
  assert problems(written) == problems(written, 'some') == []


def test_the_command_tells_what_there_is(
  written, monkeypatch, capsys, tmp_path
):
  sheet = tmp_path / 'sheet.png'
  flags = f'--path={written}', f'--contact_sheet={sheet}'
  assert main(monkeypatch, *flags) == 0
  lines = capsys.readouterr().out.splitlines()
  assert lines[0].endswith('16 px, 25 frames/s')
  assert lines[1].split() == [
    'split', 'clips', 'people', 'frames', 'hours', 'bytes'
  ]  # fmt: skip
  assert lines[2].split()[:5] == ['train', '5', '5', '60', '0.00']
  assert lines[3].split()[:5] == ['test', '3', '3', '36', '0.00']
  size = sum(p.stat().st_size for p in written.glob('*-test.array_record*'))
  assert lines[3].split()[5] == f'{size:,}'
  assert lines[4:] == [f'wrote {sheet}', 'problems: none']
  height, width, _ = pictures.read_picture(sheet).shape
  assert width == 3 * inspection.TILE
  assert height == 8 * (inspection.TILE + inspection.CAPTION)


def test_the_sheet_shows_first_middle_and_last_frames(written):
  sheet = inspection.contact_sheet(written, Manifest.read(written))
  rows = sheet.reshape(8, -1, 3, inspection.TILE, 3)[:, inspection.CAPTION :]
  for row, clip in zip(rows, [0, 1, 2, 3, 4, 0, 1, 2], strict=True):
    for column, frame in enumerate((0, 6, 11)):
      expected = np.broadcast_to(recorded.level(clip, frame), (128, 128, 3))
      np.testing.assert_array_equal(row[:, column], expected)


def test_problems_make_the_exit_code_1(folder, monkeypatch, capsys, tmp_path):
  (folder / 'features.json').unlink()
  assert main(monkeypatch, f'--path={folder}') == 1
  *_, problem, count = capsys.readouterr().out.splitlines()
  assert problem == 'features.json is missing: TFDS itself cannot read this'
  assert count == 'problems: 1'


def test_what_is_no_part_of_a_data_set_is_named(folder, monkeypatch, capsys):
  for name in ('notes.txt', 'report.txt', '.hidden'):
    (folder / name).touch()
  assert main(monkeypatch, f'--path={folder}') == 0
  *_, line, count = capsys.readouterr().out.splitlines()
  assert line == 'passed over, no part of a data set: 1 (notes.txt)'
  assert count == 'problems: none'


@pytest.mark.parametrize('what', ['nowhere', 'no manifest', 'future'])
def test_no_data_set_makes_it_2(folder, monkeypatch, capsys, what):
  if what == 'no manifest':
    (folder / manifest.NAME).unlink()
  elif what == 'future':
    (folder / manifest.NAME).write_text('{"format": 2}')
  path = folder / 'nowhere' if what == 'nowhere' else folder
  assert main(monkeypatch, f'--path={path}') == 2
  printed = capsys.readouterr()
  assert printed.out == '' and printed.err.startswith('error: ')
  assert printed.err.count('\n') == 1


def first_shard(folder):
  return min(folder.glob('*-train.array_record*'))


@pytest.mark.parametrize('damage', ['missing', 'cut'])
def test_a_file_of_no_use_is_one_line_not_one_a_frame(folder, damage):
  path = first_shard(folder)
  if damage == 'missing':
    path.unlink()
  else:
    os.truncate(path, path.stat().st_size // 2)
  (problem,) = problems(folder)
  assert problem.startswith(f'{path.name} cannot be read: ')


def test_a_flipped_byte_is_found_in_its_file_and_its_record(folder):
  path = first_shard(folder)
  data = bytearray(path.read_bytes())
  data[4000] ^= 1
  path.write_bytes(data)
  file, record = problems(folder)
  assert file == f'{path.name} is not as it was written: its SHA-256 differs'
  assert f' of {path.name}, frame ' in record
  assert record.endswith(': its bytes are damaged')


def test_a_byte_that_reading_does_not_notice_is_found_as_well(folder):
  path = first_shard(folder)
  data = bytearray(path.read_bytes())
  data[-100] ^= 1  # files are filled up to whole blocks
  path.write_bytes(data)
  (problem,) = problems(folder)
  assert problem == f'{path.name} is not as it was written: its SHA-256 differs'


def test_people_in_both_splits_are_found_and_named(folder):
  def change(splits):
    splits['test']['clips'][1]['identity'] = 'train3'

  edited(folder, change)
  first, *others = problems(folder)
  assert first == 'the person train3 is in train and in test'
  assert len(others) == recorded.FRAMES  # they still say that they are test1
  assert others[0].endswith('it is frame 0 of clip test1/a, person test1')


def test_frames_out_of_order_are_found(folder):
  def change(splits):
    clips = splits['train']['clips']
    clips[1], clips[2] = clips[2], clips[1]

  edited(folder, change)
  found = problems(folder)
  assert len(found) == 2 * recorded.FRAMES
  assert found[5].endswith(
    'frame 5 of clip train2/a: it is frame 5 of clip train1/a, person train1'
  )


def test_too_few_frames_in_a_clip_are_found(folder):
  def change(splits):
    splits['test']['clips'][-1]['frames'] += 1

  edited(folder, change)
  first, *others = problems(folder)
  assert first.endswith('have 37 frames, its shards 36 records')
  assert not others


def test_a_file_that_no_manifest_lists_is_found(folder):
  shutil.copy(first_shard(folder), folder / 'more.array_record-00000-of-00001')
  (problem,) = problems(folder)
  assert problem == 'more.array_record-00000-of-00001 is not in clips.json'


@pytest.mark.parametrize(
  ('image', 'problem'),
  [
    (recorded.plain(0, 0)[:60], 'its image cannot be decoded'),
    (
      encoded_images.encode_image(np.zeros((16, 17, 3), np.uint8), 'png'),
      'its image is 17 x 16, not 16 x 16',
    ),
  ],
  ids=['cut', 'wide'],
)
def test_an_image_of_no_use_is_found_where_it_is_decoded(
  tmp_path, image, problem
):
  def one_bad(clip, frame):
    bad = (clip, frame) == (4, BAD)
    return image if bad else recorded.plain(clip, frame)

  folder = recorded.write(tmp_path, image=one_bad)
  (found,) = problems(folder)
  assert found.endswith(f'frame {BAD} of clip train4/a: {problem}')
  assert not problems(folder, 'some')


def test_images_that_were_exchanged_are_found(folder):
  def change(splits):
    splits['test']['clips'][2]['sha256'] = 64 * '0'

  edited(folder, change)
  (problem,) = problems(folder)
  assert problem == (
    'clip test2/a is not as it was written: its SHA-256 differs'
  )
