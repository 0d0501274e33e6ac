"""What published networks are, by the names and shapes of their tensors."""

from collections.abc import Mapping
from typing import Any

from dagan_jax.console.errors import UsageError
from dagan_jax.models.vgg import PAPER_TAPS

Shapes = Mapping[str, tuple[int, ...]]
Model = dict[str, Any]

# Pixels of the pictures, and of what keypoints and motion are found in. Not in
# the files: all published reenactors take 64 of 256.
IMAGE_SIZE, MOTION_SIZE = 256, 64

# A name that only this kind of part has.
KINDS = {
  'gohd_animator': 'dec.direction.weight',
  'gohd_pose': 'residual_layers.0.diffusion_projection.weight',  # or gaze
  'gohd_two_stage_expression': 'control_encoder.0.weight',
  'lipsync_expert': 'face_encoder.0.conv_block.0.weight',
  'gohd_expression': 'mapping1.weight',
  'gohd_coefficients': 'final_layers.0.weight',
  'gohd_gaze_estimator': 'fc_yaw_gaze.weight',
  'gohd_face_parser': 'cp.resnet.conv1.weight',
  'generator': 'dense_motion_network.mask.weight',
  'kp_detector': 'kp.weight',
  'discriminator': 'discs.1.conv.weight',
  'encoder': 'encoder.conv1.weight',  # of face depth, or of the pose network
  'depth': 'decoder.0.conv.conv.weight',
  'pose': 'net.0.weight',
  'resnet': 'conv1.weight',
  'vgg': 'features.0.weight',
}

# Under which name, other than its kind's, a file may hold a part.
HOLDERS = {
  'gohd_animator': 'gen_pose',
  'gohd_two_stage_expression': 'state_dict_G',
  'gohd_expression': 'state_dict_G',
  'gohd_coefficients': 'net_recon',
}

_RESNETS = {  # blocks of the third layer, and whether they are bottlenecks
  (2, False): 18,
  (6, False): 34,
  (6, True): 50,
  (23, True): 101,
  (36, True): 152,
}


def kind_of(shapes: Shapes) -> str | None:
  """A row of KINDS, 'pose_encoder' or 'gohd_gaze'; None: no known part."""
  for kind, name in KINDS.items():
    if name in shapes:
      if kind == 'encoder' and _shape(shapes, name, 4)[1] == 6:
        return 'pose_encoder'  # sees two pictures
      gaze = 'input_projection.conv1d.weight'
      if kind == 'gohd_pose' and _shape(shapes, gaze, 3)[1] == 2:
        return 'gohd_gaze'
      return kind
  return None


def published_model() -> Model:
  """A whole `model` section: DaGAN as published, with ResNet-18 depth.

  Fields of which the files say nothing keep these values.
  """
  return {
    'depth': {'layers': 18, 'width': 64},
    'standardised_depth': False,
    'camera': {
      'backbone': 'conv7',
      'width': 16,
      'blocks': 7,
      'focal': 4.0,
      'intrinsics': 'given',
      'correlation': True,
      'size': 0,
      'pivot': 1.1,
      'uncertainty': True,
    },
    'detector': {
      'sees': 'rgbd',
      'keypoints': 15,
      'width': 32,
      'max_width': 1024,
      'blocks': 5,
      'size': MOTION_SIZE,
      'temperature': 0.1,
    },
    'guides': {
      'width': 0,
      'max_width': 1024,
      'blocks': 5,
      'size': MOTION_SIZE,
      'temperature': 0.1,
    },
    'motion': {
      'width': 64,
      'max_width': 1024,
      'blocks': 5,
      'size': MOTION_SIZE,
      'occlusions': 1,
      'align_corners': False,
      'kernel': 7,
      'finer_width': 0,
    },
    'generator': {
      'fusion': 'depth',
      'decoder': 'plain',
      'width': 64,
      'max_width': 512,
      'levels': 3,
      'residual_blocks': 6,
      'level_residual_blocks': 0,
      'pool_first': False,
      'depth_kv': 'deepest',
      'warp_depth': False,
      'align_corners': False,
      'blend': False,
      'attention': {
        'divisor': 8,
        'relu': True,
        'scaled': False,
        'gamma': True,
        'chunk': 512,
        'implementation': 'chunked',
      },
    },
    'discriminator': {
      'width': 64,
      'max_width': 512,
      'blocks': 4,
      'sees_keypoints': True,
    },
    'vgg': {'kind': 'vgg19', 'width': 64, 'taps': PAPER_TAPS},
  }


def reenactor_model(
  generator: Shapes, detector: Shapes, discriminator: Shapes | None
) -> Model:
  """The `model` section of a checkpoint; its depth network is not in it.

  Raises:
    UsageError: a tensor that tells of a width or a count is missing, or tells
      what no network has.
  """
  model = published_model()
  _read_detector(model['detector'], detector)
  _read_hourglass(
    model['motion'], generator, 'dense_motion_network.hourglass.', MOTION_SIZE
  )
  _read_generator(model['generator'], generator)
  keypoints = model['detector']['keypoints']
  motions = _shape(generator, KINDS['generator'], 4)[0]
  if motions != keypoints + 1:
    raise UsageError(
      f'its detector finds {keypoints} keypoints, its generator moves'
      f' {motions - 1}: are its parts from two checkpoints?'
    )
  if discriminator is not None:
    _read_discriminator(model['discriminator'], discriminator, keypoints)
  return model


def takes_depth(model: Model) -> bool:
  """Whether the reenactor is of no use without a face depth network."""
  return (
    model['detector']['sees'] != 'rgb' or model['generator']['fusion'] != 'none'
  )


