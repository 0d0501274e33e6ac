"""What a reenactment looks like from the inside."""

import numpy as np

from dagan_jax import drawing
from dagan_jax.models.reenactor import Face, Rendering


def draw_reenactment(
  source: Face, driving: Face, rendering: Rendering
) -> dict[str, np.ndarray]:
  """Rows of pictures uint8 'b h w 3' by name, from arrays on the host.

  Source and driving bear their keypoints. The flow's colours are directions.
  For each level of the generator: the mean size of the features that go to the
  decoder, and, where depth takes part, where attention looks: in the source's
  depth if the face asks, in the warped face if depth asks.
  """
  rows = {
    'source': _with_keypoints(source),
    'driving': _with_keypoints(driving),
    'prediction': drawing.picture(rendering.prediction),
    'deformed': drawing.picture(rendering.deformed),
    'occlusion': drawing.picture(rendering.motion.occlusion),
    'flow': drawing.flow_wheel(rendering.motion.flow),
  }
  if source.disparity is not None:
    rows['depth'] = drawing.colour_map(source.disparity)
  for layer in rendering.layers:
    size = layer.features.shape[1]
    features = np.abs(layer.features).mean(axis=-1, keepdims=True)
    rows[f'features {size}'] = drawing.colour_map(drawing.stretched(features))
    if layer.attention is not None:
      attention = drawing.stretched(np.asarray(layer.attention))
      rows[f'attention {size}'] = drawing.colour_map(attention)
  return rows


def _with_keypoints(face: Face) -> np.ndarray:
  pairs = zip(face.image, face.keypoints.value, strict=True)
  return np.stack(
    [drawing.with_keypoints(image, points) for image, points in pairs]
  )
