import itertools
from fractions import Fraction

import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.app.depth import Samples, _make_painter, estimate_depth
from dagan_jax.geometry.camera import project
from dagan_jax.inference import depth_estimator
from dagan_jax.inference.depth_estimator import DepthEstimator, Estimate
from dagan_jax.inference.reenactment import crops
from dagan_jax.runs import checkpoints, workdirs
from data_pipelines.errors.mendable import DataError, exit_code
from data_pipelines.media import (
  pictures,
  video_reader,
  video_writer,
)
from tests.support import tiny
from tests.support.drawn_faces import DiscFinder, picture
from tests.support.face_depth import (
  SIZE,
  networks,
  video,
  write,
  write_stage_2,
)
from tests.support.ply import read_ply


@pytest.fixture(scope='module')
def workdir(tmp_path_factory):
  return write(tmp_path_factory.mktemp('run') / 'w', networks())


def command(workdir, *, crop='none', **changes):
  """What the command does; its exit code."""
  return exit_code(lambda: estimate_depth(workdir, crop=crop, **changes))


@pytest.fixture
def clip(tmp_path):
  with video_writer.VideoWriter(
    tmp_path / 'clip.mp4', Fraction(30000, 1001)
  ) as out:
    for frame in video(7):
      out.write(frame)
  return str(tmp_path / 'clip.mp4')


@pytest.fixture
def photo(tmp_path):
  pictures.write_picture(tmp_path / 'photo.png', video(1)[0])
  return str(tmp_path / 'photo.png')


def test_one_pass_writes_all_that_is_asked_and_says_where(
  workdir, clip, tmp_path, capsys
):
  names = ['d.mp4', 'd.npy', 'd.png', 'd.ply', 'frames', 'u.gif', 's.png']
  paths = [str(tmp_path / name) for name in names]
  assert not command(
    workdir,
    input=clip,
    output=paths[:5],
    uncertainty=paths[5],
    contact_sheet=paths[6],
  )
  assert capsys.readouterr().out.splitlines() == paths
  for path in (paths[0], paths[5]):
    made = video_reader.read(path)
    assert len(list(made)) == 7
  assert video_reader.read(paths[0]).rate == Fraction(30000, 1001)
  assert pictures.read_picture(paths[6]).shape[0] > 3 * SIZE
  # The picture is the video's first frame, in the same colours.
  np.testing.assert_array_equal(
    pictures.read_picture(paths[2]), next(iter(video_reader.read(paths[4])))
  )


def test_a_videos_array_is_that_of_its_frames(workdir, clip, tmp_path):
  output = [str(tmp_path / 'video.npy')]
  assert not command(workdir, input=clip, output=output)
  together = np.load(output[0])
  assert together.shape == (7, SIZE, SIZE) and together.dtype == np.float32
  frames = list(video_reader.read(clip))
  for number in (0, 6):
    frame, name = frames[number], str(tmp_path / f'{number}.png')
    pictures.write_picture(name, frame)
    output = [str(tmp_path / f'{number}.npy')]
    assert not command(workdir, input=name, output=output)
    np.testing.assert_allclose(np.load(output[0]), together[number], rtol=1e-4)


def test_a_cloud_projects_back_to_the_pixels_it_has_its_colours_from(
  workdir, photo, tmp_path
):
  assert not command(workdir, input=photo, output=[str(tmp_path / 'head.ply')])
  points, colours = read_ply(tmp_path / 'head.ply')
  estimator = DepthEstimator.open(workdir)
  image, camera = video(1)[0], estimator.camera(video(1))
  points = points * np.float32((1, -1, -1))
  places = np.asarray(
    project(jnp.asarray(points[None, None]), jnp.asarray(camera[None]))
  )[0, 0]
  x, y = np.round(places).astype(int).T
  np.testing.assert_allclose(places, np.stack([x, y], -1), atol=1e-3)
  np.testing.assert_array_equal(colours, image[y, x])
  assert len(set(zip(x, y, strict=True))) == len(points) > SIZE**2 / 10
  (found,) = estimator.estimates([image])
  np.testing.assert_allclose(points[:, 2], found.depth[y, x, 0], rtol=1e-4)


@pytest.mark.parametrize('is_video', [False, True])
def test_a_face_is_looked_at_wherever_it_is(
  is_video, workdir, tmp_path, monkeypatch
):
  monkeypatch.setattr(crops, 'face_finder', DiscFinder)
  frames = [picture((30, 30, 14, 120))] * (3 if is_video else 1)
  for number, frame in enumerate(frames):
    pictures.write_picture(tmp_path / 'frames' / f'{number}.png', frame)
  shown = str(tmp_path / 'frames' / ('' if is_video else '0.png'))
  estimator = DepthEstimator.open(workdir)
  if is_video:
    place = crops.find_video_framing(frames, 'auto', 'a').framings[0]
  else:
    place = crops.find_portrait_framing(frames[0], 'auto', 'a')
  by_hand = crops.read_crop('10,10,40,40')
  for crop, framing in (('auto', place), ('10,10,40,40', by_hand)):
    output = str(tmp_path / 'd.npy')
    assert not command(workdir, input=shown, output=[output], crop=crop)
    square = crops.cut_square(frames[0], framing, SIZE)
    (expected,) = estimator.estimates([square])
    found = np.load(output).reshape(-1, SIZE, SIZE)[0]
    np.testing.assert_allclose(found, expected.depth[..., 0], rtol=1e-4)


