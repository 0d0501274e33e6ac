import functools
from collections.abc import Callable
from typing import NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from configs import face_depth
from dagan_jax.console.errors import UsageError
from dagan_jax.drawing.face_depth import draw_face_depth
from dagan_jax.metrics.table import compute_metrics
from dagan_jax.models.layers.resnet import ResNet
from dagan_jax.runs import checkpoints
from dagan_jax.tasks.face_depth.task import FaceDepthTask
from dagan_jax.tasks.face_depth.truth import Truth
from dagan_jax.tasks.task import TrainState
from dagan_jax.training.starts import load_resnets, load_stage_1
from dagan_jax.weights.boxed_depth import write_depth_box
from dagan_jax.weights.names.face_depth import resnet_variables
from dagan_jax.weights.workdirs import read_networks
from data_pipelines.reading import pipeline
from tests.support import tiny
from tests.support.true_findings import perfect

FORMS = 'dagan', 'daganpp'  # as in our configs


def task_of(form: str, **fields) -> FaceDepthTask:
  config = tiny.config_of_stage_1()
  if form == 'dagan':
    face_depth.learn_as_dagan(config)
  config.update_from_flattened_dict(fields)
  return FaceDepthTask(config)


def batch_of(task: FaceDepthTask, split: str = 'train'):
  return next(pipeline.make_iterator(task.config.data, split))


def started(task: FaceDepthTask):
  batch = batch_of(task)
  return jax.jit(task.init)(jax.random.key(0), batch), batch


def leaves(tree) -> dict[str, jax.Array]:
  paths, _ = jax.tree.flatten_with_path(tree)
  return {jax.tree_util.keystr(path): leaf for path, leaf in paths}


class Learning(NamedTuple):
  """A task before its first step; compiled once for all tests."""

  task: FaceDepthTask
  state: TrainState
  batch: dict[str, np.ndarray]
  gradients: Callable[..., tuple]  # of frames that networks see as they are


class OneLayerDepth(nn.Module):
  """Disparities as FaceDepth gives them, but compiled in no time."""

  @nn.compact
  def __call__(self, image, *, train):
    disparity = nn.sigmoid(nn.Conv(1, (3, 3))(image))
    return tuple(
      nn.avg_pool(disparity, (n, n), strides=(n, n)) for n in (1, 2, 4, 8)
    )


@functools.cache
def learning(form: str) -> Learning:
  """DaGAN++ with the networks of its config, DaGAN with a smaller one."""
  task = task_of(form)
  if form == 'dagan':
    task.depth = OneLayerDepth()
  state, batch = started(task)
  gradients = jax.jit(
    lambda variables, frames: task.gradients(
      variables, frames, frames, Truth(), 1.0
    )
  )
  gradients = functools.partial(gradients, state.variables)
  return Learning(task, state, batch, gradients)


def frames_of(learning: Learning) -> np.ndarray:
  return np.float32(learning.batch['frames']) / 255


@pytest.mark.parametrize('form', FORMS)
def test_losses_coverage_and_camera_are_reported_and_the_camera_learns(form):
  found = learning(form)
  values, gradient, _ = found.gradients(frames_of(found))
  losses = {'photometric', 'smoothness', 'convex_start'}
  uncertainty = set()
  if form == 'daganpp':
    uncertainty = {'uncertainty', 'unmasked_uncertainty'}
    losses |= {'head_motion', 'relief', 'curvature'}
  assert values.keys() == losses | {'automask_coverage', 'focal'} | uncertainty
  assert 0 <= values['automask_coverage'] <= 1
  camera = gradient['camera_motion']
  heads = ('motion', 'focal', 'centre') if form == 'dagan' else ('motion',)
  assert all((camera[head]['kernel'] != 0).any() for head in heads)


