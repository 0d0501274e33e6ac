import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax import convert
from dagan_jax.errors import UsageError
from dagan_jax.models.resnet import ResNet
from dagan_jax.tasks.face_depth import FaceDepthTask
from data_pipelines import pipeline
from tests import tiny

FORMS = {'dagan': 3, 'daganpp': 2}  # frames of an example, as in our configs


def task_of(form: str, **fields) -> FaceDepthTask:
  config = tiny.config_of_stage_1()
  config.loss.photometric_form = form
  config.data.views = FORMS[form]
  config.model.camera.uncertainty = form == 'daganpp'
  config.update_from_flattened_dict(fields)
  return FaceDepthTask(config)


def batch_of(task: FaceDepthTask, split: str = 'train'):
  return next(pipeline.make_iterator(task.config.data, split))


def started(task: FaceDepthTask):
  batch = batch_of(task)
  return task.init(jax.random.key(0), batch), batch


def leaves(tree) -> dict[str, jax.Array]:
  paths, _ = jax.tree.flatten_with_path(tree)
  return {jax.tree_util.keystr(path): leaf for path, leaf in paths}


@pytest.fixture(scope='module', params=FORMS)
def trained(request):
  """A task, its state before and after a step, and what the step said."""
  task = task_of(request.param)
  before, batch = started(task)
  after, update = jax.jit(task.train_step)(jax.random.key(1), before, batch)
  return task, before, after, update.compute()


def test_a_step_moves_every_weight(trained):
  _, before, after, _ = trained
  assert after.step == 1
  old, new = (leaves(state.variables) for state in (before, after))
  assert old.keys() == new.keys()
  # Two biases stand before a batch norm, which takes them away again.
  still = {
    name for name in old if 'params' in name and (old[name] == new[name]).all()
  }
  assert all("['up_" in name and 'bias' in name for name in still)
  statistics = [name for name in old if 'batch_stats' in name]
  assert any((old[name] != new[name]).any() for name in statistics)


def test_a_step_reports_losses_coverage_and_the_camera(trained):
  task, _, _, values = trained
  form = task.config.loss.photometric_form
  expected = {
    'photometric', 'smoothness', 'automask_coverage', 'focal',
    'gradient_norm_depth', 'gradient_norm_camera_motion', 'learning_rate',
  }  # fmt: skip
  assert values.keys() - expected == (
    {'uncertainty'} if form == 'daganpp' else set()
  )
  assert all(np.isfinite(value) for value in values.values())
  assert 0 <= values['automask_coverage'] <= 1


@pytest.mark.parametrize('form', FORMS)
def test_the_camera_learns(form):
  task = task_of(form)
  state, batch = started(task)
  frames = jnp.asarray(batch['frames'], jnp.float32) / 255
  _, gradient, _ = jax.jit(task.gradients)(state.variables, frames, frames)
  camera = gradient['camera_motion']
  assert all(
    (camera[head]['kernel'] != 0).any() for head in ('focal', 'centre')
  )


@pytest.mark.parametrize('form', FORMS)
def test_gradients_are_finite_where_there_is_nothing_to_learn(form):
  task = task_of(form)
  state, batch = started(task)
  frames = np.float32(batch['frames']) / 255
  other_clips = frames.copy()
  other_clips[:, 1] = np.roll(frames[:, 1], 1, axis=0)
  cases = {
    'identical frames': np.repeat(frames[:, :1], frames.shape[1], axis=1),
    'black frames': np.zeros_like(frames),
    'frames of different clips': other_clips,
  }
  gradients = jax.jit(task.gradients)
  for name, case in cases.items():
    values, gradient, after = gradients(state.variables, case, case)
    for leaf in jax.tree.leaves((values, gradient, after)):
      assert jnp.isfinite(leaf).all(), name


def test_identical_frames_are_all_masked_and_warned_of():
  task = task_of('daganpp')
  state, batch = started(task)
  frames = np.float32(batch['frames']) / 255
  same = np.repeat(frames[:, :1], 2, axis=1)
  values, _, _ = jax.jit(task.gradients)(state.variables, same, same)
  coverage = float(values['automask_coverage'])
  (warning,) = task.warnings({'automask_coverage': coverage})
  assert 'data.frame_gap' in warning
  assert not list(task.warnings({'automask_coverage': 0.02}))


