"""Published weights to a workdir of ours, and a workdir's to PyTorch's names.

Everything is read, compared and translated in memory; then it is written.
Beside `config.json` and the checkpoint, the workdir has `published.npz`: the
tensors that no network here has a place for, so that the way back is exact.
"""

import contextlib
import functools
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.models.dagan.discriminator import Discriminator
from dagan_jax.models.dagan.reenactor import build_reenactor
from dagan_jax.models.face_depth.network import FaceDepth
from dagan_jax.runs import checkpoints
from dagan_jax.weights import detect, export
from dagan_jax.weights.conversion_outputs import (
  Networks,
  check_new,
  torch_files,
  write_safetensors,
  write_torch_files,
  write_workdir,
)
from dagan_jax.weights.files.archives import read_npz
from dagan_jax.weights.names.face_depth import face_depth_variables
from dagan_jax.weights.names.reenactment import (
  detector_variables,
  discriminator_variables,
  generator_variables,
)
from dagan_jax.weights.names.vgg import vgg_variables
from dagan_jax.weights.published import (
  Published,
  check_tensors,
  read_published,
  shapes_of,
  summary,
)

REMAINDER = 'published.npz'
_NETWORKS = ('reenactor', 'discriminator', 'depth', 'camera_motion')
_PUBLISHED_MODEL = 'this is no network of the published shapes'


def convert_files(
  sources: Sequence[str],
  depth: str | None = None,
  to: str | None = None,
  to_torch: str | None = None,
  safetensors: str | None = None,
) -> None:
  """From files to files: what the command line does with its flags.

  Prints what was found, what of it is not used, and every path written.

  Raises:
    UsageError: a file cannot be read or is of no known network, or an output
      exists already.
  """
  outputs = [path for path in (to, to_torch, safetensors) if path]
  if not outputs:
    raise UsageError('nothing to write: add --to=WORKDIR, or --to_torch=FILE')
  check_new(outputs)
  if _is_workdir(sources[0]):
    if len(sources) > 1 or depth or to:
      raise UsageError(
        f'{sources[0]} is a workdir already: give it alone, with --to_torch or'
        ' --safetensors'
      )
    networks = _opened(sources[0])
  else:
    published = read_published([*sources, *([depth] if depth else [])])
    networks = _converted(published)
    if networks is None:
      return
  files = torch_files(networks, to_torch) if to_torch else {}
  if to:
    write_workdir(to, networks, REMAINDER)
    print(to)
  if to_torch:
    write_torch_files(to_torch, files)
    print(to_torch)
  if safetensors:
    write_safetensors(safetensors, networks)
    print(safetensors)


def _is_workdir(path: str) -> bool:
  return (pathlib.Path(path) / 'config.json').is_file()


def _opened(workdir: str) -> Networks:
  """The networks of the latest checkpoint."""
  config = checkpoints.read_config(workdir)
  names = checkpoints.network_names(workdir)
  variables = {
    name: checkpoints.read_network(workdir, name)
    for name in _NETWORKS
    if name in names
  }
  remainder, kept = {}, pathlib.Path(workdir) / REMAINDER
  if kept.exists():
    try:
      remainder = read_npz(str(kept))
    except Exception as error:  # whatever breaks it
      raise UsageError(
        f'{kept} is damaged: remove it, and what it held is made up'
      ) from error
  return Networks(config, variables, remainder)


def _converted(published: Published) -> Networks | None:
  """Prints what was found; None: nothing that a workdir is made of."""
  _tell_of_others(published)
  parts = published.parts
  if 'generator' in parts or 'kp_detector' in parts:
    model, variables = _reenactor(published)
    task, sampler = 'reenactment', 'pairs'
  elif 'discriminator' in parts:
    raise UsageError(
      f'{published.files["discriminator"]} holds a discriminator and nothing'
      ' that animates: give the whole checkpoint'
    )
  elif 'encoder' in parts or 'depth' in parts:
    model = detect.published_model()
    model['depth'], depth = _depth(published)
    variables = {'depth': depth}
    task, sampler = 'face_depth', 'neighbours'
    print(f'face depth: {_in_words(model["depth"])}')
  else:
    return None
  unused = summary(published)
  if unused:
    print(f'not used: {"; ".join(unused)}')
  data = {'image_size': detect.IMAGE_SIZE, 'sampler': sampler, 'views': 2}
  config = ConfigDict({'task': task, 'model': model, 'data': data})
  variables = {name: _whole(tree) for name, tree in variables.items()}
  return Networks(config, variables, published.remainder)


