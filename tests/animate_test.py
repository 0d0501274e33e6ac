import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest

from dagan_jax import animate
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.runs import checkpoints
from data_pipelines.errors.mendable import exit_code
from data_pipelines.media import pictures, provenance, video_reader
from tests.support import tiny


@pytest.fixture(scope='module')
def workdir(tmp_path_factory):
  return tiny.workdir(tmp_path_factory.mktemp('run') / 'w', tiny.config())


def command(workdir, **changes):
  """What the command does; its exit code."""
  return exit_code(lambda: animate.animate(**{'workdir': workdir, **changes}))


@pytest.fixture
def inputs(tmp_path):
  pictures.write_picture(tmp_path / 'portrait.png', tiny.video(1)[0])
  with video_reader.VideoWriter(
    tmp_path / 'drive.mp4', Fraction(30000, 1001)
  ) as out:
    for frame in tiny.video(7):
      out.write(frame)
  return dict(
    source=str(tmp_path / 'portrait.png'),
    driving=str(tmp_path / 'drive.mp4'),
    output=str(tmp_path / 'out.mp4'),
    crop='none',  # nobody is to be seen
    crop_driving='none',
  )


def test_the_command_writes_video_and_sheet_and_says_where(
  workdir, inputs, tmp_path, capsys
):
  sheet = str(tmp_path / 'sheet.png')
  assert command(workdir, **inputs, contact_sheet=sheet) == 0
  assert capsys.readouterr().out.splitlines() == [inputs['output'], sheet]
  made = video_reader.read(inputs['output'])
  assert made.rate == Fraction(30000, 1001)
  assert len(list(made)) == 7
  assert pictures.read_picture(sheet).shape[0] > 3 * tiny.SIZE


def test_a_folder_gets_numbered_lossless_frames(workdir, inputs, tmp_path):
  inputs['output'] = str(tmp_path / 'frames')
  assert command(workdir, **inputs, start='first') == 0
  names = sorted(path.name for path in (tmp_path / 'frames').iterdir())
  assert names == [f'{n:06}.png' for n in range(7)]
  expected = list(
    Animator.open(workdir).frames(
      pictures.read_picture(inputs['source']),
      video_reader.read(inputs['driving']),
    )
  )
  first = pictures.read_picture(tmp_path / 'frames' / names[0])
  np.testing.assert_array_equal(first, expected[0])


def test_a_saved_motion_drives_without_the_video(
  workdir, inputs, tmp_path, capsys
):
  saved = str(tmp_path / 'motion.npz')
  assert command(workdir, **inputs, save=saved) == 0
  assert capsys.readouterr().out.splitlines() == [saved, inputs['output']]
  again = {**inputs, 'driving': saved, 'output': str(tmp_path / 'again.mp4')}
  assert command(workdir, **again) == 0
  first, second = (
    video_reader.read(path) for path in (inputs['output'], again['output'])
  )
  assert first.rate == second.rate
  np.testing.assert_array_equal([*first], [*second])
  other = tiny.config()
  other.model.detector.keypoints = 4
  other = tiny.workdir(tmp_path / 'other', other)
  capsys.readouterr()
  assert command(other, **again) == 2
  assert 'another network' in capsys.readouterr().err


def test_what_is_kept_lies_beside_the_video_or_where_it_is_said(
  workdir, inputs, tmp_path, capsys
):
  saved = str(tmp_path / 'kept' / 'm.npz')
  assert command(workdir, **inputs, save=f'motion,{saved}') == 0
  beside = str(tmp_path / 'out.motion.npz')
  assert capsys.readouterr().out.splitlines() == [
    beside,
    saved,
    inputs['output'],
  ]
  for name in ('value', 'jacobian'):
    one, other = (np.load(path)[name] for path in (beside, saved))
    np.testing.assert_array_equal(one, other)


