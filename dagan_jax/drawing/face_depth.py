"""Pictures of what stage 1 finds."""

import numpy as np

from dagan_jax.drawing import colours
from dagan_jax.tasks.face_depth.explanation import Finding


def draw_face_depth(
  finding: Finding, mask: np.ndarray
) -> dict[str, np.ndarray]:
  """Rows of pictures, uint8 'b h w 3', by name; arrays are on the host.

  They show each example's first target and its first source view. Disparity is
  stretched to the whole colour map; an error is dark where it is small.
  """
  frames, explanation = finding.frames, finding.explanations[0]
  examples, targets = frames.targets.shape[:2]
  first = slice(0, examples * targets, targets)
  rows = {
    'target': colours.picture(frames.targets[:, 0]),
    'source': colours.picture(frames.sources[:, 0, 0]),
    'moved source': colours.picture(explanation.views[first, 0]),
    'depth': colours.colour_map(colours.stretch(finding.disparities[0][first])),
    'error': colours.colour_map(explanation.moved[first, 0]),
    'auto-mask': colours.picture(np.float32(mask[first, 0])),
  }
  if finding.camera.uncertainty is not None:
    uncertainty = colours.stretch_logarithms(finding.camera.uncertainty[:, 0])
    rows['uncertainty'] = colours.colour_map(uncertainty)
  return rows
