import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
import types

import numpy as np
import pytest
from array_record.python.array_record_module import ArrayRecordReader
from PIL import Image

from data_pipelines import build
from data_pipelines.builders import data_set
from data_pipelines.builders.data_set import Settings
from data_pipelines.builders.work import (
  process,
  processes,
)
from data_pipelines.reading.recorded_clips import TfdsClips
from data_pipelines.recorded import inspection
from data_pipelines.recorded.manifest import Manifest
from data_pipelines.synthetic import rendered_faces
from tests.support.drawn_faces import (
  DiscFinder,
  picture,
  talking,
  write_sound,
  write_video,
)

SMALL = ['--size=64', '--least_side=24', '--jobs=1', '--test_fraction=0.3']


@pytest.fixture(autouse=True)
def talkative():
  """The command silences absl for its process, not for the tests to come."""
  logger = logging.getLogger('absl')
  level = logger.level
  yield
  logger.setLevel(level)


@pytest.fixture(autouse=True)
def no_tensorflow():
  """Not forbidden, as conftest does: TFDS takes its None for TensorFlow."""


@pytest.fixture(autouse=True, scope='module')
def discs():
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(process, 'finder', lambda detector: DiscFinder())
    yield


@pytest.fixture(scope='module')
def raw(tmp_path_factory):
  """Four people, one of them twice, three videos of no use, and notes."""
  folder = tmp_path_factory.mktemp('raw')
  for number, name in enumerate(['id1/a', 'id1/b', 'id2/c', 'id3/d', 'id4/e']):
    write_video(folder / f'{name}.mp4', talking(30, green=10 * number))
  (folder / 'id2' / 'empty.mp4').touch()
  write_sound(folder / 'id2' / 'sound.mp4')
  (folder / 'id2' / 'notes.txt').touch()
  write_video(folder / 'id3' / 'faceless.mp4', [picture()] * 30)
  return folder


def run(*flags):
  given = build.parser().parse_args([*SMALL, *map(str, flags)])
  print(data_set.build(Settings(**vars(given))))


@pytest.fixture(scope='module')
def out(raw, tmp_path_factory):
  folder = tmp_path_factory.mktemp('out')
  run('--name=videos', f'--raw={raw}', f'--out={folder}', '--licence=mine')
  return folder


def files(folder):
  """All but the work of the builds."""
  return {
    str(path.relative_to(folder)): path.read_bytes()
    for path in folder.rglob('*')
    if path.is_file() and '.work' not in path.parts
  }


def settings(path, size=64):
  return types.SimpleNamespace(path=str(path), image_size=size)


def test_the_clips_can_be_trained_on(out):
  splits = [TfdsClips(settings(out), split) for split in ('train', 'test')]
  people = [{clip.identity for clip in split.clips} for split in splits]
  assert len(people[0]) == 3 and len(people[1]) == 1
  assert people[0] | people[1] == {'id1', 'id2', 'id3', 'id4'}
  assert sum(len(split.clips) for split in splits) == 5
  frames = splits[0].frames(0, [0, 29])
  assert frames.shape == (2, 64, 64, 3)
  assert (frames[..., 0] > 140).mean() > 0.1  # a red disc


def test_nothing_is_wrong_with_it(out):
  folder = out / 'videos' / '64' / '1.0.0'
  assert list(inspection.problems(folder, Manifest.read(folder))) == []


def test_tfds_reads_it_as_well(out):
  import tensorflow_datasets as tfds

  builder = tfds.builder_from_directory(out / 'videos' / '64' / '1.0.0')
  frames = builder.as_data_source('train')
  frame = frames[31]
  assert frame['index'] == 1 and frame['image'].shape == (64, 64, 3)
  assert frame['time'] == pytest.approx(1 / 25)
  assert frame['landmarks'].shape == (68, 2)
  assert builder.info.redistribution_info.license == 'mine'


def test_the_manifest_tells_where_clips_come_from(out, raw):
  whole = Manifest.read(out / 'videos' / '64' / '1.0.0')
  assert (whole.size, whole.fps, whole.encoding) == (64, 25, 'jpeg')
  clips = [clip for split in whole.splits.values() for clip in split.clips]
  for clip in clips:
    assert (raw / clip.source).is_file() and clip.licence == 'mine'
    assert clip.name == clip.source.removesuffix('.mp4') + '_0'


