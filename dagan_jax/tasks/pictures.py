"""What a reenactment looks like from the inside."""

import numpy as np

from dagan_jax import drawing
from dagan_jax.models.reenactor import Face, Rendering
from dagan_jax.tasks.explanation import Finding


def draw_reenactment(
  source: Face, driving: Face, rendering: Rendering
) -> dict[str, np.ndarray]:
  """Rows of pictures uint8 'b h w 3' by name, from arrays on the host.

  Source and driving bear their keypoints. The flow's colours are directions.
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
  return rows


def draw_face_depth(
  finding: Finding, mask: np.ndarray
) -> dict[str, np.ndarray]:
  """Rows of pictures uint8 'b h w 3' by name, from arrays on the host.

  Of each example the first target and its first source view. Disparity is
  stretched to the whole colour map; errors are dark where there is none.
  """
  frames, explanation = finding.frames, finding.explanations[0]
  examples, targets = frames.targets.shape[:2]
  first = slice(0, examples * targets, targets)
  rows = {
    'target': drawing.picture(frames.targets[:, 0]),
    'source': drawing.picture(frames.sources[:, 0, 0]),
    'moved source': drawing.picture(explanation.views[first, 0]),
    'depth': drawing.colour_map(_stretched(finding.disparities[0][first])),
    'error': drawing.colour_map(explanation.moved[first, 0]),
    'auto-mask': drawing.picture(np.float32(mask[first, 0])),
  }
  if finding.camera.uncertainty is not None:
    uncertainty = drawing.logarithmic(finding.camera.uncertainty[:, 0])
    rows['uncertainty'] = drawing.colour_map(uncertainty)
  return rows


def _stretched(maps: np.ndarray) -> np.ndarray:
  """Each map from its least value, 0, to its largest, 1."""
  least = maps.min(axis=(1, 2, 3), keepdims=True)
  most = maps.max(axis=(1, 2, 3), keepdims=True)
  return (maps - least) / np.maximum(most - least, 1e-6)


def _with_keypoints(face: Face) -> np.ndarray:
  pairs = zip(face.image, face.keypoints.value, strict=True)
  return np.stack(
    [drawing.with_keypoints(image, points) for image, points in pairs]
  )
