import numpy as np
import pytest

from dagan_jax import animate
from dagan_jax.app import many_videos
from dagan_jax.app.many_videos import Pair, are_many, listed
from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment.animator import Animator
from data_pipelines.errors.mendable import exit_code
from data_pipelines.media import pictures, video_reader
from tests.support import tiny


@pytest.fixture
def folders(tmp_path):
  """Two portraits, two videos and a folder of frames."""
  for number in (10, 9):
    name = tmp_path / 'faces' / f'p{number}.png'
    pictures.write_picture(name, tiny.video(number)[number - 1])
  for name, count in (('b.mp4', 3), ('a.mp4', 2), ('c', 2)):
    with video_reader.VideoWriter(tmp_path / 'videos' / name, 25) as video:
      for frame in tiny.video(count):
        video.write(frame)
  return tmp_path


@pytest.fixture(scope='module')
def workdir(tmp_path_factory):
  return tiny.workdir(tmp_path_factory.mktemp('run') / 'w', tiny.config())


def names(found):
  return [pair.name() for pair in found]


def test_every_portrait_is_paired_with_every_video_one_by_one(folders):
  faces, videos = str(folders / 'faces'), str(folders / 'videos')
  assert are_many(faces, videos, None)
  assert names(listed(faces, videos, None)) == [
    'p9_a', 'p9_b', 'p9_c', 'p10_a', 'p10_b', 'p10_c',
  ]  # fmt: skip
  one = str(folders / 'faces' / 'p9.png')
  assert names(listed(one, videos, None)) == ['p9_a', 'p9_b', 'p9_c']


def test_one_portrait_and_one_video_or_folder_of_frames_are_not_many(folders):
  one = str(folders / 'faces' / 'p9.png')
  assert not are_many(one, str(folders / 'videos' / 'a.mp4'), None)
  assert not are_many(one, str(folders / 'videos' / 'c'), None)
  assert not are_many(one, str(folders / 'nowhere'), None)


def test_a_file_names_pairs(folders):
  path = folders / 'pairs.csv'
  path.write_text('source,driving\nfaces/p9.png, videos/c\n\nfaces/p10.png,b\n')
  first, second = listed(None, None, str(path))
  assert first == Pair(str(folders / 'faces/p9.png'), str(folders / 'videos/c'))
  assert second.driving == str(folders / 'b')
  path.write_text('p9.png,b.mp4\n')
  (pair,) = listed(str(folders / 'faces'), str(folders / 'videos'), str(path))
  assert pair == Pair(
    str(folders / 'faces' / 'p9.png'), str(folders / 'videos' / 'b.mp4')
  )


def test_what_is_no_list_of_pairs_is_one_line(folders):
  path = folders / 'pairs.csv'
  for text, words in {
    '': 'names no pair',
    'a,b,c\n': 'pair 1',
    'a.png,b.mp4\nc\n': 'pair 2',
    'x/a.png,b.mp4\ny/a.png,b.mp4\n': 'both be called a_b',
  }.items():
    path.write_text(text)
    with pytest.raises(UsageError, match=words) as caught:
      listed(None, None, str(path))
    assert '\n' not in str(caught.value)
  with pytest.raises(UsageError, match='no CSV'):
    listed(None, None, str(folders / 'nowhere.csv'))
  (folders / 'empty').mkdir()
  with pytest.raises(UsageError, match='no portrait'):
    listed(str(folders / 'empty'), 'a.mp4', None)


def test_all_are_made_with_one_network_and_failures_are_told(
  folders, workdir, monkeypatch, capsys
):
  (folders / 'faces' / 'torn.png').write_text('no picture')
  (folders / 'videos' / 'torn.mp4').write_text('no video')
  opened, watched, readied = [], [], []
  open_, watch, ready = Animator.open, many_videos.watch, many_videos.ready
  monkeypatch.setattr(
    Animator, 'open', lambda *a, **k: opened.append(a) or open_(*a, **k)
  )
  monkeypatch.setattr(
    many_videos, 'watch', lambda *a: watched.append(a[1]) or watch(*a)
  )
  monkeypatch.setattr(
    many_videos, 'ready', lambda *a: readied.append(a[3]) or ready(*a)
  )
  flags = dict(
    workdir=workdir,
    source=str(folders / 'faces'),
    driving=str(folders / 'videos'),
    output=str(folders / 'out'),
    crop='none',
    crop_driving='none',
  )
  assert exit_code(lambda: animate.run(**flags)) == 2
  captured = capsys.readouterr()
  assert len(opened) == 1 and len(watched) == 4 and len(readied) == 2
  made = sorted(path.name for path in (folders / 'out').iterdir())
  expected = [f'{p}_{f}.mp4' for p in ('p10', 'p9') for f in 'abc']
  assert made == sorted(expected)
  assert captured.out.splitlines() == [
    str(folders / 'out' / f'{p}_{f}.mp4') for p in ('p9', 'p10') for f in 'abc'
  ]
  (line,) = captured.err.splitlines()
  assert '6 of 12 failed' in line
  # The videos are those that each pair alone would give.
  alone = {**flags, 'source': str(folders / 'faces' / 'p9.png')}
  alone |= {
    'driving': str(folders / 'videos' / 'b.mp4'),
    'output': str(folders / 'alone.mp4'),
  }
  animate.run(**alone)
  np.testing.assert_array_equal(
    [*video_reader.read(str(folders / 'alone.mp4'))],
    [*video_reader.read(str(folders / 'out' / 'p9_b.mp4'))],
  )
  # Again: only what failed is tried.
  (folders / 'faces' / 'torn.png').unlink()
  (folders / 'videos' / 'torn.mp4').unlink()
  (folders / 'out' / 'p9_a.mp4').unlink()
  capsys.readouterr()
  assert exit_code(lambda: animate.run(**flags)) == 0
  assert capsys.readouterr().out.split() == [str(folders / 'out' / 'p9_a.mp4')]


