"""Names in the published files of DaGAN and FOMM."""

from typing import Any

from dagan_jax.weights.names.layouts import Tensors, translate

DETECTOR = (
  ('hourglass/down_{}/', 'predictor.encoder.down_blocks.{}.'),
  ('hourglass/up_{}/', 'predictor.decoder.up_blocks.{}.'),
  ('heatmap/', 'kp.'),
  ('jacobian/', 'jacobian.'),
)
# The decoder of the generator's SPADE variant, and no other, is called so.
SPADE_NAMES = ('decoder.', 'module.decoder.')

# The published generator holds the dense motion network.
_MOTION = 'dense_motion_network'
_BEFORE_DECODER = (
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
  ('generator/enhance_0/to_query/', 'AttnModule.query_conv.'),
  ('generator/enhance_0/to_key/', 'AttnModule.key_conv.'),
  ('generator/enhance_0/to_value/', 'AttnModule.value_conv.'),
  ('generator/enhance_0/gamma', 'AttnModule.gamma'),
)
GENERATOR = (
  *_BEFORE_DECODER,
  ('generator/decode_features/residual_{}/', 'bottleneck.r{}.'),
  ('generator/decode_features/up_{}/', 'up_blocks.{}.'),
  ('generator/decode_features/final/', 'final.'),
)
SPADE_GENERATOR = (
  *_BEFORE_DECODER,
  *(
    (
      f'generator/decode_features/{ours}_{{}}/norm_{{}}/{part}/',
      f'decoder.{theirs}_{{}}.norm_{{}}.{published}.',
    )
    for ours, theirs in (('middle', 'G_middle'), ('up', 'up'))
    for part, published in (
      ('shared', 'mlp_shared.0'),
      ('gamma', 'mlp_gamma'),
      ('beta', 'mlp_beta'),
    )
  ),
  ('generator/decode_features/compress/', 'decoder.compress.'),
  ('generator/decode_features/fc/', 'decoder.fc.'),
  ('generator/decode_features/middle_{}/', 'decoder.G_middle_{}.'),
  ('generator/decode_features/up_{}/', 'decoder.up_{}.'),
  ('generator/decode_features/final/', 'decoder.conv_img.'),
)
DISCRIMINATOR = (
  ('down_{}/', 'discs.1.down_blocks.{}.'),
  ('head/', 'discs.1.conv.'),
)


def detector_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of a KeypointDetector."""
  return translate(tensors, DETECTOR)


def generator_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables under 'motion' and 'generator', as a Reenactor holds them."""
  spade = any(name.startswith(SPADE_NAMES) for name in tensors)
  return translate(tensors, SPADE_GENERATOR if spade else GENERATOR)


def discriminator_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of a Discriminator."""
  return translate(tensors, DISCRIMINATOR)
