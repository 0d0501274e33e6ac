"""What stage 1 finds, as pictures."""

import numpy as np

from dagan_jax import drawing
from dagan_jax.tasks.explanation import Finding


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
    'depth': drawing.colour_map(
      drawing.stretched(finding.disparities[0][first])
    ),
    'error': drawing.colour_map(explanation.moved[first, 0]),
    'auto-mask': drawing.picture(np.float32(mask[first, 0])),
  }
  if finding.camera.uncertainty is not None:
    uncertainty = drawing.logarithmic(finding.camera.uncertainty[:, 0])
    rows['uncertainty'] = drawing.colour_map(uncertainty)
  return rows
