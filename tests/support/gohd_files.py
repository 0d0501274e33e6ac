"""Files laid out as those of GoHD, of few features, with weights by rule."""

import os
import re
from collections.abc import Callable, Sequence

import numpy as np

from dagan_jax.weights.from_gohd import build_gohd
from dagan_jax.weights.published import Published
from dagan_jax.weights.workdirs import write_networks
from tests.reference import recorded as dagan
from tests.reference.gohd import recorded, rule

WIDTH = 32  # of the animator's features
BLOCKS = 3  # of the denoisers


def animator() -> dict[str, np.ndarray]:
  """The published animator has 16 times the features."""
  return _scaled('animator', lambda n: n // 16 if n >= 64 and n != 72 else n)


def denoiser(network: str) -> dict[str, np.ndarray]:
  """That of 'pose' or 'gaze', of BLOCKS blocks.

  The published ones have 20, and 16 times the features.
  """
  wide = {256, 512, 768, 1024}
  tensors = _scaled(network, lambda n: n // 16 if n in wide else n)
  block = re.compile(r'residual_layers\.(\d+)\.')
  return {
    name: x
    for name, x in tensors.items()
    if not (found := block.match(name)) or int(found[1]) < BLOCKS
  }


def coefficients() -> dict[str, np.ndarray]:
  """Deep3D's regressor, of a sixteenth of its features."""
  counts = (80, 64, 80, 3, 27, 2, 1)
  heads = {}
  for i, count in enumerate(counts):
    heads[f'final_layers.{i}.weight'] = [count, 128, 1, 1]
    heads[f'final_layers.{i}.bias'] = [count]
  return _made('coefficients', {**_resnet('backbone.'), **heads})


def gaze_estimator() -> dict[str, np.ndarray]:
  """L2CS-Net, of a sixteenth of its features."""
  heads = {}
  for name, shape in (
    ('fc_yaw_gaze', [90, 128]),
    ('fc_pitch_gaze', [90, 128]),
    ('fc_finetune', [3, 131]),
  ):
    heads[f'{name}.weight'] = shape
    heads[f'{name}.bias'] = shape[:1]
  return _made('gaze_estimator', {**_resnet(''), **heads})


def face_parser(divide: int = 16) -> dict[str, np.ndarray]:
  """BiSeNet of 19 parts, of a sixteenth of its features."""
  return _made('face_parser', parser_shapes(divide))


def parser_shapes(divide: int = 1) -> dict[str, list[int]]:
  """Shapes of the published file, or of one of fewer features."""
  width = 64 // divide
  narrow, wide = 2 * width, 4 * width
  before, shapes = 'cp.resnet.', {}

  def add(name: str, norm: str, features: int, seen: int, size: int) -> None:
    shapes[f'{name}.weight'] = [features, seen, size, size]
    for part in ('weight', 'bias', 'running_mean', 'running_var'):
      shapes[f'{norm}.{part}'] = [features]
    shapes[f'{norm}.num_batches_tracked'] = []

  add(f'{before}conv1', f'{before}bn1', width, 3, 7)
  seen = width
  for layer in range(1, 5):
    features = width << layer - 1
    for block in range(2):
      at = f'{before}layer{layer}.{block}.'
      add(f'{at}conv1', f'{at}bn1', features, seen, 3)
      add(f'{at}conv2', f'{at}bn2', features, features, 3)
      if seen != features:
        add(f'{at}downsample.0', f'{at}downsample.1', features, seen, 1)
      seen = features
  for scale, seen in ((16, wide), (32, 2 * wide)):
    at = f'cp.arm{scale}.'
    add(f'{at}conv.conv', f'{at}conv.bn', narrow, seen, 3)
    add(f'{at}conv_atten', f'{at}bn_atten', narrow, narrow, 1)
    at = f'cp.conv_head{scale}.'
    add(f'{at}conv', f'{at}bn', narrow, narrow, 3)
  add('cp.conv_avg.conv', 'cp.conv_avg.bn', narrow, 2 * wide, 1)
  add('ffm.convblk.conv', 'ffm.convblk.bn', wide, wide, 1)
  shapes['ffm.conv1.weight'] = [width, wide, 1, 1]
  shapes['ffm.conv2.weight'] = [wide, width, 1, 1]
  for at, middle, seen in (
    ('conv_out', wide, wide),
    ('conv_out16', width, narrow),
    ('conv_out32', width, narrow),
  ):
    add(f'{at}.conv.conv', f'{at}.conv.bn', middle, seen, 3)
    shapes[f'{at}.conv_out.weight'] = [19, middle, 1, 1]
  return shapes


def tensors(name: str) -> dict[str, np.ndarray]:
  """Those of a published file, by the network's name in a workdir."""
  match name:
    case 'pose' | 'gaze':
      return denoiser(name)
    case 'expression' | 'two_stage_expression':
      return recorded.tensors(name.removesuffix('_expression'))
  return globals()[name]()


PUBLISHED = (
  'animator',
  'pose',
  'gaze',
  'expression',
  'coefficients',
  'gaze_estimator',
  'face_parser',
)


def workdir(path: os.PathLike, names: Sequence[str] = PUBLISHED) -> str:
  """A workdir of some networks, as `convert` makes it."""
  parts = {f'gohd_{name}': tensors(name) for name in names}
  published = Published(parts, {part: part for part in parts}, {}, [])
  write_networks(str(path), build_gohd(published))
  return str(path)


def wrapped(name: str, tensors: dict[str, np.ndarray]) -> dict:
  """The contents of a published file, by the network's name in a workdir."""
  if name == 'animator':
    return {'gen_pose': tensors, 'd_optim': {'state': {}}}
  if name in ('pose', 'gaze'):
    return {'model': tensors}
  if name in ('expression', 'two_stage_expression'):
    before = {f'module.{key}': value for key, value in tensors.items()}
    return {'state_dict_G': before}
  if name == 'coefficients':
    return {'net_recon': tensors, 'opt_00': {'lr': 1e-4}}
  return tensors


def _resnet(before: str) -> dict[str, list[int]]:
  """Shapes of a ResNet-50 without its classifier."""
  shapes = dagan.manifest()['networks']['depth_encoder_resnet50']
  return {
    before + name.removeprefix('encoder.'): [
      n // 16 if n >= 64 else n for n in shape
    ]
    for name, shape in shapes.items()
    if '.fc.' not in name
  }


def _scaled(network: str, scale: Callable[[int], int]) -> dict[str, np.ndarray]:
  shapes = {
    name: [scale(n) for n in shape]
    for name, shape in recorded.manifest()[network].items()
  }
  return _made(network, shapes)


def _made(network: str, shapes: dict) -> dict[str, np.ndarray]:
  return {
    name: rule.tensor(network, name, shape) for name, shape in shapes.items()
  }