@pytest.mark.parametrize('form', FORMS)
def test_networks_are_taught_by_the_truth_where_that_is_asked_for(form):
  losses = ['true_depth', 'true_motion']
  if form == 'daganpp':
    losses.append('true_uncertainty')
  config = {f'loss.{name}': 1.0 for name in losses}
  task = task_of(form, **config, **{'data.truth': True, 'accumulate': 2})
  batch = batch_of(task)
  _, values = jax.eval_shape(
    lambda batch: task.train_step(
      jax.random.key(0), task.init(jax.random.key(0), batch), batch
    ),
    batch,
  )
  assert all(hasattr(values, name) for name in losses)


def test_where_pictures_teach_nothing_it_does_not_matter_that_little_moves():
  assert not list(task_of('daganpp').warnings({'true_depth': 1.0}))


def test_the_network_learns_motion_from_the_solver_alone():
  """Where nothing moves the pictures teach nothing, but the solver does."""
  found = learning('daganpp')
  frames = frames_of(found)
  same = np.repeat(frames[:, :1], 2, axis=1)
  values, gradient, _ = found.gradients(same)
  assert values['head_motion'] > 0
  assert (gradient['camera_motion']['motion']['bias'] != 0).any()


@pytest.mark.parametrize('form', FORMS)
@pytest.mark.parametrize('what', ['identical', 'black', 'of different clips'])
def test_gradients_are_finite_where_frames_are(form, what):
  frames = frames_of(learning(form))
  if what == 'identical':
    frames = np.repeat(frames[:, :1], frames.shape[1], axis=1)
  elif what == 'black':
    frames = np.zeros_like(frames)
  else:
    frames[:, 1] = np.roll(frames[:, 1], 1, axis=0)
  for leaf in jax.tree.leaves(learning(form).gradients(frames)):
    assert jnp.isfinite(leaf).all()


@pytest.mark.parametrize('form', FORMS)
def test_of_identical_frames_everything_is_masked_and_warned_of(form):
  found = learning(form)
  frames = frames_of(found)
  same = np.repeat(frames[:, :1], frames.shape[1], axis=1)
  values, _, _ = found.gradients(same)
  coverage = float(values['automask_coverage'])
  (warning,) = found.task.warnings({'automask_coverage': coverage})
  assert 'data.frame_gap' in warning
  assert not list(found.task.warnings({'automask_coverage': 0.02}))


@pytest.fixture(scope='module')
def scores():
  """Of a fresh network and a test batch: whole, and of depth alone."""
  task, state, _, _ = learning('daganpp')
  batch = batch_of(task, 'test')
  score = jax.jit(lambda x: compute_metrics(*task.eval_step(x, batch)))
  depth = {'depth': state.variables['depth']}
  return score(state.variables), score(depth)


def test_rendered_faces_are_scored_against_the_truth(scores):
  scores, _ = scores
  for value in scores.values():
    assert value.shape == (4,) and jnp.isfinite(value).all()
  for name in ('abs_rel', 'normals', 'rank_correlation', 'abs_rel_shifted'):
    assert {name, f'start_{name}', f'plane_{name}', f'ellipsoid_{name}'} <= (
      scores.keys()
    )
  assert {
    'rotation_degrees',
    'solver_rotation_degrees',
    'still_rotation_degrees',
    'uncertainty_auroc',
  } <= scores.keys()


def test_depth_alone_is_scored_like_depth_with_head_motion(scores):
  both, alone = scores
  assert both.keys() - alone.keys() >= {'photometric', 'rotation_degrees'}
  assert {'abs_rel', 'plane_abs_rel'} <= alone.keys()
  for name, values in alone.items():
    np.testing.assert_allclose(values, both[name], rtol=1e-4, atol=1e-4)


def test_videos_cannot_score_depth_without_head_motion():
  task, state, batch, _ = learning('daganpp')
  depth = {'depth': state.variables['depth']}
  with pytest.raises(UsageError, match='without head motion'):
    task.eval_step(depth, {'frames': batch['frames']})


