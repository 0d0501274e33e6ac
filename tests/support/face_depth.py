"""Workdirs of stage 1 with random networks, and a video to look at."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.models.face_depth.camera_motion import CameraMotion
from dagan_jax.models.face_depth.network import FaceDepth
from dagan_jax.runs import checkpoints
from tests.support import tiny

SIZE = tiny.SIZE
FOCAL = 2.5  # picture widths


def video(count, size=SIZE):
  """Frames of a gradient that wanders."""
  y, x = np.mgrid[:size, :size]
  return np.stack(
    [
      np.uint8(np.stack([8 * x + 5 * n, 7 * y, 3 * (x + y) + 9 * n], -1) % 256)
      for n in range(count)
    ]
  )


def _config():
  """Of networks that find the camera as well."""
  config = tiny.config_of_stage_1()
  config.model.camera.intrinsics = 'clip'
  return config


@functools.cache
def networks():
  """Random variables of both networks of stage 1."""
  config = _config()
  image = jnp.zeros((1, SIZE, SIZE, 3))
  key = jax.random.key(0)
  depth_init = functools.partial(
    FaceDepth(**config.model.depth).init, train=False
  )
  camera_init = functools.partial(
    CameraMotion(**config.model.camera).init, train=False
  )
  # Filled by NumPy: to compile the networks' own start takes far longer.
  shapes = {
    'depth': jax.eval_shape(depth_init, key, image),
    'camera_motion': jax.eval_shape(camera_init, key, image[None], image[None]),
  }
  random = np.random.default_rng(0)

  def filled(path, leaf):
    if path[-1].key in ('scale', 'var'):
      return np.ones(leaf.shape, np.float32)
    fan_in = np.prod(leaf.shape[:-1])  # of a bias: 1
    values = random.standard_normal(leaf.shape) * np.sqrt(1 / fan_in)
    return np.float32(values if path[-1].key == 'kernel' else 0.1 * values)

  return jax.tree_util.tree_map_with_path(filled, shapes)


def write(path, networks, **fields):
  """A workdir of stage 1."""
  config = _config()
  config.model.camera.focal = FOCAL
  config.update_from_flattened_dict(fields)
  checkpoints.write_workdir(path, config, networks)
  return str(path)


def write_stage_2(path):
  """A workdir of stage 2, of which only the depth network matters."""
  depth = networks()['depth']
  reenactor = {name: {'depth': tree} for name, tree in depth.items()}
  reenactor['params']['detector'] = {'bias': np.zeros(3)}
  config = tiny.config_with_depth()
  config.model.camera.focal = FOCAL
  checkpoints.write_workdir(path, config, {'reenactor': reenactor})
  return str(path)
