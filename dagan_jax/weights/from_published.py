"""Builds our networks from published files, each tensor checked."""

import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.models.dagan.discriminator import Discriminator
from dagan_jax.models.dagan.reenactor import build_reenactor
from dagan_jax.models.face_depth.network import FaceDepth
from dagan_jax.weights import detect, export
from dagan_jax.weights.expected import zeros_of
from dagan_jax.weights.from_gohd import build_gohd, is_gohd
from dagan_jax.weights.names.face_depth import face_depth_variables
from dagan_jax.weights.names.reenactment import (
  detector_variables,
  discriminator_variables,
  generator_variables,
)
from dagan_jax.weights.names.vgg import vgg_kind
from dagan_jax.weights.published import (
  ANOTHER_MODEL,
  Published,
  check_tensors,
  list_unused,
  name_file,
  shapes_of,
)
from dagan_jax.weights.workdirs import Networks

_POSE = (
  'of the pose network, left out: it turns heads around the camera and looks'
  ' beside the picture, ours do neither'
)
_LEFT_OUT = {
  'pose_encoder': _POSE,
  'pose': _POSE,
  'lipsync_expert': "Wav2Lip's judge of lips, left out: it animates nothing",
}


def build_networks(published: Published) -> Networks | None:
  """What a workdir of the files holds; None: they are no part of a workdir.

  Prints what was found, and what of it is not used.

  Raises:
    UsageError: a part is missing, or a tensor is not as in the network that the
      others tell of.
  """
  _print_others(published)
  parts = published.parts
  if is_gohd(published):
    return build_gohd(published)
  if 'generator' in parts or 'kp_detector' in parts:
    model, variables = _build_reenactor(published)
    task, sampler = 'reenactment', 'pairs'
  elif 'discriminator' in parts:
    raise UsageError(
      f'{published.files["discriminator"]} holds a discriminator and nothing'
      ' that animates: give the whole checkpoint'
    )
  elif 'encoder' in parts or 'depth' in parts:
    model = detect.published_model()
    model['depth'], depth = _build_depth(published)
    variables = {'depth': depth}
    task, sampler = 'face_depth', 'neighbours'
    print(f'face depth: {_describe_depth(model["depth"])}')
  else:
    return None
  unused = list_unused(published)
  if unused:
    print(f'not used: {"; ".join(unused)}')
  data = {'image_size': detect.IMAGE_SIZE, 'sampler': sampler, 'views': 2}
  config = ConfigDict({'task': task, 'model': model, 'data': data})
  variables = {name: _make_contiguous(tree) for name, tree in variables.items()}
  return Networks(config, variables, published.remainder)


def _print_others(published: Published) -> None:
  """Says of the files that no workdir holds what they are good for."""
  parts, files = published.parts, published.files
  if 'resnet' in parts:
    layers = detect.resnet_layers(shapes_of(parts['resnet']))
    print(
      f"{files['resnet']}: torchvision's ResNet-{layers}, which training takes"
      f' as it is: --config.init.resnet={files["resnet"]}'
    )
  if 'vgg' in parts:
    kind = vgg_kind(parts['vgg']).replace('vgg', 'VGG-')
    print(
      f"{files['vgg']}: torchvision's {kind}, which training takes as it is:"
      f' --config.init.vgg={files["vgg"]}'
    )
  for part, reason in _LEFT_OUT.items():
    if part in parts:
      print(f'{files[part]}: {reason}')


def _build_reenactor(
  published: Published,
) -> tuple[detect.Model, dict[str, Any]]:
  """The `model` section, and the variables of each network."""
  parts, files = published.parts, published.files
  for name, other in (
    ('generator', 'kp_detector'),
    ('kp_detector', 'generator'),
  ):
    if name not in parts:
      raise UsageError(
        f'{files[other]} holds a {other} and no {name} that is known: give the'
        ' whole checkpoint, of DaGAN, its SPADE variant or FOMM'
      )
  file, discriminator = files['generator'], parts.get('discriminator')
  export.check_antialias(published.remainder, file)
  with name_file(file):
    model = detect.reenactor_model(
      shapes_of(parts['generator']),
      shapes_of(parts['kp_detector']),
      None if discriminator is None else shapes_of(discriminator),
    )
  if detect.takes_depth(model):
    if not {'encoder', 'depth'} & parts.keys():
      raise UsageError(
        f'{file} is a DaGAN and takes a face depth network, which it does not'
        ' hold: add --depth=FOLDER, with encoder.pth and depth.pth'
      )
    model['depth'], depth = _build_depth(published)
  else:
    model['depth']['layers'] = 0
    if {'encoder', 'depth'} & parts.keys():
      print('the face depth network is left out: FOMM takes none')
  print(_describe(model))

  _check_reenactor(published, model)
  detector = detector_variables(parts['kp_detector'])
  rest = generator_variables(parts['generator'])
  variables = {
    name: {**rest[name], 'detector': detector[name]}
    for name in ('params', 'batch_stats')
  }
  networks = {'reenactor': variables}
  if model['depth']['layers']:
    networks['depth'] = depth
    for name, tree in variables.items():
      tree['depth'] = depth[name]
  if discriminator is not None:
    networks['discriminator'] = _build_discriminator(published, model)
  return model, networks


