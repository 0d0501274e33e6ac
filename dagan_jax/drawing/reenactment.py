"""What a reenactment looks like from the inside."""

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
  """Rows of pictures uint8 'b h w 3' by name, from arrays on the host.

  Source and driving bear their keypoints. For each level of the generator: the
  mean size of the features that go to the decoder, and, where depth takes part,
  where attention looks.
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
  """Where a level with attention looks, from least to most.

  In the source's depth if the face asks, in the warped face if depth asks.
  """
  return colours.colour_map(colours.stretch(np.asarray(layer.attention)))


def draw_keypoints(images: np.ndarray, points: np.ndarray) -> np.ndarray:
  """Pictures 'b h w 3' with their keypoints 'b k 2'."""
  return np.stack(
    [colours.mark_keypoints(*pair) for pair in zip(images, points, strict=True)]
  )