def one_portrait_by_every_video(folders, workdir) -> dict[str, str]:
  return {
    'workdir': workdir,
    'source': str(folders / 'faces' / 'p9.png'),
    'driving': str(folders / 'videos'),
    'output': str(folders / 'out'),
    'crop': 'none',
    'crop_driving': 'none',
  }


def test_a_video_that_breaks_off_is_made_but_cut_short_and_not_made_again(
  folders, workdir, capsys, caplog
):
  torn = folders / 'videos' / 'c' / '000001.png'
  torn.write_text('no picture')
  flags = one_portrait_by_every_video(folders, workdir) | {'save': 'motion'}
  assert exit_code(lambda: animate.run(**flags)) == 0
  (told,) = (x for x in caplog.messages if x.startswith('made, but cut short'))
  assert 'p9_c.mp4' in told and str(torn) in told
  made = {path.name for path in (folders / 'out').iterdir()}
  assert made == {
    f'p9_{video}{suffix}'
    for video in 'abc'
    for suffix in ('.mp4', '.motion.npz')
  }
  assert len([*video_reader.read(str(folders / 'out' / 'p9_c.mp4'))]) == 1
  capsys.readouterr()
  assert exit_code(lambda: animate.run(**flags)) == 0
  assert capsys.readouterr().out == ''


def test_a_video_that_is_stopped_is_made_anew_by_the_same_command(
  folders, workdir, monkeypatch, capsys
):
  flags = one_portrait_by_every_video(folders, workdir)
  made = Animator.animate

  def stopped(*arguments, **settings):
    for number, frame in enumerate(made(*arguments, **settings)):
      if number == 2:  # of the second video, for the first one has two
        raise KeyboardInterrupt
      yield frame

  with monkeypatch.context() as patched:
    patched.setattr(Animator, 'animate', stopped)
    assert exit_code(lambda: animate.run(**flags)) == 130
  assert [path.name for path in (folders / 'out').iterdir()] == ['p9_a.mp4']
  assert exit_code(lambda: animate.run(**flags)) == 0
  assert len([*video_reader.read(str(folders / 'out' / 'p9_b.mp4'))]) == 3


@pytest.mark.parametrize(
  ('flags', 'words'),
  [
    ({'driving': 'a.mp4'}, '--source and --driving'),
    (
      {'source': 'FACES', 'driving': 'VIDEO', 'contact_sheet': 's.png'},
      'alone',
    ),
    ({'source': 'FACE', 'driving': 'VIDEO', 'format': 'gif'}, '--format'),
    ({'source': 'FACES', 'driving': 'VIDEO', 'output': 'FACE'}, 'is a file'),
    ({'source': 'FACES', 'driving': 'VIDEO', 'output': 'FACE/o'}, 'no folder'),
    ({'source': 'FACES', 'driving': 'VIDEO', 'output': 'FACES'}, 'is read'),
    ({'source': 'FACES', 'driving': 'VIDEO', 'smooth': -1.0}, '0 or more'),
    ({'source': 'FACES', 'driving': 'VIDEO', 'save': 'depth'}, 'no depth'),
    ({'source': 'FACES', 'driving': 'VIDEO', 'save': 'a.npz'}, 'many videos'),
    ({'source': 'FACES', 'driving': 'VIDEO', 'grid': 'flow,x'}, 'no track'),
    ({'source': 'FACES', 'driving': 'VIDEO', 'grid': 'depth'}, 'no depth'),
  ],
)
def test_flags_that_do_not_go_together_are_refused(
  folders, workdir, flags, words
):
  places = {
    'FACES': str(folders / 'faces'),
    'FACE': str(folders / 'faces' / 'p9.png'),
    'FACE/o': str(folders / 'faces' / 'p9.png' / 'o'),
    'VIDEO': str(folders / 'videos' / 'a.mp4'),
  }
  flags = {name: places.get(value, value) for name, value in flags.items()}
  with pytest.raises(UsageError, match=words):
    animate.run(**{'workdir': workdir, 'output': str(folders / 'out'), **flags})