def _check_reenactor(published: Published, model: detect.Model) -> None:
  """Compares generator and detector with what the model would have."""
  image = _image()
  with name_file(published.files['generator']):
    expected = zeros_of(build_reenactor(model).init, image, image)
    spade = model['generator']['decoder'] == 'spade'
    for name, tensors in export.reenactor_parts(expected, spade).items():
      check_tensors(
        f'its {name}', published.parts[name], tensors, ANOTHER_MODEL
      )


def _build_discriminator(
  published: Published, model: detect.Model
) -> dict[str, Any]:
  tensors = published.parts['discriminator']
  network = Discriminator(**model['discriminator'])
  points = (1, model['detector']['keypoints'], 2)
  with name_file(published.files['discriminator']):
    expected = zeros_of(
      network.init, _image(), jax.ShapeDtypeStruct(points, jnp.float32)
    )
    check_tensors(
      'its discriminator',
      tensors,
      export.discriminator_part(expected),
      ANOTHER_MODEL,
    )
  return discriminator_variables(tensors)


def _build_depth(published: Published) -> tuple[dict[str, int], dict[str, Any]]:
  """The `model.depth` section, and the variables of a FaceDepth."""
  parts, files = published.parts, published.files
  for name, other in (('encoder', 'depth'), ('depth', 'encoder')):
    if name not in parts:
      raise UsageError(
        f'{files[other]} is half of a face depth network: {name}.pth is the'
        ' other one; pass their folder'
      )
  with name_file(files['encoder']):
    fields = detect.depth_model(shapes_of(parts['encoder']))
    network = functools.partial(FaceDepth(**fields).init, train=False)
    expected = export.depth_parts(zeros_of(network, _image()))
    check_tensors(
      'the encoder', parts['encoder'], expected['encoder'], ANOTHER_MODEL
    )
  with name_file(files['depth']):
    guess = ANOTHER_MODEL
    seen = parts['depth'][detect.KINDS['depth']].shape[1:2]
    width = fields['width']
    other = {(8 * width,): 18, (32 * width,): 50}.get(seen)
    if other not in (None, fields['layers']):
      guess = (
        f'this depth network is a ResNet-{other}; {files["encoder"]} holds a'
        f' ResNet-{fields["layers"]}: pass the folder where both are from'
      )
    check_tensors('the decoder', parts['depth'], expected['depth'], guess)
  return fields, face_depth_variables(parts['encoder'], parts['depth'])


def _image() -> jax.ShapeDtypeStruct:
  size = detect.IMAGE_SIZE
  return jax.ShapeDtypeStruct((1, size, size, 3), jnp.float32)


def _make_contiguous(variables: Mapping[str, Any]) -> dict[str, Any]:
  """Each array in one piece of memory, and no collection that is empty."""
  return {
    collection: jax.tree.map(np.ascontiguousarray, tree)
    for collection, tree in variables.items()
    if tree
  }


def _describe_depth(depth: Mapping[str, int]) -> str:
  return f'ResNet-{depth["layers"]}, width {depth["width"]}'


def _describe(model: detect.Model) -> str:
  """Says in a line which network was found."""
  generator, detector = model['generator'], model['detector']
  kind = 'DaGAN'
  if not detect.takes_depth(model):
    kind = 'FOMM'
  elif generator['decoder'] == 'spade':
    kind = 'SPADE-DaGAN'
  words = [
    kind,
    f'{detector["keypoints"]} keypoints',
    f'found in {detector["sees"].upper().replace("RGBD", "RGB-D")}',
    f'generator of width {generator["width"]}',
  ]
  if model['depth']['layers']:
    words.append(f'face depth of {_describe_depth(model["depth"])}')
  return ', '.join(words)
