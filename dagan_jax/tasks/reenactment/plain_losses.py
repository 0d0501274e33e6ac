"""The reenactor's losses that no network judges: of pixels, of landmarks."""

from jaxtyping import Array, Float
from ml_collections import ConfigDict

from dagan_jax.geometry.guides import GUIDES, guide_points
from dagan_jax.losses.landmarks import (
  eyes_and_mouth,
  flow_guidance,
  guidance,
  lids_and_lips,
)
from dagan_jax.losses.pixels import pixel_distance
from dagan_jax.tasks.reenactment.forward import Forward

Losses = dict[str, Float[Array, '']]
LANDMARK_LOSSES = (
  'landmarks',
  'landmark_flow',
  'eyes_and_mouth',
  'lids_and_lips',
)
PIXEL_LOSSES = (
  'pixel',
  'deformed',
  'drawn',
  'eyes_and_mouth',
  'lids_and_lips',
)


def pixel_losses(weights: ConfigDict, forward: Forward) -> Losses:
  """Those of the prediction, and of the two pictures it is blended of.

  Args:
    weights: `config.loss`; what weighs nothing is not computed.
    forward: what the reenactor made of a batch.
  """
  rendering, scales = forward.rendering, weights.pixel_scales
  driving = forward.driving.image
  losses = {}
  if weights.pixel:
    losses['pixel'] = pixel_distance(driving, rendering.prediction, scales)
  if weights.deformed:
    losses['deformed'] = pixel_distance(driving, rendering.deformed, scales)
  if weights.drawn:
    losses['drawn'] = pixel_distance(
      driving, rendering.blend.drawn, scales, where=rendering.blend.kept
    )
  return losses


def landmark_losses(
  weights: ConfigDict,
  forward: Forward,
  landmarks: Float[Array, 'b 2 68 2'] | None,
  frame: int,
) -> Losses:
  """Those that ask where lids and lips are, and how they move.

  Args:
    weights: `config.loss`; what weighs nothing is not computed.
    forward: what the reenactor made of a batch.
    landmarks: of source and driving, shares of the picture's sides; None only
      where none of these losses weighs anything.
    frame: in the coordinates of pictures of how many pixels lids and lips are
      found.
  """
  if not any(weights[name] for name in LANDMARK_LOSSES):
    return {}
  losses = {}
  if weights.landmarks:
    losses['landmarks'] = sum(
      guidance(
        guide_points(landmarks[:, k], frame),
        face.keypoints.value[:, : len(GUIDES)],
      )
      / 2
      for k, face in enumerate((forward.source, forward.driving))
    )
  if weights.landmark_flow:
    flow = forward.rendering.motion.flow
    losses['landmark_flow'] = flow_guidance(
      flow, landmarks[:, 0], landmarks[:, 1]
    )
  if weights.eyes_and_mouth:
    driving = forward.driving.image
    losses['eyes_and_mouth'] = pixel_distance(
      driving,
      forward.rendering.prediction,
      weights.pixel_scales,
      where=eyes_and_mouth(
        guide_points(landmarks[:, 1], driving.shape[1]), *driving.shape[1:3]
      ),
    )
  if weights.lids_and_lips:
    losses['lids_and_lips'] = _lids_and_lips(weights, forward, landmarks)
  return losses


def _lids_and_lips(
  weights: ConfigDict, forward: Forward, landmarks: Float[Array, 'b 2 68 2']
):
  """Of the prediction, and of what is drawn: so few pixels move no mask."""
  driving, rendering = forward.driving.image, forward.rendering
  pictures = [rendering.prediction]
  if rendering.blend is not None:
    pictures.append(rendering.blend.drawn)
  where = lids_and_lips(landmarks[:, 0], landmarks[:, 1], *driving.shape[1:3])
  distances = (
    pixel_distance(driving, picture, weights.pixel_scales, where=where)
    for picture in pictures
  )
  return sum(distances) / len(pictures)
