"""Names in the published files of GoHD."""

from typing import Any

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.names.face_depth import RESNET
from dagan_jax.weights.names.layouts import Tensors, is_unused, translate

_BLOCK = 'residual_layers.{}.'
_PART = f'{_BLOCK}nn.attention_blocks.{{}}.'
DENOISER = (
  ('input/', 'input_projection.conv1d.'),
  ('step_{}/', 'diffusion_embedding.projection{}.'),
  ('block_{}/step/', f'{_BLOCK}diffusion_projection.'),
  ('block_{}/condition/', f'{_BLOCK}local_cond_projection.'),
  ('block_{}/output/', f'{_BLOCK}output_projection.conv1d.'),
  (
    'block_{}/conformer/block_{}/attention/position/',
    f'{_PART}attn.position_scorer.',
  ),
  ('block_{}/conformer/block_{}/attention/', f'{_PART}attn.'),
  ('block_{}/conformer/block_{}/feed_{}/', f'{_PART}ff.linear_{{}}.'),
  ('block_{}/conformer/block_{}/feed_{}/', f'{_PART}ff.conv_{{}}.'),
  ('block_{}/conformer/block_{}/', _PART),
  ('block_{}/conformer/', f'{_BLOCK}nn.'),
  ('skip/', 'skip_projection.conv1d.'),
  ('output/', 'output_projection.conv1d.'),
)


MAPPER = (
  ('audio_encoder/conv_{}/', 'audio_encoder.{}.conv_block.0.'),
  ('audio_encoder/norm_{}/', 'audio_encoder.{}.conv_block.1.'),
  ('mapping/', 'mapping1.'),
)
TWO_STAGE = (
  *((f'mapper/{ours}', f'simplewarpper.{theirs}') for ours, theirs in MAPPER),
  ('eyes/encoder_{}/', 'control_encoder.{}.'),
  ('eyes/lstm_{}/', 'lstm.{}.'),
  ('eyes/output_{}/', 'output.{}.'),
)
_GATES = 'ifgo'  # of an LSTM, in PyTorch's order
_LSTM = ('weight_ih', 'weight_hh', 'bias_ih', 'bias_hh')


_SFT = ('scale', 'shift')
ANIMATOR = (
  ('appearance/first/', 'enc.net_app.convs.0.0.'),
  ('appearance/first/', 'enc.net_app.convs.0.1.'),
  ('appearance/block_{}/conv1/', 'enc.net_app.convs.{}.conv1.0.'),
  ('appearance/block_{}/conv1/', 'enc.net_app.convs.{}.conv1.1.'),
  ('appearance/block_{}/conv2/', 'enc.net_app.convs.{}.conv2.1.'),
  ('appearance/block_{}/conv2/', 'enc.net_app.convs.{}.conv2.2.'),
  ('appearance/block_{}/skip/', 'enc.net_app.convs.{}.skip.1.'),
  ('appearance/identity/', 'enc.net_app.convs.7.'),
  ('motion/first/', 'enc.semantics_enc.first.0.'),
  ('motion/conv_{}/', 'enc.semantics_enc.encoder{}.1.'),
  ('magnitude_{}/', 'enc.fc.{}.'),
  ('codebook', 'dec.direction.codebook'),
  ('decoder/', 'dec.input.'),
  ('decoder/first/conv/', 'dec.conv1.conv.'),
  ('decoder/first/', 'dec.conv1.activate.'),
  ('decoder/conv_{}/conv/', 'dec.convs.{}.conv.'),
  ('decoder/conv_{}/', 'dec.convs.{}.activate.'),
  ('decoder/to_flow_{}/', 'dec.to_flows.{}.'),
  ('decoder/to_rgb_{}/conv/', 'dec.to_rgbs.{}.conv.0.'),
  ('decoder/to_rgb_{}/conv/', 'dec.to_rgbs.{}.conv.1.'),
  ('decoder/to_rgb_{}/', 'dec.to_rgbs.{}.'),
  *(
    (f'decoder/sft_{{}}/{ours}', f'dec.sft.{{}}.{theirs}')
    for name in _SFT
    for ours, theirs in (
      (f'{name}1/conv/', f'{name}1.conv.'),
      (f'{name}1/', f'{name}1.activate.'),
      (f'{name}2/', f'{name}2.'),
    )
  ),
)
COEFFICIENTS = (
  *((f'backbone/{ours}', f'backbone.{theirs}') for ours, theirs in RESNET),
  ('head_{}/', 'final_layers.{}.'),
)
GAZE_ESTIMATOR = (
  ('yaw/', 'fc_yaw_gaze.'),
  ('pitch/', 'fc_pitch_gaze.'),
  *((f'backbone/{ours}', theirs) for ours, theirs in RESNET),
)

