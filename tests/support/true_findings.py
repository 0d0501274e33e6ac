"""What stage 1's networks would find in rendered faces if they were perfect."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.geometry.camera import FARTHEST, NEAREST
from dagan_jax.geometry.pixels import unit
from dagan_jax.losses.convexity import head_outline
from dagan_jax.models.face_depth.camera_motion import Camera
from dagan_jax.tasks.face_depth.explanation import (
  Finding,
  explain,
  views,
)
from data_pipelines.reading import sources
from data_pipelines.synthetic import rendered_faces


def perfect(face: int, size: int, apart: int) -> tuple[dict, Finding]:
  """A test batch of one example of two frames, and the truth as a finding."""
  data = SimpleNamespace(
    image_size=size, test_identities=face + 1, clip_frames=100
  )
  source = sources.Synthetic(data, 'test')
  moments = (20, 20 + apart)
  batch = {
    # Without the camera's faults, which no motion explains.
    'frames': np.stack(
      [
        rendered_faces.image(
          rendered_faces.FIRST_TEST_FACE + face,
          moment / sources.SYNTHETIC_RATE,
          size,
          clean=True,
        )
        for moment in moments
      ]
    )[None],
    'weight': np.ones(1, np.float32),
  }
  batch |= {
    name: array[None] for name, array in source.truth(face, moments).items()
  }
  shown = views(unit(batch['frames']))
  inverse_depth = 1 / batch['depth'][0]
  inside = batch['foreground'][0] & np.asarray(head_outline(size, size) > 0)
  low, high = 1 / FARTHEST, 1 / NEAREST
  disparity = _array((inverse_depth - low) / (high - low))
  places = batch['camera_from_head'][0].astype(np.float64)
  camera = Camera(
    *(
      _array(np.stack(pair)[None])
      for pair in zip(
        *(
          _turn_and_shift(
            places[1 - i] @ np.linalg.inv(places[i]),
            1 / inverse_depth[i][inside[i]].mean(),
          )
          for i in range(2)
        ),
        strict=True,
      )
    ),
    focal=_array(batch['intrinsics'][:, :, [0, 1], [0, 1]]),
    centre=_array(batch['intrinsics'][:, :, :2, 2]),
    uncertainty=_array(batch['own_motion']),
    pivot=1.0,
  )
  found = explain(shown, disparity, camera, 0.85)
  return batch, Finding(shown, (disparity,), camera, (found,))


def _turn_and_shift(motion, distance: float) -> tuple[np.ndarray, np.ndarray]:
  """A motion as networks tell it: around the point ahead, in its distance."""
  ahead = np.array([0, 0, distance])
  turn = motion[:3, :3]
  shift = (motion[:3, 3] - ahead + turn @ ahead) / distance
  return _axis_angle(turn), shift


def _axis_angle(turn: np.ndarray) -> np.ndarray:
  """The vector of a rotation of less than half a circle."""
  twist = np.array(
    [turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]]
  )
  sine = np.linalg.norm(twist) / 2
  angle = np.arctan2(sine, (np.trace(turn) - 1) / 2)
  return angle * twist / (2 * sine)


def _array(x: np.ndarray) -> jax.Array:
  return jnp.asarray(x, jnp.float32)
