"""Names in the published files of GoHD."""

from typing import Any

import numpy as np

from dagan_jax.weights.names.layouts import Tensors, translate

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


def denoiser_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of a Denoiser, of poses or gazes."""
  return translate(
    {
      name: _squeeze(name, tensor)
      for name, tensor in tensors.items()
      if not name.endswith('.slopes')  # fixed: `position_bias.head_slopes`
    },
    DENOISER,
  )


def mapper_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of an ExpressionMapper."""
  return translate(tensors, MAPPER)


def two_stage_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of a TwoStageExpression."""
  plain = {
    name: tensor
    for name, tensor in tensors.items()
    if not name.startswith('lstm.')
  }
  for layer in range(2):
    parts = {
      name: np.split(tensors[f'lstm.{name}_l{layer}'], len(_GATES))
      for name in ('weight_ih', 'weight_hh', 'bias_ih', 'bias_hh')
    }
    for i, gate in enumerate(_GATES):
      before = f'lstm.{layer}'
      plain[f'{before}.i{gate}.weight'] = parts['weight_ih'][i]
      plain[f'{before}.h{gate}.weight'] = parts['weight_hh'][i]
      # Ours has one bias, which stands for the sum of both.
      bias = parts['bias_ih'][i] + parts['bias_hh'][i]
      plain[f'{before}.h{gate}.bias'] = bias
  return translate(plain, TWO_STAGE)


def _squeeze(name: str, tensor: np.ndarray) -> np.ndarray:
  """Without the axes of size 1 that a layer of ours does not have."""
  if '.conv1d.' in name and tensor.ndim == 3:
    return tensor[..., 0]
  if '.position_scorer.' in name:
    return tensor[0, ..., 0, 0]
  return tensor
