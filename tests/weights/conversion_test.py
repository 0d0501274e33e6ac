import contextlib
import io
import json
import pathlib
import sys
from typing import NamedTuple

import jax
import numpy as np
import pytest

from configs import dagan
from dagan_jax.console import log
from dagan_jax.console.errors import UsageError
from dagan_jax.convert import main
from dagan_jax.inference.depth_estimator import DepthEstimator
from dagan_jax.models.dagan.reenactor import build_reenactor
from dagan_jax.runs import checkpoints, workdirs
from dagan_jax.training.starts import load_depth
from dagan_jax.weights.conversion import convert_files
from dagan_jax.weights.detect import published_model
from tests.reference import recorded
from tests.support import published, tiny

torch = pytest.importorskip('torch')

SMALL = {'divide': 8}
# Kind, layers of the depth network, other keypoints and widths, beginning of
# all names.
NETWORKS = {
  'dagan_10': ('dagan', 18, {'keypoints': 10, **SMALL}, ''),
  'spade_20': ('spade', 18, {'keypoints': 20, **SMALL}, ''),
  'fomm_10': ('fomm', 0, {'keypoints': 10, **SMALL}, 'module.'),
}
OTHERS = {'epoch': 99, 'optimizer_generator': {'state': {}, 'lr': 2e-4}}


class Converted(NamedTuple):
  """A published file that became a workdir."""

  workdir: pathlib.Path
  printed: str


@pytest.fixture(scope='module')
def converted(tmp_path_factory):
  """Makes and converts the published file of a name, once."""
  made = {}

  def convert(name):
    if name in made:
      return made[name]
    kind, layers, changes, prefix = NETWORKS[name]
    folder = tmp_path_factory.mktemp(name)
    contents = {**published.checkpoint(kind, **changes), **OTHERS}
    path = published.save(folder / 'x.pth.tar', contents, prefix)
    depth = layers and published.save_depth(folder / 'd', layers, **SMALL)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
      convert_files([path], depth or None, to=str(folder / 'W'))
    made[name] = Converted(folder / 'W', printed.getvalue())
    return made[name]

  return convert


def model_of(workdir):
  return workdirs.read_config(workdir).model


def workdir_of(path, fusion='depth'):
  """A workdir of a tiny network as if trained here."""
  config = tiny.config_with_depth()
  config.model.generator.fusion = fusion
  reenactor = build_reenactor(config.model.to_dict())
  image = jax.ShapeDtypeStruct((1, tiny.SIZE, tiny.SIZE, 3), np.float32)
  shapes = jax.eval_shape(reenactor.init, jax.random.key(0), image, image)
  random = np.random.default_rng(0)
  variables = jax.tree.map(
    lambda leaf: random.random(leaf.shape, np.float32), shapes
  )
  checkpoints.write_workdir(path, config, {'reenactor': variables})
  return str(path), variables


@pytest.fixture(scope='module')
def cross_modal(tmp_path_factory):
  """A workdir of a network that was never published, and its variables."""
  return workdir_of(tmp_path_factory.mktemp('ours') / 'W', 'cross_modal')


@pytest.mark.parametrize('name', NETWORKS)
def test_what_was_converted_comes_back_to_the_bit(converted, tmp_path, name):
  workdir = converted(name).workdir
  convert_files([str(workdir)], to_torch=str(tmp_path / 'back'))
  original = published.load(workdir.parent / 'x.pth.tar')
  del original['optimizer_generator']
  published.check_equal(
    published.load(tmp_path / 'back' / 'reenactor.pth.tar'), original
  )
  for file in ('encoder.pth', 'depth.pth'):
    before = workdir.parent / 'd' / file
    after = tmp_path / 'back' / file
    assert before.exists() == after.exists()
    if before.exists():
      published.check_equal(published.load(after), published.load(before))


def test_names_and_shapes_tell_what_a_network_is(converted):
  model = model_of(converted('dagan_10').workdir)
  assert model.detector.keypoints == 10 and model.detector.sees == 'rgbd'
  assert (model.detector.width, model.detector.max_width) == (4, 1024)
  assert (model.motion.width, model.motion.max_width) == (8, 128)
  assert (model.generator.width, model.generator.residual_blocks) == (8, 6)
  assert (model.discriminator.width, model.discriminator.blocks) == (8, 4)
  assert model.depth.to_dict() == {'layers': 18, 'width': 8}
  model = model_of(converted('spade_20').workdir)
  assert model.detector.keypoints == 20 and model.depth.layers == 18
  assert model.generator.decoder == 'spade'
  model = model_of(converted('fomm_10').workdir)
  assert model.detector.sees == 'rgb' and model.depth.layers == 0
  assert model.generator.fusion == 'none'


def test_what_files_do_not_tell_is_as_in_our_configs():
  assert published_model() == dagan.get_config().model.to_dict()


def test_tensors_are_used_or_named(converted):
  first, second, _ = converted('fomm_10').printed.splitlines()
  assert first == 'FOMM, 10 keypoints, found in RGB, generator of width 8'
  assert second.startswith('not used: dense_motion_network.down.weight;')
  for word in ('module. before all names', 'epoch', 'optimizer_generator'):
    assert word in second


