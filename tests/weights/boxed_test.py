import json
import pathlib

import jax
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.runs import checkpoints
from dagan_jax.weights import boxed
from dagan_jax.weights.boxed import open_trained, read_box, write_box
from dagan_jax.weights.conversion import convert_files
from dagan_jax.weights.files.safetensors_files import (
  read_safetensors,
  write_safetensors_file,
)
from dagan_jax.weights.workdirs import read_networks
from tests.support import tiny


@pytest.fixture(scope='module')
def box(workdir, tmp_path_factory) -> str:
  """The network of `workdir` in one file."""
  path = str(tmp_path_factory.mktemp('box') / 'tiny.safetensors')
  convert_files([workdir], box=path)
  return path


def change_metadata(box, path, **changes) -> str:
  """The same file, but for what it says of itself."""
  arrays, said = read_safetensors(box)
  write_safetensors_file(str(path), arrays, {**said, **changes})
  return str(path)


def test_a_box_holds_what_the_workdir_holds_as_half_precision_holds_it(
  workdir, box
):
  learnt = checkpoints.read_network(workdir, 'reenactor')
  found = read_box(box)
  assert found.config.model == read_networks(workdir).config.model
  assert found.config.data.image_size == tiny.SIZE

  def check(theirs, ours):
    assert ours.dtype == np.float32
    narrow = np.float16 if theirs.ndim > 1 else np.float32
    np.testing.assert_array_equal(ours, theirs.astype(narrow))

  jax.tree.map(check, learnt, found.variables)
  size = pathlib.Path(box).stat().st_size
  assert size < 0.75 * sum(x.nbytes for x in jax.tree.leaves(learnt))


def test_equal_networks_make_equal_files(workdir, box, tmp_path):
  again = tmp_path / 'again.safetensors'
  write_box(str(again), read_networks(workdir))
  assert again.read_bytes() == pathlib.Path(box).read_bytes()


def test_what_learnt_by_imitating_is_boxed_without_its_teacher(
  workdir, box, tmp_path
):
  networks = read_networks(workdir)
  with networks.config.unlocked():
    networks.config.task = 'imitation'
    networks.config.model.teacher = {'width': 64}
  path = tmp_path / 'quick.safetensors'
  write_box(str(path), networks)
  assert path.read_bytes() == pathlib.Path(box).read_bytes()


def test_a_kernel_that_half_precision_cannot_hold_stays_whole(
  workdir, tmp_path
):
  networks = read_networks(workdir)
  motion = networks.variables['reenactor']['params']['motion']
  motion['mask']['kernel'][0, 0, 0, 0] = 1e6
  path = str(tmp_path / 'x.safetensors')
  write_box(path, networks)
  found = read_box(path).variables['params']['motion']['mask']['kernel']
  np.testing.assert_array_equal(found, motion['mask']['kernel'])


def test_a_network_animates_from_its_box_as_from_its_workdir(
  animator, box, monkeypatch
):
  monkeypatch.setattr(boxed, 'OURS', pathlib.Path(box))
  frames = tiny.video(3)
  options = {'crop': 'none', 'crop_driving': 'none'}

  def animate(animator):
    portrait = animator.prepare(frames[0], **options)
    motion = animator.watch(frames, **options)
    return np.stack(list(animator.frames(portrait, motion))).astype(int)

  expected = animate(animator)
  for place in (box, None):
    difference = np.abs(animate(Animator.open(place)) - expected)
    assert difference.mean() < 1


def test_without_a_place_the_package_has_a_model_or_says_what_to_do(
  tmp_path, monkeypatch
):
  monkeypatch.setattr(boxed, 'OURS', tmp_path / 'people.safetensors')
  with pytest.raises(UsageError, match=r'carries no model.*--workdir='):
    open_trained(None)


def cut(box, path):
  data = pathlib.Path(box).read_bytes()
  path.write_bytes(data[: len(data) // 2])


def cut_in_its_header(box, path):
  path.write_bytes(pathlib.Path(box).read_bytes()[:100])


def damage(box, path):
  data = bytearray(pathlib.Path(box).read_bytes())
  data[-9] ^= 1
  path.write_bytes(data)


def make_of_another_network(box, path):
  arrays, said = read_safetensors(box)
  config = json.loads(said['config'])
  config['model']['generator']['width'] *= 2
  said['config'] = json.dumps(config)
  said['digest'] = boxed._digest(arrays, said['config'])
  write_safetensors_file(str(path), arrays, said)


def make_with_an_unknown_field(box, path):
  arrays, said = read_safetensors(box)
  config = json.loads(said['config'])
  config['model']['generator']['wings'] = 2
  said['config'] = json.dumps(config)
  said['digest'] = boxed._digest(arrays, said['config'])
  write_safetensors_file(str(path), arrays, said)


BAD = {
  'there is no model': lambda box, path: None,
  'cut short: .* bytes are missing': cut,
  'cut short within its header': cut_in_its_header,
  'digest is another': damage,
  'model of version 7, .* version 1 is read': lambda box, path: change_metadata(
    box, path, version='7'
  ),
  'no model of this package': lambda box, path: change_metadata(
    box, path, kind='a cake'
  ),
  'no safetensors file': lambda box, path: path.write_bytes(b'hello' * 20),
  'of another network': make_of_another_network,
  'no network of this version': make_with_an_unknown_field,
}


@pytest.mark.parametrize('reason', BAD)
def test_a_file_that_is_no_such_model_is_one_line(box, tmp_path, reason):
  path = tmp_path / 'x.safetensors'
  BAD[reason](box, path)
  with pytest.raises(UsageError, match=reason) as caught:
    Animator.open(str(path))
  assert '\n' not in str(caught.value)
  assert str(path) in str(caught.value)


def test_a_network_that_does_not_animate_gets_no_box(workdir, tmp_path):
  networks = read_networks(workdir)._replace(variables={})
  with pytest.raises(UsageError, match='holds a network that animates'):
    write_box(str(tmp_path / 'x.safetensors'), networks)