def resnet_layers(shapes: Shapes, before: str = '') -> int:
  """18, 34, 50 and so on; each name is torchvision's behind `before`.

  Raises:
    UsageError: no ResNet has so many blocks.
  """
  bottleneck = f'{before}layer1.0.conv3.weight' in shapes
  blocks = _count(shapes, f'{before}layer3.{{}}.conv1.weight')
  layers = _RESNETS.get((blocks, bottleneck))
  if layers is None:
    raise UsageError(f'no ResNet has {blocks} blocks in its third layer')
  return layers


def depth_model(encoder: Shapes) -> dict[str, int]:
  """The `model.depth` section.

  Raises:
    UsageError: it is neither a ResNet-18 nor a ResNet-50.
  """
  layers = resnet_layers(encoder, 'encoder.')
  if layers not in (18, 50):
    raise UsageError(f'it is a ResNet-{layers}; face depth takes 18 or 50')
  width = _shape(encoder, KINDS['encoder'], 4)[0]
  return {'layers': layers, 'width': width}


def _read_detector(fields: dict[str, Any], shapes: Shapes) -> None:
  _read_hourglass(fields, shapes, 'predictor.', MOTION_SIZE)
  channels = _shape(shapes, 'predictor.encoder.down_blocks.0.conv.weight', 4)[1]
  sees = {1: 'depth', 3: 'rgb', 4: 'rgbd'}.get(channels)
  if sees is None:
    raise UsageError(f'its detector sees {channels} channels, not RGB or RGB-D')
  fields['sees'] = sees
  keypoints = fields['keypoints'] = _shape(shapes, KINDS['kp_detector'], 4)[0]
  jacobians = shapes.get('jacobian.weight', (4 * keypoints,))[0]
  if jacobians == 4 != 4 * keypoints:
    raise UsageError(
      'its detector has one Jacobian for all keypoints (single_jacobian_map, as'
      ' mgif-cpk.pth.tar): ours has one for each, and cannot take it'
    )


def _read_hourglass(
  fields: dict[str, Any], shapes: Shapes, before: str, size: int
) -> None:
  down = before + 'encoder.down_blocks.{}.conv.weight'
  blocks = _count(shapes, down)
  if not 0 < blocks < size.bit_length():
    raise UsageError(
      f'{before} has {blocks} blocks: {size} pixels allow 1 to 6'
    )
  last = f'{before}decoder.up_blocks.{blocks - 1}.conv.weight'
  width = _shape(shapes, last, 4)[0]
  widest = _shape(shapes, down.format(blocks - 1), 4)[0]
  fields['blocks'], fields['width'] = blocks, width
  fields['max_width'] = _max_width(fields['max_width'], widest, width << blocks)


def _read_generator(fields: dict[str, Any], shapes: Shapes) -> None:
  width = _shape(shapes, 'first.conv.weight', 4)[0]
  halvings = _count(shapes, 'down_blocks.{}.conv.weight')
  if not 0 < halvings < 9:
    raise UsageError(f'its generator halves the picture {halvings} times')
  deepest = _shape(shapes, f'down_blocks.{halvings - 1}.conv.weight', 4)[0]
  widest, unbound = deepest, width << halvings
  if 'decoder.fc.weight' in shapes:
    fields['decoder'] = 'spade'
    widest, unbound = _shape(shapes, 'decoder.fc.weight', 4)[0], 8 * width
  else:
    fields['residual_blocks'] = _count(shapes, 'bottleneck.r{}.conv1.weight')
  fields['width'], fields['levels'] = width, halvings + 1
  fields['max_width'] = _max_width(fields['max_width'], widest, unbound)
  if 'src_first.conv.weight' not in shapes:
    fields['fusion'] = 'none'
    return
  attention = fields['attention']
  narrow = _shape(shapes, 'AttnModule.query_conv.weight', 4)[0]
  if narrow != max(deepest // attention['divisor'], 1):
    attention['divisor'] = max(deepest // max(narrow, 1), 1)


def _read_discriminator(
  fields: dict[str, Any], shapes: Shapes, keypoints: int
) -> None:
  first = 'discs.1.down_blocks.0.conv.weight'
  width, channels = _shape(shapes, first, 4)[:2]
  blocks = _count(shapes, 'discs.1.down_blocks.{}.conv.weight')
  widest = _shape(shapes, 'discs.1.conv.weight', 4)[1]
  fields['width'], fields['blocks'] = width, blocks
  unbound = width << blocks - 1
  fields['max_width'] = _max_width(fields['max_width'], widest, unbound)
  if channels not in (3, 3 + keypoints):
    raise UsageError(
      f'its discriminator sees {channels} channels, not a picture with or'
      f' without {keypoints} keypoints: are its parts from two checkpoints?'
    )
  fields['sees_keypoints'] = channels > 3


def _max_width(published: int, widest: int, unbound: int) -> int:
  """The max_width of a network whose widest layer has `widest` channels.

  `unbound` is what that layer would have without a bound. Where the bound did
  not show, it is the published one, or more if the layer is wider.
  """
  return max(published, widest) if widest == unbound else widest


def _count(shapes: Shapes, name: str) -> int:
  """How many tensors of a numbered name there are, from 0 on without a gap."""
  count = 0
  while name.format(count) in shapes:
    count += 1
  return count


def _shape(shapes: Shapes, name: str, axes: int) -> tuple[int, ...]:
  """The shape of a tensor that must have so many axes.

  Raises:
    UsageError: there is no such tensor, or it has other axes.
  """
  if name not in shapes:
    raise UsageError(f'it has no tensor {name}')
  if len(shapes[name]) != axes or 0 in shapes[name]:
    raise UsageError(f'its {name} has the shape {list(shapes[name])}')
  return shapes[name]
