import json
import sys

import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.weights import to_onnx
from dagan_jax.weights.boxed import open_trained
from dagan_jax.weights.conversion import convert_files
from dagan_jax.weights.to_onnx import write_onnx
from tests.support import tiny


@pytest.fixture(scope='module')
def workdir_of_fomm(tmp_path_factory):
  config = tiny.config()
  # So the thumbnail that motion is found in is the picture itself.
  config.model.motion.size = tiny.SIZE
  return tiny.workdir(tmp_path_factory.mktemp('fomm') / 'w', config)


def test_files_move_a_portrait_as_the_network_does(tmp_path, workdir_of_fomm):
  pytest.importorskip('jax2onnx')
  onnxruntime = pytest.importorskip('onnxruntime')
  folder = tmp_path / 'onnx'
  convert_files([workdir_of_fomm], onnx=str(folder))
  described = json.loads((folder / 'network.json').read_text())
  assert described['size'] == tiny.SIZE

  def run(name, **given):
    file = f'{name}.onnx'
    session = onnxruntime.InferenceSession(str(folder / file))
    wanted = described['files'][file]
    assert {x.name: x.shape for x in session.get_inputs()} == wanted['inputs']
    inputs = {name: given[name] for name in wanted['inputs']}
    found = session.run(wanted['outputs'], inputs)
    return dict(zip(wanted['outputs'], found, strict=True))

  frames = np.float32(tiny.video(6))[:, None] / 255
  portrait, start, driving = frames[0], frames[2], frames[5]
  source = {**run('encode', picture=portrait), 'source_image': portrait}
  places = {
    f'{face}_{name}': array
    for face, picture in {'driving': driving, 'start': start}.items()
    for name, array in run('analyse', picture=picture).items()
  }
  moved = run(
    'move',
    **places,
    source_value=source['source_keypoints_value'],
    source_jacobian=source['source_keypoints_jacobian'],
    scale=np.ones(1, np.float32),
    strength=np.ones(1, np.float32),
  )
  picture = run('render', **source, **moved)['picture']

  from dagan_jax.inference.reenactment.animator import Animator

  animator = Animator.open(workdir_of_fomm)
  programs = animator.programs
  faces = [programs.analyse(tiny.video(6)[n : n + 1]) for n in (2, 5)]
  made = programs.render(
    programs.encode(tiny.video(6)[:1]),
    faces[1].keypoints,
    (faces[0].keypoints, 1.0),
    1.0,
  ).pictures
  assert np.abs(255 * picture - np.asarray(made)).max() <= 0.51


def test_what_is_not_installed_is_one_line(
  tmp_path, workdir_of_fomm, monkeypatch
):
  monkeypatch.setitem(sys.modules, 'jax2onnx', None)
  with pytest.raises(UsageError, match=r'--onnx needs pip install'):
    convert_files([workdir_of_fomm], onnx=str(tmp_path / 'onnx'))
  assert not any(tmp_path.iterdir())


def test_a_network_that_cannot_be_exported_leaves_nothing(
  tmp_path, workdir_of_fomm, monkeypatch
):
  def export(*_, **__):
    raise TypeError('no such primitive')

  monkeypatch.setattr(to_onnx, '_find_exporter', lambda: export)
  with pytest.raises(UsageError, match=r'analyse cannot be exported \(no such'):
    write_onnx(str(tmp_path / 'onnx'), open_trained(workdir_of_fomm))
  assert not any(tmp_path.iterdir())


def test_published_files_become_a_workdir_first(tmp_path):
  with pytest.raises(UsageError, match='one workdir or box, or the word ours'):
    convert_files([str(tmp_path / 'x.pth')], onnx=str(tmp_path / 'onnx'))
