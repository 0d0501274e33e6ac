import numpy as np
import pytest

from configs import dagan
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.runs import workdirs
from dagan_jax.runs.workdirs import start_workdir
from dagan_jax.weights.conversion import convert_files
from data_pipelines.media import pictures, video_reader
from tests.reference import recorded, rule
from tests.support import published

pytest.importorskip('torch')
pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
  """DaGAN as published, and the workdir that it becomes."""
  folder = tmp_path_factory.mktemp('dagan')
  contents = {**published.checkpoint(), 'epoch': 99}
  path = published.save(folder / 'x.pth.tar', contents, 'module.')
  depth = published.save_depth(folder / 'weights_19')
  convert_files([path], depth, to=str(folder / 'W'))
  return folder


def test_a_converted_dagan_animates_as_the_original(folder, tmp_path):
  pictures.write_picture(str(tmp_path / 'a.png'), rule.image('source'))
  driving = tmp_path / 'driving'
  driving.mkdir()
  for number in (0, 30, 60, 90):
    file = str(driving / f'{number:03}.png')
    pictures.write_picture(file, rule.driving(number))
  animator = Animator.open(str(folder / 'W'))
  portrait = pictures.read_picture(str(tmp_path / 'a.png'))
  prepared = animator.prepare(portrait, crop='none')
  frames = video_reader.read(str(driving))
  motion = animator.watch(frames, crop_driving='none')
  expected = recorded.arrays('animation')
  for kind in ('relative', 'absolute'):
    settings = Settings(motion=kind, start='first')
    made = np.stack([*animator.frames(prepared, motion, settings)])
    original = np.round(255 * np.asarray(expected[f'prediction_{kind}']))
    assert np.abs(made[:, ::8, ::8] - original).max() <= 1


def test_the_whole_checkpoint_comes_back_to_the_bit(folder, tmp_path):
  path = tmp_path / 'x.pth.tar'
  convert_files([str(folder / 'W')], to_torch=str(path))
  published.check_equal(
    published.load(path), published.load(folder / 'x.pth.tar')
  )


def test_training_may_go_on_from_it(folder):
  config = workdirs.read_config(folder / 'W')
  assert config.model == dagan.get_config().model
  start_workdir(folder / 'W', dagan.get_config())