def test_scores_of_films_need_no_truth_and_rendered_faces_tell_it():
  task = task_of('daganpp')
  state, _ = started(task)
  batch = batch_of(task, 'test')
  scores = jax.jit(task.eval_step)(state.variables, batch)
  assert all(
    value.shape == (4,) and jnp.isfinite(value).all()
    for value in scores.values()
  )
  for name in ('abs_rel', 'normals', 'rank_correlation', 'abs_rel_shifted'):
    assert {name, f'plane_{name}', f'ellipsoid_{name}'} <= scores.keys()
  assert {'uncertainty_auroc', 'rotation_degrees'} <= scores.keys()
  film = {name: batch[name] for name in ('frames', 'weight')}
  assert task.eval_step(state.variables, film).keys() == {
    'photometric',
    'still_photometric',
  }


@pytest.mark.parametrize('form', FORMS)
def test_pictures_show_what_is_found(form):
  task = task_of(form)
  state, batch = started(task)
  rows = task.draw(jax.device_get(jax.jit(task.images)(state.variables, batch)))
  expected = {'target', 'source', 'moved source', 'depth', 'error', 'auto-mask'}
  assert rows.keys() - expected == (
    {'uncertainty'} if form == 'daganpp' else set()
  )
  assert {row.shape for row in rows.values()} == {(4, tiny.SIZE, tiny.SIZE, 3)}


def torchvision_resnet(width: int) -> dict[str, np.ndarray]:
  """A ResNet-18's tensors under torchvision's names."""
  rng = np.random.default_rng(0)
  image = jnp.zeros((1, 32, 32, 3))
  shapes = jax.eval_shape(
    lambda: ResNet(18, width).init(jax.random.key(0), image, train=False)
  )
  tensors = {}
  for path, leaf in leaves(shapes).items():
    _, *modules, name = path[2:-2].split("']['")
    theirs = modules[0]
    if theirs.startswith('block_'):
      _, layer, block = theirs.split('_')
      part = {'shortcut': 'downsample.0', 'shortcut_norm': 'downsample.1'}.get(
        modules[1], modules[1].replace('_', '').replace('norm', 'bn')
      )
      theirs = f'layer{layer}.{block}.{part}'
    else:
      theirs = {'conv': 'conv1', 'norm': 'bn1'}[theirs]
    word = {'kernel': 'weight', 'scale': 'weight', 'bias': 'bias'}.get(
      name, f'running_{name}'
    )
    array = rng.uniform(0.5, 1, leaf.shape).astype(np.float32)
    if name == 'kernel':
      array = array.transpose(3, 2, 0, 1)
    tensors[f'{theirs}.{word}'] = array
  tensors['fc.weight'] = np.zeros((1000, 512), np.float32)
  return tensors


def test_encoders_start_from_a_given_resnet(tmp_path):
  path = tmp_path / 'resnet18.npz'
  tensors = torchvision_resnet(8)
  np.savez(path, **tensors)
  task = task_of(
    'dagan',
    **{
      'init.resnet': str(path),
      'model.camera.backbone': 'resnet18',
      'model.camera.width': 8,
    },
  )
  variables = started(task)[0].variables
  given = convert.resnet(tensors)
  found = variables['depth']
  for collection in ('params', 'batch_stats'):
    jax.tree.map(
      np.testing.assert_array_equal,
      found[collection]['encoder'],
      given[collection],
    )
  # Of the camera's encoder the first layer sees two frames; where these are
  # equal it says what the file's layer says of one.
  kernel = variables['camera_motion']['params']['encoder']['conv']['kernel']
  both = kernel[:, :, :3] + kernel[:, :, 3:]
  np.testing.assert_allclose(both, given['params']['conv']['kernel'], rtol=1e-6)


def test_a_resnet_of_another_shape_is_refused(tmp_path):
  path = tmp_path / 'resnet18.npz'
  np.savez(path, **torchvision_resnet(16))
  with pytest.raises(UsageError, match='another network') as caught:
    started(task_of('dagan', **{'init.resnet': str(path)}))
  assert str(path) in str(caught.value)
