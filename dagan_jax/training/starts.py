"""Networks that a task uses but does not learn, from where a config says."""

from typing import Any

import jax
import jax.numpy as jnp
from absl import logging

from dagan_jax.console.errors import UsageError
from dagan_jax.models.vgg import VGG
from dagan_jax.runs import checkpoints
from dagan_jax.runs.fitting import fit
from dagan_jax.weights.files.tensors import read_tensors
from dagan_jax.weights.names.face_depth import resnet_variables
from dagan_jax.weights.names.vgg import vgg_variables

Variables = dict[str, Any]


def load_depth(reenactor: Variables, workdir: str) -> Variables:
  """A reenactor's variables with the depth network of another workdir.

  Raises:
    UsageError: the workdir holds no such network, or one of another shape.
  """
  if not workdir:
    logging.warning(
      'config.init.depth is empty: the frozen depth network has RANDOM weights '
      'and its disparity means nothing. Give a workdir with a learnt one.'
    )
    return reenactor
  given = checkpoints.read_network(workdir, 'depth')
  merged = {}
  for collection, networks in reenactor.items():
    if collection not in given:
      raise UsageError(f'the depth network in {workdir} has no {collection}')
    checkpoints.check_equal_shapes(
      given[collection], networks['depth'], f'{workdir}, {collection} of depth,'
    )
    merged[collection] = {**networks, 'depth': given[collection]}
  return merged


def load_fitting(
  networks: dict[str, Variables], levels: int, workdir: str
) -> dict[str, Variables]:
  """Networks with all that fits of another workdir's; the log has a table.

  Levels of the generator are the same if they have the same size in what both
  have in common, counted from the deepest: a larger model's first level is new.

  Args:
    networks: 'reenactor' and what learns beside it.
    levels: of the reenactor's generator.
    workdir: of a reenactor of any size and kind.

  Raises:
    UsageError: the workdir holds no reenactor.
  """
  more = levels - checkpoints.read_config(workdir).model.generator.levels
  names = checkpoints.network_names(workdir)
  fitted = {}
  for name, network in networks.items():
    fitted[name] = network
    if name != 'reenactor' and name not in names:
      continue
    given = checkpoints.read_network(workdir, name)
    if name == 'reenactor':
      given = {
        collection: {**tree, 'generator': _deeper(tree['generator'], more)}
        for collection, tree in given.items()
      }
    fitted[name], table = fit(given, network)
    logging.info('%s from %s:\n%s', name, workdir, table)
  return fitted


def load_resnets(variables: Variables, path: str) -> Variables:
  """Stage 1's networks with encoders that start from torchvision's ResNet.

  The camera's encoder, if it is a ResNet, sees two frames: its first layer
  begins as half of the file's for each of them.

  Raises:
    UsageError: the file is not a ResNet with as many layers.
  """
  if not path:
    return variables
  encoder = jax.tree.map(jnp.asarray, resnet_variables(read_tensors(path)))
  started = {}
  for name, network in variables.items():
    started[name] = network
    if 'encoder' not in network['params']:
      continue
    fitting = encoder
    if name == 'camera_motion':
      kernel = encoder['params']['conv']['kernel']
      conv = {'kernel': jnp.concatenate([kernel, kernel], axis=2) / 2}
      fitting = {**encoder, 'params': {**encoder['params'], 'conv': conv}}
    started[name] = {
      collection: {**tree, 'encoder': fitting[collection]}
      for collection, tree in network.items()
    }
    checkpoints.check_equal_shapes(started[name], network, f'{path}, {name},')
  return started


def load_stage_1(variables: Variables, workdir: str) -> Variables:
  """Stage 1's networks, those that a workdir has replaced by its own.

  Raises:
    UsageError: the workdir holds no depth network, or one of another shape.
  """
  if not workdir:
    return variables
  names = {'depth'} | checkpoints.network_names(workdir) & variables.keys()
  given = {name: checkpoints.read_network(workdir, name) for name in names}
  for name, network in given.items():
    checkpoints.check_equal_shapes(
      network, variables[name], f'{workdir}, {name},'
    )
  return variables | jax.tree.map(jnp.asarray, given)


def load_vgg(vgg: VGG, path: str) -> Variables:
  """The judge of the perceptual loss; random but always the same without file.

  Raises:
    UsageError: the file is not torchvision's VGG-19, or the config's is narrow.
  """
  if path:
    if vgg.width != 64:
      raise UsageError(
        f"init.vgg needs VGG-19's width, model.vgg.width=64, not {vgg.width}"
      )
    variables = vgg_variables(read_tensors(path))
    return jax.tree.map(jnp.asarray, variables)
  logging.warning(
    'config.init.vgg is empty: the perceptual loss looks through a RANDOM VGG. '
    "It learns, but pictures get sharper with torchvision's vgg19 .pth or .npz."
  )
  image = jnp.zeros((1, 32, 32, 3))
  return jax.jit(vgg.init)(jax.random.key(0), image)


def _deeper(generator: Variables, more: int) -> Variables:
  """The blocks that halve resolution, renamed as in a generator so much deeper.

  They are counted from the finest level, all others from the deepest.
  """

  def renamed(name):
    kind, _, number = name.rpartition('down_')
    return f'{kind}down_{int(number) + more}' if number.isdigit() else name

  return {
    renamed(name) if 'down_' in name else name: tree
    for name, tree in generator.items()
  }
