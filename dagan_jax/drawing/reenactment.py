"""Pictures of what a reenactor computes on its way to a frame."""

import numpy as np

from dagan_jax.drawing import colours
from dagan_jax.geometry.motion import Motion
from dagan_jax.models.dagan.generator import Layer
from dagan_jax.models.dagan.reenactor import (
  Face,
  Rendering,
)


def draw_reenactment(
  source: Face, driving: Face, rendering: Rendering
) -> dict[str, np.ndarray]:
  """Rows of pictures, uint8 'b h w 3', by name; arrays are on the host.

  Source and driving picture show their keypoints. Each level of the generator
  has a row of the mean absolute features that its decoder takes and, where it
  has attention, a row of where that looks.
  """
  rows = {
    'source': draw_keypoints(source.image, source.keypoints.value),
    'driving': draw_keypoints(driving.image, driving.keypoints.value),
    'prediction': colours.picture(rendering.prediction),
    'deformed': colours.picture(rendering.deformed),
    'occlusion': draw_occlusion(rendering.motion),
    'flow': draw_flow(rendering.motion),
  }
  if source.disparity is not None:
    rows['depth'] = colours.colour_map(source.disparity)
  for layer in rendering.layers:
    size = layer.features.shape[1]
    features = np.abs(layer.features).mean(axis=-1, keepdims=True)
    rows[f'features {size}'] = colours.colour_map(colours.stretch(features))
    if layer.attention is not None:
      rows[f'attention {size}'] = draw_attention(layer)
  return rows


def draw_occlusion(motion: Motion) -> np.ndarray:
  """Where the source is seen (light), and where it must be made up (dark)."""
  return colours.picture(np.asarray(motion.occlusion))


def draw_flow(motion: Motion) -> np.ndarray:
  """Where each pixel comes from: colours are directions, white stays."""
  return colours.flow_wheel(np.asarray(motion.flow))


def draw_attention(layer: Layer) -> np.ndarray:
  """Where the attention of a level looks, from dark, least, to light, most.

  It looks at the source's depth if the queries come from the face, and at the
  warped face if they come from depth.
  """
  return colours.colour_map(colours.stretch(np.asarray(layer.attention)))


def draw_keypoints(images: np.ndarray, points: np.ndarray) -> np.ndarray:
  """Marks in each picture, 'b h w 3', its own keypoints, 'b k 2'."""
  return np.stack(
    [colours.mark_keypoints(*pair) for pair in zip(images, points, strict=True)]
  )
