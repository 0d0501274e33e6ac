"""GoHD's networks, so small that a test can let them speak."""

import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from ml_collections import ConfigDict

from dagan_jax.geometry.morphable_face import find_landmarks, project
from dagan_jax.inference.face_models import rendered_face
from dagan_jax.models.gohd.networks import build_network
from dagan_jax.runs import checkpoints
from tests.support.variables import random_variables

SIZE = 32  # pixels that are drawn
MODEL = {
  'animator': {'width': 16, 'directions': 4, 'transformed_from': 16},
  'pose': {'channels': 6, 'width': 16, 'blocks': 1, 'embedding': 8},
  'gaze': {'channels': 2, 'width': 16, 'blocks': 1, 'embedding': 8},
  'expression': {},
  'two_stage_expression': {},
  'coefficients': {'width': 4},
  'gaze_estimator': {'width': 4},
}
ALL = tuple(name for name in MODEL if name != 'two_stage_expression')


def workdir(path, names: Sequence[str] = ALL, channels: int = 72) -> str:
  """A workdir of some of the networks, with random weights."""
  model = {name: MODEL[name] for name in names}
  config = ConfigDict(
    {'task': 'gohd', 'model': model, 'data': {'image_size': SIZE}}
  )
  networks = {name: random_network(name, channels) for name in names}
  checkpoints.write_workdir(path, config, networks)
  return str(path)


def random_network(name: str, channels: int):
  shapes = {
    'animator': [(1, SIZE, SIZE, 3), (1, 27, channels)],
    'pose': [(1, 2, 6), (1, 2, 320), (1, 1, 6), (1,)],
    'gaze': [(1, 2, 2), (1, 2, 320), (1, 1, 2), (1,)],
    'expression': [(1, 80, 16), (1, 64)],
    'two_stage_expression': [(1, 2, 80, 16), (1, 64), (1, 21), (1, 1, 512)],
    'coefficients': [(1, 224, 224, 3)],
    'gaze_estimator': [(1, 448, 448, 3)],
  }[name]
  inputs = [
    jax.ShapeDtypeStruct(shape, jnp.float32 if len(shape) > 1 else jnp.int32)
    for shape in shapes
  ]
  is_plain = name in ('animator', 'pose', 'gaze')
  options = {} if is_plain else {'train': False}
  return random_variables(build_network(MODEL, name), *inputs, **options)


@functools.cache
def landmarks(size: int) -> np.ndarray:
  """Those of a mean face that fills a picture as Deep3D's fill theirs."""
  face = rendered_face()
  points = project(find_landmarks(face, jnp.zeros(len(face.expression))))
  return np.float32((np.asarray(points) * [1, -1] + [0, 224]) * size / 224)


class Detector:
  """Finds a mean face in every picture that is not black."""

  def find(self, picture: np.ndarray) -> np.ndarray | None:
    """See LandmarkDetector."""
    return landmarks(len(picture)) if picture.any() else None
