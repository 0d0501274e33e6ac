import subprocess
import sys
from fractions import Fraction

import jax
import numpy as np
import pytest

from dagan_jax import animate, checkpoints
from dagan_jax.animate import Animator
from dagan_jax.errors import UsageError, exit_code
from data_pipelines import pictures, video
from tests import tiny


def film(count, size=tiny.SIZE):
  """Frames of a square that wanders over grey."""
  frames = np.full((count, size, size, 3), 90, np.uint8)
  for number, frame in enumerate(frames):
    place = size // 4 + number % (size // 3)
    frame[place : place + size // 4, size // 3 : 2 * size // 3] = (
      250,
      200,
      150,
    )
  return frames


@pytest.fixture(scope='module')
def workdir(tmp_path_factory):
  return tiny.workdir(tmp_path_factory.mktemp('run') / 'w', tiny.config())


@pytest.fixture(scope='module')
def animator(workdir):
  return Animator.open(workdir)


@pytest.mark.parametrize('count', [1, 3, 4, 5, 9])
def test_every_driving_frame_gives_one_frame(animator, count):
  made = list(animator.frames(film(1)[0], film(count)))
  assert len(made) == count
  assert all(f.shape == (tiny.SIZE, tiny.SIZE, 3) for f in made)
  assert all(f.dtype == np.uint8 for f in made)


def test_films_of_any_length_share_one_compilation(animator):
  for count in (2, 7):
    list(animator.frames(film(1)[0], film(count)))
  before = Animator._render._cache_size()
  for count in (1, 4, 11):
    list(animator.frames(film(1)[0], film(count)))
  assert Animator._render._cache_size() == before


def test_a_frame_does_not_depend_on_its_place_in_a_chunk(animator):
  together = list(animator.frames(film(1)[0], film(6), chunk=4))
  alone = list(animator.frames(film(1)[0], film(6), chunk=1))
  difference = np.abs(np.int32(together) - np.int32(alone))
  assert difference.max() <= 1  # a rounding


def test_frames_are_made_as_driving_frames_come(animator):
  asked = []

  def driving():
    for number, frame in enumerate(film(100)):
      asked.append(number)
      yield frame

  frames = animator.frames(film(1)[0], driving(), chunk=2)
  next(frames)
  assert len(asked) <= 4


def test_relative_motion_starts_from_the_portraits_own_pose(animator):
  portrait, driving = film(9)[8], film(3)
  relative = next(animator.frames(portrait, driving))
  own = next(animator.frames(portrait, [portrait], motion='absolute'))
  np.testing.assert_allclose(np.int32(relative), np.int32(own), atol=1)


def test_absolute_motion_takes_the_driving_pose(animator):
  portrait, driving = film(9)[8], film(1)
  relative = next(animator.frames(portrait, driving))
  absolute = next(animator.frames(portrait, driving, motion='absolute'))
  assert np.any(relative != absolute)


def test_networks_with_depth_animate_too(tmp_path):
  workdir = tiny.workdir(tmp_path / 'w', tiny.config_with_depth())
  made = list(Animator.open(workdir).frames(film(1, 50)[0], film(2, 40)))
  assert len(made) == 2


def test_a_network_saved_from_four_devices_opens_on_one(tmp_path, workdir):
  variables = checkpoints.read_network(workdir, 'reenactor')
  mesh = jax.make_mesh((4,), ('data',))
  spread = jax.device_put(variables, jax.NamedSharding(mesh, jax.P()))
  other = tmp_path / 'w'
  checkpoints.write_workdir(other, tiny.config(), {'reenactor': spread})
  assert len(list(Animator.open(str(other)).frames(film(1)[0], film(2)))) == 2


def command(workdir, **changes):
  """What the command does; its exit code."""
  return exit_code(lambda: animate.animate(**{'workdir': workdir, **changes}))


@pytest.fixture
def inputs(tmp_path):
  pictures.write_picture(tmp_path / 'portrait.png', film(1)[0])
  with video.FilmWriter(tmp_path / 'drive.mp4', Fraction(30000, 1001)) as out:
    for frame in film(7):
      out.write(frame)
  return dict(
    source=str(tmp_path / 'portrait.png'),
    driving=str(tmp_path / 'drive.mp4'),
    output=str(tmp_path / 'out.mp4'),
  )


def test_the_command_writes_film_and_sheet_and_says_where(
  workdir, inputs, tmp_path, capsys
):
  sheet = str(tmp_path / 'sheet.png')
  assert command(workdir, **inputs, contact_sheet=sheet) == 0
  assert capsys.readouterr().out.splitlines() == [inputs['output'], sheet]
  made = video.read(inputs['output'])
  assert made.rate == Fraction(30000, 1001)
  assert len(list(made)) == 7
  assert pictures.read_picture(sheet).shape[0] > 3 * tiny.SIZE


def test_a_folder_gets_numbered_lossless_frames(workdir, inputs, tmp_path):
  inputs['output'] = str(tmp_path / 'frames')
  assert command(workdir, **inputs) == 0
  names = sorted(path.name for path in (tmp_path / 'frames').iterdir())
  assert names == [f'{n:06}.png' for n in range(7)]
  expected = list(
    Animator.open(workdir).frames(
      pictures.read_picture(inputs['source']), video.read(inputs['driving'])
    )
  )
  first = pictures.read_picture(tmp_path / 'frames' / names[0])
  np.testing.assert_array_equal(first, expected[0])


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
    'empty film',
    'truncated film',
    'no film',
    'film as workdir',
    'unwritable output',
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
  elif wrong == 'empty film':
    (tmp_path / 'empty.mp4').write_bytes(b'')
    arguments['driving'] = str(tmp_path / 'empty.mp4')
  elif wrong == 'truncated film':
    cut = tmp_path / 'cut.mp4'
    arguments['driving'] = truncated(tmp_path / 'drive.mp4', cut, 0.5)
  elif wrong == 'no film':
    arguments['driving'] = str(tmp_path / 'nowhere.mp4')
  elif wrong == 'film as workdir':
    arguments['workdir'] = inputs['driving']
  elif wrong == 'unwritable output':
    arguments['output'] = str(tmp_path / 'portrait.png' / 'out.mp4')
  assert command(**arguments) == 2
  captured = capsys.readouterr()
  assert captured.err.startswith('error: ')
  assert len(captured.err.splitlines()) == 1
  assert captured.out == ''


def test_a_network_that_is_not_its_configs_is_named(tmp_path):
  workdir = tiny.workdir(tmp_path / 'w', tiny.config())
  text = (tmp_path / 'w' / 'config.json').read_text()
  text = text.replace('"keypoints": 5', '"keypoints": 6')
  (tmp_path / 'w' / 'config.json').write_text(text)
  with pytest.raises(UsageError, match='heatmap'):
    Animator.open(workdir)


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