FACE_PARSER = (
  *((f'backbone/{ours}', f'cp.resnet.{theirs}') for ours, theirs in RESNET),
  *(
    (f'{ours}/{mine}/', f'{theirs}.{name}.')
    for ours, theirs in (
      ('refine_{}/layer', 'cp.arm{}.conv'),
      ('head_{}', 'cp.conv_head{}'),
      ('whole', 'cp.conv_avg'),
      ('fuse', 'ffm.convblk'),
      ('last', 'conv_out.conv'),
    )
    for mine, name in (('conv', 'conv'), ('norm', 'bn'))
  ),
  ('refine_{}/attention/', 'cp.arm{}.conv_atten.'),
  ('refine_{}/attention_norm/', 'cp.arm{}.bn_atten.'),
  ('fuse_less/', 'ffm.conv1.'),
  ('fuse_more/', 'ffm.conv2.'),
  ('score/', 'conv_out.conv_out.'),
)


def denoiser_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of a Denoiser, of poses or gazes."""
  return translate(_squeeze(tensors), DENOISER)


def animator_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of a FaceAnimator."""
  return translate(_squeeze(tensors), ANIMATOR)


def mapper_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of an ExpressionMapper."""
  return translate(tensors, MAPPER)


def coefficients_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of a FaceCoefficients."""
  return translate(_squeeze(tensors), COEFFICIENTS)


def gaze_estimator_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of a GazeEstimator."""
  return translate(tensors, GAZE_ESTIMATOR)


def face_parser_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of a FaceParser."""
  return translate(tensors, FACE_PARSER)


def two_stage_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of a TwoStageExpression.

  Raises:
    UsageError: a tensor of its LSTM is missing.
  """
  plain = {
    name: tensor
    for name, tensor in tensors.items()
    if not name.startswith('lstm.')
  }
  for layer in range(2):
    for name in _LSTM:
      if f'lstm.{name}_l{layer}' not in tensors:
        raise UsageError(f'it has no tensor lstm.{name}_l{layer}')
    parts = {
      name: np.split(tensors[f'lstm.{name}_l{layer}'], len(_GATES))
      for name in _LSTM
    }
    for i, gate in enumerate(_GATES):
      before = f'lstm.{layer}'
      plain[f'{before}.i{gate}.weight'] = parts['weight_ih'][i]
      plain[f'{before}.h{gate}.weight'] = parts['weight_hh'][i]
      # Ours has one bias, which stands for the sum of both.
      bias = parts['bias_ih'][i] + parts['bias_hh'][i]
      plain[f'{before}.h{gate}.bias'] = bias
  return translate(plain, TWO_STAGE)


def _squeeze(tensors: Tensors) -> dict[str, np.ndarray]:
  """What is used, with the axes that layers of ours have."""
  squeezed = {}
  for name, tensor in tensors.items():
    if is_unused(name):
      continue
    if '.conv1d.' in name and tensor.ndim == 3:  # a convolution of one frame
      tensor = tensor.squeeze(-1)
    elif '.position_scorer.' in name:
      tensor = tensor.squeeze()
    elif name == 'dec.direction.weight':  # no product's weight, but a parameter
      name = 'dec.direction.codebook'
    elif name == 'dec.input.input':
      tensor = np.moveaxis(tensor.squeeze(0), 0, -1)
    elif tensor.ndim == 5:  # a modulated convolution's
      tensor = tensor.squeeze(0)
    elif tensor.ndim == 4 and name.endswith('bias'):
      tensor = tensor.squeeze((0, 2, 3))
    elif name.startswith('final_layers.') and tensor.ndim == 4:
      tensor = tensor.squeeze((2, 3))  # a convolution of one pixel
    squeezed[name] = tensor
  return squeezed