@pytest.mark.parametrize('form', FORMS)
def test_pictures_show_what_is_found(form):
  _, finding = perfect(face=0, size=tiny.SIZE, apart=3)
  if form == 'dagan':
    finding = finding._replace(camera=finding.camera._replace(uncertainty=None))
  mask = finding.explanations[0].mask(form)
  rows = draw_face_depth(*jax.device_get((finding, mask)))
  expected = {'target', 'source', 'moved source', 'depth', 'error', 'auto-mask'}
  uncertainty = {'uncertainty'} if form == 'daganpp' else set()
  assert rows.keys() == expected | uncertainty
  assert {row.shape for row in rows.values()} == {(1, tiny.SIZE, tiny.SIZE, 3)}


def test_the_first_guess_counts_less_and_less():
  task = task_of('daganpp', **{'steps': 20, 'loss.convex_until': 0.5})
  shares = [float(task.convexity(step)) for step in (0, 5, 10, 20)]
  full = task.config.loss.convex_start
  np.testing.assert_allclose(shares, [full, full / 2, 0, 0])
  given = task_of('daganpp', **{'init.depth': 'a learnt one'})
  assert given.convexity(0) == 0


def test_given_depth_starts_as_what_learns_and_stays():
  task = task_of(
    'daganpp', **{'init.depth': 'a learnt one', 'loss.given_depth': 1.0}
  )
  task.depth = OneLayerDepth()
  state, batch = started(task)
  key = jax.random.key(0)
  first, values = jax.jit(task.train_step)(key, state, batch)
  assert values.given_depth.total >= 0
  for name, learns in (('depth', True), ('given_depth', False)):
    changed = [
      bool((new != old).any())
      for new, old in zip(
        jax.tree.leaves(first.variables[name]['params']),
        jax.tree.leaves(state.variables[name]['params']),
        strict=True,
      )
    ]
    assert any(changed) == learns
  assert 'given_depth' not in task.saved
  parts = jax.tree.leaves_with_path(state.opt_state)
  assert not any('given' in jax.tree_util.keystr(path) for path, _ in parts)


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


def fresh(task: FaceDepthTask):
  """The shapes of its variables, filled with zeros."""
  pictures = np.zeros((1, 3, tiny.SIZE, tiny.SIZE, 3), np.uint8)
  state = jax.eval_shape(task.init, jax.random.key(0), {'frames': pictures})
  return jax.tree.map(lambda x: jnp.zeros(x.shape), state.variables)


def test_encoders_start_from_a_given_resnet(tmp_path):
  path = tmp_path / 'resnet18.npz'
  tensors = torchvision_resnet(8)
  np.savez(path, **tensors)
  camera = {'model.camera.backbone': 'resnet18', 'model.camera.width': 8}
  variables = load_resnets(fresh(task_of('dagan', **camera)), str(path))
  given = resnet_variables(tensors)
  for collection in ('params', 'batch_stats'):
    jax.tree.map(
      np.testing.assert_array_equal,
      variables['depth'][collection]['encoder'],
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
    load_resnets(fresh(task_of('dagan')), str(path))
  assert str(path) in str(caught.value)


def test_learning_goes_on_from_what_a_workdir_or_a_box_has(tmp_path):
  task = task_of('daganpp')
  variables = fresh(task)
  learnt = jax.tree.map(lambda x: np.ones(x.shape, x.dtype), variables)
  for name, networks in {
    'depth': {'depth': learnt['depth']},
    'both': learnt,
    'box': learnt,
  }.items():
    path = str(tmp_path / name)
    checkpoints.write_workdir(path, task.config, networks)
    if name == 'box':
      path = str(tmp_path / 'depth.safetensors')
      write_depth_box(path, read_networks(str(tmp_path / name)))
    started = load_stage_1(variables, path)
    assert started.keys() == variables.keys()
    for network, tree in started.items():
      expected = float(network in networks)
      assert all((leaf == expected).all() for leaf in jax.tree.leaves(tree))
  with pytest.raises(UsageError, match='another network'):
    load_stage_1(fresh(task_of('daganpp', **{'model.depth.width': 4})), path)