def _tell_of_others(published: Published) -> None:
  """Of files that become no network of a workdir."""
  parts, files = published.parts, published.files
  if 'resnet' in parts:
    layers = detect.resnet_layers(shapes_of(parts['resnet']))
    print(
      f"{files['resnet']}: torchvision's ResNet-{layers}, which training takes"
      f' as it is: --config.init.resnet={files["resnet"]}'
    )
  if 'vgg' in parts:
    vgg_variables(parts['vgg'])
    print(
      f"{files['vgg']}: torchvision's VGG-19, which training takes as it is:"
      f' --config.init.vgg={files["vgg"]}'
    )
  for part in ('pose_encoder', 'pose'):
    if part in parts:
      print(
        f'{files[part]}: of the pose network, left out: it turns heads around'
        ' the camera and looks beside the picture, ours do neither'
      )


def _reenactor(published: Published) -> tuple[detect.Model, dict[str, Any]]:
  """The model section, and the variables of each network."""
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
  file, judge = files['generator'], parts.get('discriminator')
  export.check_antialias(published.remainder, file)
  with _about(file):
    model = detect.reenactor_model(
      shapes_of(parts['generator']),
      shapes_of(parts['kp_detector']),
      None if judge is None else shapes_of(judge),
    )
  if detect.takes_depth(model):
    if not {'encoder', 'depth'} & parts.keys():
      raise UsageError(
        f'{file} is a DaGAN and takes a face depth network, which it does not'
        ' hold: add --depth=FOLDER, with encoder.pth and depth.pth'
      )
    model['depth'], depth = _depth(published)
  else:
    model['depth']['layers'] = 0
    if {'encoder', 'depth'} & parts.keys():
      print('the face depth network is left out: FOMM takes none')
  print(_described(model))

  reenactor = build_reenactor(model)
  image = _image()
  with _about(file):
    expected = _shapes(reenactor.init, image, image)
    spade = model['generator']['decoder'] == 'spade'
    for name, tensors in export.reenactor_parts(expected, spade).items():
      check_tensors(f'its {name}', parts[name], tensors, _PUBLISHED_MODEL)
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
  if judge is not None:
    networks['discriminator'] = _discriminator(published, model)
  return model, networks


def _discriminator(published: Published, model: detect.Model) -> dict[str, Any]:
  tensors = published.parts['discriminator']
  network = Discriminator(**model['discriminator'])
  points = (1, model['detector']['keypoints'], 2)
  with _about(published.files['discriminator']):
    expected = _shapes(
      network.init, _image(), jax.ShapeDtypeStruct(points, jnp.float32)
    )
    check_tensors(
      'its discriminator',
      tensors,
      export.discriminator_part(expected),
      _PUBLISHED_MODEL,
    )
  return discriminator_variables(tensors)


def _depth(published: Published) -> tuple[dict[str, int], dict[str, Any]]:
  """The `model.depth` section, and the variables of a FaceDepth."""
  parts, files = published.parts, published.files
  for name, other in (('encoder', 'depth'), ('depth', 'encoder')):
    if name not in parts:
      raise UsageError(
        f'{files[other]} is half of a face depth network: {name}.pth is the'
        ' other one; pass their folder'
      )
  with _about(files['encoder']):
    fields = detect.depth_model(shapes_of(parts['encoder']))
    network = functools.partial(FaceDepth(**fields).init, train=False)
    expected = export.depth_parts(_shapes(network, _image()))
    check_tensors(
      'the encoder', parts['encoder'], expected['encoder'], _PUBLISHED_MODEL
    )
  with _about(files['depth']):
    guess = _PUBLISHED_MODEL
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


@contextlib.contextmanager
def _about(file: str) -> Iterator[None]:
  """Names the file in what goes wrong."""
  try:
    yield
  except UsageError as error:
    raise UsageError(f'{file}: {error}') from error
  except (TypeError, ValueError, ZeroDivisionError) as error:
    reason = str(error).partition('\n')[0][:200]
    raise UsageError(f'{file}: {_PUBLISHED_MODEL}: {reason}') from error


def _image() -> jax.ShapeDtypeStruct:
  size = detect.IMAGE_SIZE
  return jax.ShapeDtypeStruct((1, size, size, 3), jnp.float32)


def _shapes(init, *inputs: jax.ShapeDtypeStruct) -> Any:
  """Variables as arrays that take no memory."""
  return jax.tree.map(
    lambda leaf: np.broadcast_to(np.zeros((), leaf.dtype), leaf.shape),
    jax.eval_shape(init, jax.random.key(0), *inputs),
  )


def _whole(variables: Mapping[str, Any]) -> dict[str, Any]:
  """Arrays in one piece; collections that hold nothing are left out."""
  return {
    collection: jax.tree.map(np.ascontiguousarray, tree)
    for collection, tree in variables.items()
    if tree
  }


def _in_words(depth: Mapping[str, int]) -> str:
  return f'ResNet-{depth["layers"]}, width {depth["width"]}'


def _described(model: detect.Model) -> str:
  """What was detected, in a line."""
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
    words.append(f'face depth of {_in_words(model["depth"])}')
  return ', '.join(words)