@pytest.mark.parametrize('is_video', [False, True])
def test_where_no_face_is_one_is_told_how_to_show_it(
  is_video, workdir, photo, clip, tmp_path, capsys, monkeypatch
):
  monkeypatch.setattr(DiscFinder, 'find', lambda *_: [])
  monkeypatch.setattr(crops, 'face_finder', DiscFinder)
  output = tmp_path / 'd.npy'
  shown = clip if is_video else photo
  assert command(workdir, input=shown, output=[str(output)], crop='auto') == 2
  told = capsys.readouterr().err
  assert '--crop=x,y,w,h' in told and '--crop=none' in told
  assert not output.exists()


def test_refining_learns_from_the_video_and_leaves_the_workdir_alone(
  workdir, clip, tmp_path
):
  def depth(name, **flags):
    output = [str(tmp_path / f'{name}.npy')]
    assert not command(workdir, input=clip, output=output, **flags)
    return np.load(output[0])

  before = depth('before')
  refined = depth('refined', refine=2)
  assert refined.shape == before.shape
  assert np.isfinite(refined).all()
  # A little further: a rate of 1e-4 moves every weight by no more.
  assert 1e-6 < np.abs(refined / before - 1).mean() < 0.1
  np.testing.assert_array_equal(depth('after'), before)


def test_who_was_refined_still_finds_what_it_found(workdir):
  estimator = DepthEstimator.open(workdir)
  frames = list(video(4))

  def find():
    return next(estimator.estimates(frames)).depth

  before = find()
  refined = estimator.refine(frames, 1, 2)
  np.testing.assert_array_equal(find(), before)
  assert (next(refined.estimates(frames)).depth != before).any()


@pytest.mark.parametrize(
  ('steps', 'of_stage_2', 'told'),
  [
    (-1, False, '--refine is -1: it must be 0 or more steps'),
    (1, True, 'refining needs the workdir of a face_depth run'),
    (1, False, 'refining compares 2 frames at least: there are 1'),
  ],
)
def test_what_cannot_be_refined_is_told_in_one_line(
  workdir, photo, tmp_path, capsys, steps, of_stage_2, told
):
  run = write_stage_2(tmp_path / 'w2') if of_stage_2 else workdir
  output = tmp_path / 'depth.npy'
  assert command(run, input=photo, output=[str(output)], refine=steps) == 2
  assert told in capsys.readouterr().err
  assert not output.exists()


def test_a_picture_and_a_cloud_ask_for_a_videos_first_frames_alone(
  workdir, clip, tmp_path, monkeypatch
):
  asked = []
  see = depth_estimator._see

  def count(depth, variables, frames):
    asked.append(len(frames))
    return see(depth, variables, frames)

  monkeypatch.setattr(depth_estimator, '_see', count)
  output = [str(tmp_path / name) for name in ('d.png', 'd.ply')]
  assert not command(workdir, input=clip, output=output)
  assert asked == [1]


def broken_off(monkeypatch, after):
  """Lets every video break off there."""
  whole = video_reader.Video.at

  def frames(video, rate):
    yield from itertools.islice(whole(video, rate), after)
    video.broken = DataError(f'{video.path}: breaks off at frame {after}')
    if not after:
      raise video.broken

  monkeypatch.setattr(video_reader.Video, 'at', frames)


@pytest.mark.parametrize('after', [2, 5])
def test_of_a_video_that_breaks_off_what_came_before_is_kept(
  workdir, clip, tmp_path, capsys, monkeypatch, after
):
  broken_off(monkeypatch, after)
  output = [str(tmp_path / 'd.npy'), str(tmp_path / 'd.gif')]
  doubt = str(tmp_path / 'u.gif')
  assert command(workdir, input=clip, output=output, uncertainty=doubt) == 2
  captured = capsys.readouterr()
  assert captured.out.splitlines() == [*output, doubt]
  assert f'breaks off at frame {after}' in captured.err
  monkeypatch.undo()
  assert len(np.load(output[0])) == after
  assert all(
    len(list(video_reader.read(p))) == after for p in (output[1], doubt)
  )


def test_of_a_video_that_breaks_off_at_once_nothing_is_written(
  workdir, clip, tmp_path, capsys, monkeypatch
):
  broken_off(monkeypatch, 0)
  before = sorted(tmp_path.iterdir())
  assert command(workdir, input=clip, output=[str(tmp_path / 'd.npy')]) == 2
  assert 'breaks off at frame 0' in capsys.readouterr().err
  assert sorted(tmp_path.iterdir()) == before


