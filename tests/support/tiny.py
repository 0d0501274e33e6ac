"""Networks so small that a test can train and animate with them."""

import jax
import jax.numpy as jnp
import numpy as np
from ml_collections import ConfigDict

from configs import face_depth, fomm
from dagan_jax.models.dagan.reenactor import build_reenactor
from dagan_jax.runs import checkpoints
from tests.support.variables import random_variables

SIZE = 32


def config() -> ConfigDict:
  """FOMM at 32 pixels on rendered faces."""
  config = fomm.get_config('debug')
  _describe_data(config)
  for network in (config.model.detector, config.model.motion):
    network.size, network.blocks = 8, 2
    network.width, network.max_width = 4, 8
  config.model.generator.width = 4
  config.model.generator.max_width = 8
  config.model.generator.residual_blocks = 1
  config.model.discriminator.width = 4
  config.model.discriminator.max_width = 8
  config.model.discriminator.blocks = 2
  config.loss.perceptual = 0.0  # there is no judge so small
  return config


def config_with_depth() -> ConfigDict:
  """DaGAN with a narrow depth network."""
  tiny = config()
  tiny.model.depth.layers = 18
  tiny.model.depth.width = 8
  tiny.model.detector.sees = 'rgbd'
  tiny.model.generator.fusion = 'depth'
  return tiny


def config_of_stage_1() -> ConfigDict:
  """Face depth from pairs of neighbouring frames of rendered faces."""
  tiny = face_depth.get_config('debug')
  _describe_data(tiny)
  tiny.data.frame_gap = 3
  tiny.model.depth.width = 8
  tiny.model.camera.blocks = 4
  return tiny


def _describe_data(config: ConfigDict) -> None:
  """Two rendered people to learn from, and one held out."""
  config.data.source = 'synthetic'
  config.data.image_size = SIZE
  config.data.identities = 2
  config.data.test_identities = 1
  config.data.clip_frames = 4


def workdir(path, config: ConfigDict) -> str:
  """A workdir of step 0 with random weights.

  They are larger than networks start with: a driver that moves changes
  pixels by ten grey levels or more, where a fresh network's pictures are grey.
  """
  reenactor = build_reenactor(config.model.to_dict())
  image = jnp.zeros((1, SIZE, SIZE, 3))
  variables = random_variables(reenactor, image, image)
  variables = jax.tree_util.tree_map_with_path(
    lambda path, x: 1.5 * x if path[-1].key == 'kernel' else x, dict(variables)
  )
  checkpoints.write_workdir(path, config, {'reenactor': variables})
  return str(path)


def video(count: int, size: int = SIZE) -> np.ndarray:
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