def test_a_video_may_show_tracks_side_by_side(workdir, inputs, tmp_path):
  shown = {}
  for grid in ('result', 'driving,flow,result'):
    inputs['output'] = str(tmp_path / grid)
    assert command(workdir, **inputs, grid=grid) == 0
    shown[grid] = np.stack([*video_reader.read(inputs['output'])])
  result, row = shown.values()
  assert row.shape == (7, tiny.SIZE, 3 * tiny.SIZE, 3)
  np.testing.assert_array_equal(row[:, :, -tiny.SIZE :], result)
  driving = np.stack([*video_reader.read(inputs['driving'])])
  np.testing.assert_array_equal(row[:, :, : tiny.SIZE], driving)


def test_a_part_of_the_portrait_is_moved_and_put_back(
  workdir, inputs, tmp_path
):
  whole = np.repeat(np.repeat(tiny.video(1)[0], 3, axis=0), 4, axis=1)
  pictures.write_picture(tmp_path / 'portrait.png', whole)
  changes = {'crop': '30,20,40,40', 'paste_back': True}
  inputs = {**inputs, **changes, 'output': str(tmp_path / 'frames')}
  assert command(workdir, **inputs, debug_identity=True) == 0
  still = np.int32([*video_reader.read(inputs['output'])])
  assert still.shape == (7, *whole.shape)
  assert np.abs(still - whole).mean() < 1
  inputs['output'] = str(tmp_path / 'moved')
  sheet = str(tmp_path / 'sheet.png')
  assert command(workdir, **inputs, contact_sheet=sheet) == 0
  moved = np.int32([*video_reader.read(inputs['output'])])
  changed = (moved != whole).any(axis=(0, 3))
  assert changed[25:55, 35:65].mean() > 0.9
  changed[20:60, 30:70] = False
  assert not changed.any()


def test_another_part_of_the_video_drives_otherwise(workdir, inputs, tmp_path):
  made = {}
  for crop in ('none', '8,0,20,20'):
    inputs |= {'crop_driving': crop, 'output': str(tmp_path / crop)}
    assert command(workdir, **inputs, start='first') == 0
    made[crop] = np.int32([*video_reader.read(inputs['output'])])
  assert np.any(made['none'][1:] != made['8,0,20,20'][1:])


def test_without_a_finder_of_faces_central_squares_are_taken(
  workdir, inputs, monkeypatch, tmp_path
):
  monkeypatch.setitem(sys.modules, 'dlib', None)
  for crop in ('none', 'auto'):
    inputs |= {'crop': crop, 'crop_driving': crop}
    assert command(workdir, **{**inputs, 'output': str(tmp_path / crop)}) == 0
  none, auto = (
    video_reader.read(str(tmp_path / name)) for name in ('none', 'auto')
  )
  np.testing.assert_array_equal([*none], [*auto])


def test_the_videos_sound_is_heard_and_it_says_that_it_is_synthetic(
  workdir, inputs, tmp_path
):
  with av.open(inputs['driving']) as video:
    assert not video.streams.audio  # a silent video stays silent
  assert command(workdir, **inputs) == 0
  with av.open(inputs['output']) as video:
    assert not video.streams.audio
  tone = tmp_path / 'tone.wav'
  samples = np.sin(np.arange(48000) / 20)[None].astype(np.float32)
  with av.open(str(tone), 'w') as file:
    track = file.add_stream('pcm_f32le', 48000, layout='mono')
    frame = av.AudioFrame.from_ndarray(samples, format='flt', layout='mono')
    frame.rate = 48000
    file.mux([*track.encode(frame), *track.encode(None)])
  driving = str(tmp_path / 'loud.mp4')
  with video_reader.VideoWriter(driving, Fraction(25), sound=str(tone)) as out:
    for frame in tiny.video(10):
      out.write(frame)
  sheet = str(tmp_path / 'sheet.png')
  loud = {**inputs, 'driving': driving, 'contact_sheet': sheet}
  assert command(workdir, **loud) == 0
  with av.open(inputs['output']) as video:
    (track,) = video.streams.audio
    assert abs(track.duration * track.time_base - Fraction(10, 25)) < 1 / 25
  for path in (inputs['output'], sheet):
    assert provenance.read_comment(path).startswith('synthetic: made by dagan')