def test_the_report_tells_what_was_used_and_what_was_not(out):
  folder = out / 'videos' / '64' / '1.0.0'
  told = json.loads((folder / 'report.json').read_text())
  assert told['videos'] == 8
  assert told['splits']['test']['identities'] == 1
  assert sum(told['face_heights'].values()) == 5
  why = {one['video']: one['why'] for one in told['rejected']}
  assert set(why) == {'id2/empty.mp4', 'id2/sound.mp4', 'id3/faceless.mp4'}
  text = (folder / 'report.txt').read_text()
  assert all(video in text for video in why)
  assert '1 files, neither picture nor video: id2/notes.txt' in text
  with Image.open(folder / 'contact_sheet.png') as sheet:
    assert sheet.height == 5 * 128


def test_the_same_videos_are_the_same_bytes(out, raw, tmp_path):
  run('--name=videos', f'--raw={raw}', f'--out={tmp_path}', '--licence=mine')
  assert files(tmp_path) == files(out)


def test_a_records_features_lie_in_the_order_of_their_names(out):
  (path,) = (out / 'videos' / '64' / '1.0.0').glob('*train*')
  names = [b'clip', b'identity', b'image', b'index', b'landmarks', b'time']
  for record in ArrayRecordReader(str(path)).read_all():
    places = [record.index(b'\n%c%s' % (len(name), name)) for name in names]
    assert places == sorted(places)


def test_only_what_is_new_is_done(raw, tmp_path, monkeypatch):
  mine, out = tmp_path / 'raw', tmp_path / 'out'
  shutil.copytree(raw, mine)
  flags = ['--name=videos', f'--raw={mine}', f'--out={out}']
  run(*flags)
  done = []

  def told(jobs, *others, **more):
    done.extend(jobs)
    return do_in_processes(jobs, *others, **more)

  do_in_processes = processes.do_in_processes
  monkeypatch.setattr(processes, 'do_in_processes', told)
  run(*flags)
  assert done == []
  write_video(mine / 'id5' / 'new.mp4', talking(30))
  run(*flags)
  assert [job.name for job in done] == ['id5/new']
  data = settings(out)
  clips = TfdsClips(data, 'train').clips + TfdsClips(data, 'test').clips
  assert len(clips) == 6


def test_cleaned_work_is_not_missed(raw, tmp_path, capsys):
  flags = ['--name=videos', f'--raw={raw}', f'--out={tmp_path}', '--clean']
  run(*flags)
  assert not list((tmp_path / '.work').glob('*.zip'))
  before = files(tmp_path)
  capsys.readouterr()
  run(*flags)
  assert files(tmp_path) == before
  assert not list((tmp_path / '.work').glob('*.zip'))
  assert 'rejected, of 3 of 8 videos' in capsys.readouterr().out


def test_rendered_faces_bring_their_truth(tmp_path):
  flags = ['--name=synthetic', '--identities=3', '--clip_frames=2']
  run(*flags, f'--out={tmp_path}', '--encoding=png', '--size=32')
  test = TfdsClips(settings(tmp_path, size=32), 'test')
  seen = rendered_faces.frame(1_000_000, 1 / 25, 32)
  np.testing.assert_array_equal(test.frames(0, [1])[0], seen.image)
  truth = test.truth(0, [1, 0])
  (own,) = rendered_faces.own_motions(1_000_000, 1 / 25, [0], 32)
  found = truth['own_motion'][0, ..., 0]
  np.testing.assert_allclose(found, own, rtol=1e-3, atol=1e-5)
  np.testing.assert_array_equal(truth['depth'][0, ..., 0], seen.depth)
  np.testing.assert_array_equal(truth['nonrigid'][0, ..., 0], seen.nonrigid)
  np.testing.assert_allclose(
    truth['camera_from_head'][0], seen.camera_from_head
  )


