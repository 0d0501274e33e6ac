"""Names in the published face depth files, and in torchvision's ResNets."""

from typing import Any

from dagan_jax.weights.names.layouts import Tensors, translate

RESNET = (
  ('conv/', 'conv1.'),
  ('norm/', 'bn1.'),
  ('block_{}_{}/conv_{}/', 'layer{}.{}.conv{}.'),
  ('block_{}_{}/norm_{}/', 'layer{}.{}.bn{}.'),
  ('block_{}_{}/shortcut/', 'layer{}.{}.downsample.0.'),
  ('block_{}_{}/shortcut_norm/', 'layer{}.{}.downsample.1.'),
)
ENCODER = tuple((ours, f'encoder.{theirs}') for ours, theirs in RESNET)
DECODER = (
  ('conv_{}/', 'decoder.{}.conv.conv.'),
  ('head_0/', 'decoder.10.conv.'),
  ('head_1/', 'decoder.11.conv.'),
  ('head_2/', 'decoder.12.conv.'),
  ('head_3/', 'decoder.13.conv.'),
)


def resnet_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of a ResNet from torchvision's file; its classifier is left."""
  return translate(tensors, RESNET)


def face_depth_variables(encoder: Tensors, decoder: Tensors) -> dict[str, Any]:
  """Variables of a FaceDepth from the two files that hold it."""
  encoder_variables = translate(encoder, ENCODER)
  decoder_variables = translate(decoder, DECODER)
  return {
    'params': {
      'encoder': encoder_variables['params'],
      'decoder': decoder_variables['params'],
    },
    'batch_stats': {'encoder': encoder_variables['batch_stats']},
  }