def test_smoothing_is_asked_for(workdir, inputs, tmp_path):
  inputs['output'] = str(tmp_path / 'plain')
  assert command(workdir, **inputs) == 0
  inputs['output'] = str(tmp_path / 'smooth')
  assert command(workdir, **inputs, smooth=0.5) == 0
  plain, smooth = (
    np.int32([*video_reader.read(str(tmp_path / name))])
    for name in ('plain', 'smooth')
  )
  assert np.any(plain != smooth)
  # What is nearly still moves less from frame to frame.
  plain, smooth = (np.abs(np.diff(x, axis=0)).mean() for x in (plain, smooth))
  assert smooth < plain


def test_ctrl_c_leaves_a_video_of_what_was_made(
  workdir, inputs, monkeypatch, capsys
):
  made = Animator.animate

  def stopped(*arguments, **settings):
    for number, frame in enumerate(made(*arguments, **settings)):
      if number == 3:
        raise KeyboardInterrupt
      yield frame

  monkeypatch.setattr(Animator, 'animate', stopped)
  assert command(workdir, **inputs) == 130
  assert capsys.readouterr().out.splitlines() == [inputs['output']]
  assert len([*video_reader.read(inputs['output'])]) == 3


def truncated(path, to, share):
  data = path.read_bytes()
  to.write_bytes(data[: int(share * len(data))])
  return str(to)


@pytest.mark.parametrize(
  'wrong',
  [
    'no workdir',
    'no checkpoint',
    'another task',
    'another network',
    'text as portrait',
    'empty video',
    'truncated video',
    'no video',
    'video as workdir',
    'unwritable output',
    'a start that the video has not',
    'less than no strength',
    'a sheet without video',
    'a track without video',
    'an unknown track',
    'a track that the network has not',
    'nothing that can be saved',
    'depth that the network has not',
    'no crop',
    'no face in the portrait',
    'no face in the video',
  ],
)
def test_bad_input_is_one_line_and_exit_code_2(
  wrong, workdir, inputs, tmp_path, capsys
):
  arguments = {'workdir': workdir, **inputs}
  if wrong == 'no workdir':
    arguments['workdir'] = str(tmp_path / 'nowhere')
  elif wrong == 'no checkpoint':
    checkpoints.start_workdir(tmp_path / 'empty', tiny.config())
    arguments['workdir'] = str(tmp_path / 'empty')
  elif wrong == 'another task':
    config = tiny.config()
    config.task = 'face_depth'
    arguments['workdir'] = tiny.workdir(tmp_path / 'other', config)
  elif wrong == 'another network':
    config = tiny.config()
    tiny.workdir(tmp_path / 'other', config)
    text = (tmp_path / 'other' / 'config.json').read_text()
    text = text.replace('"keypoints": 5', '"keypoints": 6')
    (tmp_path / 'other' / 'config.json').write_text(text)
    arguments['workdir'] = str(tmp_path / 'other')
  elif wrong == 'text as portrait':
    (tmp_path / 'text.png').write_text('not a picture')
    arguments['source'] = str(tmp_path / 'text.png')
  elif wrong == 'empty video':
    (tmp_path / 'empty.mp4').write_bytes(b'')
    arguments['driving'] = str(tmp_path / 'empty.mp4')
  elif wrong == 'truncated video':
    cut = tmp_path / 'cut.mp4'
    arguments['driving'] = truncated(tmp_path / 'drive.mp4', cut, 0.5)
  elif wrong == 'no video':
    arguments['driving'] = str(tmp_path / 'nowhere.mp4')
  elif wrong == 'video as workdir':
    arguments['workdir'] = inputs['driving']
  elif wrong == 'unwritable output':
    arguments['output'] = str(tmp_path / 'portrait.png' / 'out.mp4')
  elif wrong == 'a start that the video has not':
    arguments['start'] = 7
  elif wrong == 'less than no strength':
    arguments['strength'] = -1.0
  elif wrong == 'no crop':
    arguments['crop_driving'] = '1,2,3'
  elif wrong == 'no face in the portrait':
    pytest.importorskip('dlib')
    arguments['crop'] = 'auto'
  elif wrong == 'no face in the video':
    pytest.importorskip('dlib')
    arguments['crop_driving'] = 'auto'
  elif wrong in ('a sheet without video', 'a track without video'):
    np.savez(tmp_path / 'motion.npz', format=1)
    arguments['driving'] = str(tmp_path / 'motion.npz')
    if wrong == 'a sheet without video':
      arguments['contact_sheet'] = str(tmp_path / 'sheet.png')
    else:
      arguments['grid'] = 'keypoints,result'
  elif wrong == 'an unknown track':
    arguments['grid'] = 'result,'
  elif wrong == 'a track that the network has not':
    arguments['grid'] = 'attention'
  elif wrong == 'nothing that can be saved':
    arguments['save'] = 'out.gif'
  elif wrong == 'depth that the network has not':
    arguments['save'] = 'motion,depth'
  assert command(**arguments) == 2
  captured = capsys.readouterr()
  assert captured.err.startswith('error: ')
  assert len(captured.err.splitlines()) == 1
  assert captured.out == ''