def test_a_face_depth_folder_becomes_a_workdir_of_stage_1(tmp_path, capsys):
  folder = published.save_depth(tmp_path / 'weights_19', 50, **SMALL)
  workdir = str(tmp_path / 'W')
  convert_files([folder], to=workdir)
  assert 'face depth: ResNet-50, width 8' in capsys.readouterr().out
  DepthEstimator.open(workdir)
  depth = checkpoints.read_network(workdir, 'depth')
  random = {
    name: {'depth': tree, 'detector': {}} for name, tree in depth.items()
  }
  load_depth(random, workdir)
  convert_files([workdir], to_torch=str(tmp_path / 'back'))
  for file in ('encoder.pth', 'depth.pth'):
    ours = published.load(tmp_path / 'back' / file)
    published.check_equal(ours, published.load(tmp_path / 'weights_19' / file))


def test_the_two_files_of_face_depth_may_stand_alone(converted, tmp_path):
  workdir = converted('dagan_10').workdir
  depth = workdir.parent / 'd'
  paths = [depth / 'depth.pth', depth / 'encoder.pth']
  convert_files(list(map(str, paths)), to=str(tmp_path / 'W'))
  assert model_of(tmp_path / 'W').depth.layers == 18


def test_a_network_trained_here_gets_published_names(tmp_path):
  workdir, variables = workdir_of(tmp_path / 'W')
  convert_files([workdir], to_torch=str(tmp_path / 'once'))
  once = published.load(tmp_path / 'once' / 'reenactor.pth.tar')
  assert once['kp_detector']['down.weight'].shape == (4, 1, 13, 13)
  assert once['epoch'] == 0
  np.testing.assert_array_equal(
    once['generator']['dense_motion_network.mask.weight'].permute(2, 3, 1, 0),
    variables['params']['motion']['mask']['kernel'],
  )
  encoder = published.load(tmp_path / 'once' / 'encoder.pth')
  assert encoder['encoder.fc.weight'].shape == (1000, 64)
  assert encoder['encoder.bn1.num_batches_tracked'].dtype == torch.int64
  assert encoder['height'] == 256 and encoder['use_stereo'] is False


def test_what_has_no_published_name_is_refused(cross_modal, tmp_path):
  workdir, _ = cross_modal
  with pytest.raises(UsageError, match='cross_modal'):
    convert_files([workdir], to_torch=str(tmp_path / 'x.pth.tar'))
  assert not any(tmp_path.iterdir())


def test_any_workdir_becomes_safetensors(cross_modal, tmp_path):
  safetensors = pytest.importorskip('safetensors')
  workdir, reenactor = cross_modal
  path = tmp_path / 'x.safetensors'
  convert_files([workdir], safetensors=str(path))
  with safetensors.safe_open(path, 'numpy') as file:
    kernel = file.get_tensor('reenactor.params.motion.mask.kernel')
    assert json.loads(file.metadata()['config'])['task'] == 'reenactment'
    assert len(file.keys()) == len(jax.tree.leaves(reenactor))
  np.testing.assert_array_equal(
    kernel, reenactor['params']['motion']['mask']['kernel']
  )


@pytest.mark.parametrize(
  ('name', 'flag'),
  [('vgg19', '--config.init.vgg='), ('resnet18', '--config.init.resnet=')],
)
def test_what_training_reads_itself_is_named_with_its_flag(
  tmp_path, capsys, name, flag
):
  if name == 'vgg19':
    tensors = recorded.tensors('vgg19')
  else:
    tensors = {
      name.removeprefix('encoder.'): tensor
      for name, tensor in recorded.tensors('depth_encoder_resnet18').items()
    }
  path = published.save(tmp_path / 'x.pth', tensors)
  convert_files([path], to=str(tmp_path / 'W'))
  (line,) = capsys.readouterr().out.splitlines()
  assert line.endswith(flag + path)
  assert not (tmp_path / 'W').exists()


def test_a_pose_network_is_left_out_and_says_so(tmp_path, capsys):
  folder = pathlib.Path(published.save_depth(tmp_path / 'd', **SMALL))
  networks = {'pose_encoder': 'pose_encoder', 'pose': 'pose_decoder'}
  for file, network in networks.items():
    tensors = recorded.tensors(f'{network}_resnet18')
    published.save(folder / f'{file}.pth', tensors)
  convert_files([str(folder)], to=str(tmp_path / 'W'))
  assert capsys.readouterr().out.count('pose network, left out') == 2
  assert checkpoints.network_names(tmp_path / 'W') >= {'depth'}
  assert 'camera_motion' not in checkpoints.network_names(tmp_path / 'W')


def test_nothing_is_replaced(converted, tmp_path):
  workdir = converted('fomm_10').workdir
  path = str(workdir.parent / 'x.pth.tar')
  with pytest.raises(UsageError, match='exists already'):
    convert_files([path], to=str(workdir))
  with pytest.raises(UsageError, match='exists already'):
    convert_files([str(workdir)], to_torch=path)
  with pytest.raises(UsageError, match='a workdir already'):
    convert_files([str(workdir)], to=str(tmp_path / 'W'))
  with pytest.raises(UsageError, match='nothing to write'):
    convert_files([path])
  (tmp_path / 'file').write_text('')
  with pytest.raises(UsageError, match='no place'):
    convert_files([path], to=str(tmp_path / 'file' / 'W'))


def test_the_command_refuses_in_one_line(tmp_path, capsys, monkeypatch):
  arguments = ['convert', '--from', 'nowhere.pth', f'--to={tmp_path / "W"}']
  monkeypatch.setattr(sys, 'argv', arguments)
  monkeypatch.setattr(log, 'quiet', lambda: None)
  with pytest.raises(SystemExit) as caught:
    main()
  assert caught.value.code == 2
  assert capsys.readouterr().err == 'error: there is no file nowhere.pth\n'
