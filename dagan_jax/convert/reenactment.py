"""Names in the published files of DaGAN and FOMM."""

from typing import Any

from dagan_jax.convert.layouts import Tensors, translate

DETECTOR = (
  ('hourglass/down_{}/', 'predictor.encoder.down_blocks.{}.'),
  ('hourglass/up_{}/', 'predictor.decoder.up_blocks.{}.'),
  ('heatmap/', 'kp.'),
  ('jacobian/', 'jacobian.'),
)
# The published generator holds the dense motion network.
_MOTION = 'dense_motion_network'
GENERATOR = (
  (
    'motion/hourglass/down_{}/',
    f'{_MOTION}.hourglass.encoder.down_blocks.{{}}.',
  ),
  ('motion/hourglass/up_{}/', f'{_MOTION}.hourglass.decoder.up_blocks.{{}}.'),
  ('motion/mask/', f'{_MOTION}.mask.'),
  ('motion/occlusion/', f'{_MOTION}.occlusion.'),
  ('generator/first/', 'first.'),
  ('generator/down_{}/', 'down_blocks.{}.'),
  ('generator/depth_first/', 'src_first.'),
  ('generator/depth_down_{}/', 'src_down_blocks.{}.'),
  ('generator/attention/to_query/', 'AttnModule.query_conv.'),
  ('generator/attention/to_key/', 'AttnModule.key_conv.'),
  ('generator/attention/to_value/', 'AttnModule.value_conv.'),
  ('generator/attention/gamma', 'AttnModule.gamma'),
  ('generator/residual_{}/', 'bottleneck.r{}.'),
  ('generator/up_{}/', 'up_blocks.{}.'),
  ('generator/final/', 'final.'),
)
DISCRIMINATOR = (
  ('down_{}/', 'discs.1.down_blocks.{}.'),
  ('head/', 'discs.1.conv.'),
)


def detector(tensors: Tensors) -> dict[str, Any]:
  """Variables of a KeypointDetector."""
  return translate(tensors, DETECTOR)


def motion_and_generator(tensors: Tensors) -> dict[str, Any]:
  """Variables under 'motion' and 'generator', as a Reenactor holds them."""
  return translate(tensors, GENERATOR)


def discriminator(tensors: Tensors) -> dict[str, Any]:
  """Variables of a Discriminator."""
  return translate(tensors, DISCRIMINATOR)