def test_a_dry_run_tells_and_writes_nothing(raw, tmp_path, capsys):
  run('--name=videos', f'--raw={raw}', f'--out={tmp_path}/out', '--dry_run')
  told = capsys.readouterr().out
  assert '8 videos' in told and '2 of them cannot be opened' in told
  assert 'seconds of video a second' in told and 'GB' in told
  assert 'id2/notes.txt' in told
  assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
  'flags, why',
  [
    (['--raw=nowhere'], 'there is no such folder'),
    ([], 'there is no such folder'),
    (['--raw={tmp}/empty'], 'holds no clips; --raw is'),
    (['--raw={raw}', '--out={raw}/out'], 'is inside of'),
    (['--raw={raw}', '--size=7'], '--size=7 is not within 16 and 4096'),
    (['--raw={raw}', '--fps=0'], '--fps=0 is not within'),
    (['--raw={raw}', '--people=tallest'], 'neither largest, leftmost'),
    (
      ['--raw={raw}', '--shortest=9'],
      'not one clip in 8 videos; the first,',
    ),
    (['--name=hdtf', '--raw={raw}'], 'holds no list RD_video_url.txt'),
    (['--name=voxceleb', '--raw={raw}'], 'get vox-metadata.csv'),
    (['--name=synthetic', '--clip_frames=1'], 'are needed'),
  ],
)
def test_a_mistake_is_one_clear_line(
  flags, why, raw, tmp_path, monkeypatch, capsys
):
  (tmp_path / 'empty').mkdir()
  given = [flag.format(raw=raw, tmp=tmp_path) for flag in flags]
  line = ['build', '--name=videos', f'--out={tmp_path}/out', *SMALL, *given]
  monkeypatch.setattr(sys, 'argv', line)
  with pytest.raises(SystemExit) as caught:
    build.main()
  error = capsys.readouterr().err.splitlines()
  assert caught.value.code == 2 and len(error) == 1
  assert error[0].startswith('error: ') and why in error[0]


@pytest.mark.parametrize(
  'error, code, line',
  [
    (OSError(28, 'No space'), 2, 'error: [Errno 28] No space; free some room'),
    (KeyboardInterrupt(), 130, 'stopped; the same command goes on from here'),
  ],
)
def test_what_ends_a_build_is_one_line(
  error, code, line, monkeypatch, capsys, tmp_path
):
  def failing(_):
    raise error

  monkeypatch.setattr(data_set, 'build', failing)
  monkeypatch.setattr(
    sys, 'argv', ['build', '--name=synthetic', f'--out={tmp_path}']
  )
  with pytest.raises(SystemExit) as caught:
    build.main()
  (told,) = capsys.readouterr().err.splitlines()
  assert caught.value.code == code and told.startswith(line)


def test_two_builds_do_not_share_a_place(raw, tmp_path, monkeypatch, capsys):
  flags = [*SMALL, '--name=videos', f'--raw={raw}', f'--out={tmp_path}']
  monkeypatch.setattr(sys, 'argv', ['build', *flags])

  def meanwhile(*_, **__):
    build.main()

  monkeypatch.setattr(processes, 'do_in_processes', meanwhile)
  with pytest.raises(SystemExit):
    build.main()
  assert 'another build is at work there' in capsys.readouterr().err


@pytest.mark.slow
def test_a_build_that_is_killed_at_any_moment_goes_on(tmp_path):
  flags = ['--name=synthetic', '--identities=8', '--clip_frames=6', '--size=32']
  run(*flags, f'--out={tmp_path}/whole')
  killed = tmp_path / 'killed'
  command = [sys.executable, '-m', 'data_pipelines.build', *SMALL, *flags]
  # Moments: the first clip is done, half of them are, the shards are written.
  for pattern, count in [('*.zip', 1), ('*.zip', 4), ('fresh/**/*', 3)]:
    build_ = subprocess.Popen(
      [*command, '--jobs=2', f'--out={killed}'], start_new_session=True
    )
    work = killed / '.work'
    while build_.poll() is None and len(list(work.glob(pattern))) < count:
      time.sleep(0.01)
    if build_.poll() is None:
      os.killpg(build_.pid, signal.SIGKILL)
    build_.wait()
  run(*flags, f'--out={killed}')
  assert files(killed) == files(tmp_path / 'whole')
  assert not list((killed / '.work').glob('.*.part.zip'))