def test_what_is_wrong_with_the_portrait_is_told_before_the_video_is_watched(
  workdir, inputs, monkeypatch, capsys
):
  def watch(*_, **__):
    raise AssertionError('watched in vain')

  monkeypatch.setattr(Animator, 'watch', watch)
  assert command(workdir, **{**inputs, 'crop': '1,2,3'}) == 2
  assert 'no crop' in capsys.readouterr().err
  beside = {**inputs, 'crop': '900,0,9,9'}
  assert command(workdir, **beside) == 2
  assert 'beside the picture' in capsys.readouterr().err
  pytest.importorskip('dlib')
  assert command(workdir, **{**inputs, 'crop': 'auto'}) == 2
  assert 'portrait.png: no face' in capsys.readouterr().err


@pytest.mark.parametrize('name', ['out.txt', 'portrait.png/out.mp4', 'used'])
def test_a_place_where_no_video_can_go_is_told_before_the_video_is_watched(
  name, workdir, inputs, tmp_path, monkeypatch, capsys
):
  def watch(*_, **__):
    raise AssertionError('watched in vain')

  monkeypatch.setattr(Animator, 'watch', watch)
  (tmp_path / 'used').mkdir()
  (tmp_path / 'used' / 'file').touch()
  assert command(workdir, **{**inputs, 'output': str(tmp_path / name)}) == 2
  (line,) = capsys.readouterr().err.splitlines()
  assert line.startswith(f'error: {tmp_path / name}: ')


def test_a_video_is_opened_once_for_all(workdir, inputs, tmp_path, monkeypatch):
  probed, probe = [], video_reader.probe
  monkeypatch.setattr(
    video_reader, 'probe', lambda p: probed.append(p) or probe(p)
  )
  inputs['contact_sheet'] = str(tmp_path / 'sheet.png')
  assert command(workdir, **inputs, grid='driving,result') == 0
  assert [str(path) for path in probed] == [inputs['driving']]


def test_of_a_video_that_breaks_off_the_beginning_is_made(
  workdir, inputs, tmp_path, capsys
):
  folder = tmp_path / 'frames'
  for number, frame in enumerate(tiny.video(5)):
    pictures.write_picture(folder / f'{number}.png', frame)
  (folder / '3.png').write_text('torn')
  inputs['driving'] = str(folder)
  assert command(workdir, **inputs, grid='driving,result') == 2
  captured = capsys.readouterr()
  assert captured.out.splitlines() == [inputs['output']]
  assert '3.png' in captured.err and 'ends there' in captured.err
  assert len([*video_reader.read(inputs['output'])]) == 3


def test_animating_and_depth_import_neither_tensorflow_nor_clu_nor_grain():
  code = (
    'import sys, dagan_jax.animate, dagan_jax.depth; '
    'print(*sys.modules.keys() & '
    "{'tensorflow', 'tensorflow_datasets', 'clu', 'grain', 'torch'})"
  )
  done = subprocess.run(
    [sys.executable, '-c', code], capture_output=True, text=True, check=True
  )
  assert done.stdout.strip() == ''