def test_a_reenactors_workdir_serves(tmp_path, clip):
  path = write_stage_2(tmp_path / 'stage_2')
  output = [str(tmp_path / name) for name in ('d.ply', 'd.npy')]
  sheet = str(tmp_path / 's.png')
  assert not command(path, input=clip, output=output, contact_sheet=sheet)
  assert len(np.load(output[1])) == 7


@pytest.mark.parametrize(
  ('wrong', 'says'),
  [
    ('no workdir', 'no such workdir'),
    ('no checkpoint', 'no checkpoint'),
    ('no depth network', 'no depth network'),
    ('config without camera', 'no network of this version'),
    ('another network', 'of another network'),
    ('no input', 'no such video'),
    ('text as input', 'not a picture'),
    ('unknown ending', 'end the name in'),
    ('uncertainty as array', 'end the name in'),
    ('uncertainty of a picture', 'takes two frames'),
    ('uncertainty without its network', 'no such network'),
    ('input as output', 'is an input'),
    ('output twice', 'named twice'),
    ('unwritable video', 'cannot be written'),
    ('unwritable array', 'cannot be written'),
    ('unwritable cloud', 'cannot be written'),
  ],
)
def test_bad_input_is_one_line_and_exit_code_2(
  wrong, says, workdir, photo, tmp_path, capsys
):
  arguments = dict(input=photo, output=[str(tmp_path / 'd.npy')])
  other = str(tmp_path / 'other')
  if wrong == 'no workdir':
    workdir = other
  elif wrong == 'no checkpoint':
    workdirs.start_workdir(other, tiny.config_of_stage_1())
    workdir = other
  elif wrong == 'no depth network':
    workdir = tiny.workdir(other, tiny.config())
  elif wrong == 'config without camera':
    config = tiny.config_of_stage_1()
    del config.model.camera
    checkpoints.write_workdir(other, config, networks())
    workdir = other
  elif wrong == 'another network':
    workdir = write(other, networks(), **{'model.camera.blocks': 5})
  elif wrong == 'no input':
    arguments['input'] = str(tmp_path / 'nowhere.mp4')
  elif wrong == 'text as input':
    (tmp_path / 'text.png').write_text('not a picture')
    arguments['input'] = str(tmp_path / 'text.png')
  elif wrong == 'unknown ending':
    arguments['output'] += [str(tmp_path / 'd.jpg')]
  elif wrong == 'uncertainty as array':
    arguments['uncertainty'] = str(tmp_path / 'u.npy')
  elif wrong == 'uncertainty of a picture':
    arguments['uncertainty'] = str(tmp_path / 'u.mp4')
  elif wrong == 'uncertainty without its network':
    workdir = write(other, {'depth': networks()['depth']})
    (tmp_path / 'frames').mkdir()
    for name in ('a.png', 'b.png'):
      pictures.write_picture(tmp_path / 'frames' / name, video(1)[0])
    arguments['input'] = str(tmp_path / 'frames')
    arguments['uncertainty'] = str(tmp_path / 'u.mp4')
  elif wrong == 'input as output':
    arguments['output'] = [photo]
  elif wrong == 'output twice':
    arguments['output'] *= 2
  else:
    suffix = {'video': '.mp4', 'array': '.npy', 'cloud': '.ply'}
    name = 'd' + suffix[wrong.split()[1]]
    arguments['output'] = [str(tmp_path / 'photo.png' / name)]
  assert command(workdir, **arguments) == 2
  captured = capsys.readouterr()
  assert captured.err.startswith('error: ') and says in captured.err
  assert len(captured.err.splitlines()) == 1
  assert captured.out == ''
  assert not list(tmp_path.glob('d.*'))


@pytest.mark.parametrize('count', [0, 1, 7, 8, 9, 1000])
def test_samples_are_few_and_evenly_spaced_from_the_first(count):
  samples = Samples(8)
  for item in range(count):
    samples.add(item)
  assert min(count, 5) <= len(samples.items) <= 8
  assert samples.items[:1] == list(range(count))[:1]
  assert len(set(np.diff(samples.items))) <= 1
  # The end is missed by less than one more step.
  if count > 1:
    assert samples.items[-1] + np.diff(samples.items)[0] >= count


def test_a_wall_leaves_a_face_most_of_the_colours():
  face = np.linspace(0.45, 0.5, 16, dtype=np.float32).reshape(4, 4, 1)
  before_wall = np.concatenate([face, np.full_like(face, 0.1)])
  image = np.zeros((8, 4, 3), np.uint8)
  estimate = Estimate(image, before_wall, 1 / before_wall, None)
  painted = _make_painter(before_wall)(estimate)['depth'].astype(int)
  assert (painted[4:] == painted[7, 3]).all()
  lightness = painted.sum(axis=-1)
  assert np.ptp(lightness[:4]) > 0.2 * np.ptp(lightness)
