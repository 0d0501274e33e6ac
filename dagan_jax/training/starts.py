"""How a run starts: a fresh state, and in it the networks that a config gives.

What may be given, and where it goes, is each task's own: a row of `STARTS`.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from absl import logging
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.runs import checkpoints
from dagan_jax.runs.fitting import fit
from dagan_jax.runs.workdirs import PathLike
from dagan_jax.tasks.face_depth.heads import scale_heads
from dagan_jax.tasks.task import Batch, Task, TrainState
from dagan_jax.training.gohd_starts import (
  choose_judges,
  place_animator,
  place_expression,
  place_fitting,
  place_mapper,
)
from dagan_jax.training.judges import choose_judge, load_judge
from dagan_jax.weights.boxed import is_box, open_trained
from dagan_jax.weights.boxed_depth import read_depth_box
from dagan_jax.weights.files.tensors import read_tensors
from dagan_jax.weights.names.face_depth import resnet_variables

Variables = dict[str, Any]


class Start(NamedTuple):
  """What the fields `config.init` of a task mean.

  `model` and `stage_1` name one of them: the workdir whose model a config takes
  that has none of its own, and the workdir of a stage that was trained before.
  `choose` fills in what a config leaves open, given the run's own workdir.
  """

  place: Callable[[ConfigDict, dict[str, Variables]], dict[str, Variables]]
  model: str = ''
  stage_1: str = ''
  choose: Callable[[ConfigDict, PathLike], ConfigDict] | None = None


def make_state(config: ConfigDict, task: Task, batch: Batch) -> TrainState:
  """The state before the first step; `batch` shows the shapes.

  Raises:
    UsageError: a network that the config gives is not there, or does not fit.
  """
  state = jax.jit(task.init)(jax.random.key(config.seed), batch)
  if config.task in STARTS:
    variables = STARTS[config.task].place(config, state.variables)
    state = state.replace(variables=variables)
  return start_averages(state, task.saved)


def start_averages(state: TrainState, names: Iterable[str]) -> TrainState:
  """The state with the running averages among `names` at their networks."""
  averages = {
    name: jax.tree.map(
      jnp.copy, state.variables[name.removesuffix(checkpoints.AVERAGE)]
    )
    for name in names
    if name.endswith(checkpoints.AVERAGE)
  }
  return state.replace(variables=state.variables | averages)


def take_model(config: ConfigDict) -> ConfigDict:
  """The config, or, if its model is empty, with that of the workdir it names.

  The size of the pictures belongs to the model.

  Raises:
    UsageError: no workdir is named, or it cannot be read.
  """
  start = STARTS.get(config.task)
  if config.model or start is None or not start.model:
    return config
  workdir = config.init[start.model]
  if not workdir:
    raise UsageError(
      'the config has no model of its own: name the workdir, or the box, of a'
      f' trained or converted one, --config.init.{start.model}=WORKDIR'
    )
  given = open_trained(workdir).config
  config = config.copy_and_resolve_references()
  config.model = given.model
  config.data.image_size = given.data.image_size
  return config


def choose_given(config: ConfigDict, workdir: PathLike) -> ConfigDict:
  """The config with all that is given to the run named in it.

  What the workdir was begun with stays, so that a run goes on as it was.

  Raises:
    UsageError: what the run was begun with is not here any more.
  """
  start = STARTS.get(config.task)
  if start is None or start.choose is None:
    return config
  return start.choose(config, workdir)


def place_in_reenactment(
  config: ConfigDict, variables: dict[str, Variables]
) -> dict[str, Variables]:
  """Fresh networks of stage 2, those that `config.init` gives replaced.

  Raises:
    UsageError: one of them is not there, or does not fit.
  """
  init, model = config.init, config.model
  placed = dict(variables)
  if init.reenactor:
    learnt = {name: variables[name] for name in ('reenactor', 'discriminator')}
    placed |= load_fitting(learnt, model.generator.levels, init.reenactor)
  if model.depth.layers and (init.depth or not init.reenactor):
    placed['reenactor'] = load_depth(placed['reenactor'], init.depth)
  if 'vgg' in variables:
    placed['vgg'] = load_judge(config, variables['vgg'])
  return placed


def place_in_face_depth(
  config: ConfigDict, variables: dict[str, Variables]
) -> dict[str, Variables]:
  """Fresh networks of stage 1, those that `config.init` gives replaced.

  Raises:
    UsageError: one of them is not there, or does not fit.
  """
  variables = load_resnets(variables, config.init.resnet)
  placed = load_stage_1(variables, config.init.depth)
  if 'given_depth' in placed:
    # A copy, for a step gives the memory of what it is given to what it makes.
    placed['given_depth'] = jax.tree.map(jnp.copy, placed['depth'])
  if config.init.depth:
    placed['depth'] = scale_heads(placed['depth'], config.heads)
  return placed


def place_in_imitation(
  config: ConfigDict, variables: dict[str, Variables]
) -> dict[str, Variables]:
  """A trained reenactor but for its motion, and that beside it, as a teacher.

  Raises:
    UsageError: it is not there, or is another network in more than its motion.
  """
  given = open_trained(config.init.reenactor).variables
  taught = variables['reenactor']
  placed = {
    collection: {**given[collection], 'motion': networks['motion']}
    for collection, networks in taught.items()
  }
  teacher = {name: networks['motion'] for name, networks in given.items()}
  for found, expected, name in (
    (placed, taught, 'all but motion'),
    (teacher, variables['teacher'], 'motion'),
  ):
    checkpoints.check_equal_shapes(
      found, expected, f'{config.init.reenactor}, {name},'
    )
  return {**variables, 'reenactor': placed, 'teacher': teacher}


def choose_teacher(config: ConfigDict, workdir: PathLike) -> ConfigDict:
  """The config with the motion network of `init.reenactor` as the teacher.

  Raises:
    UsageError: none is named, it cannot be read, or it tells of other places
      than what is to be learnt.
  """
  del workdir
  if not config.init.reenactor:
    raise UsageError(
      "task 'imitation' needs a teacher: --config.init.reenactor=WORKDIR, or a"
      ' box, whose motion is imitated'
    )
  teacher = open_trained(config.init.reenactor).config.model.motion
  for field in ('size', 'occlusions', 'align_corners'):
    if teacher[field] != config.model.motion[field]:
      raise UsageError(
        f'model.motion.{field} is {config.model.motion[field]}: that of'
        f' {config.init.reenactor}, which is imitated, is {teacher[field]}'
      )
  config = config.copy_and_resolve_references()
  with config.unlocked():
    config.model.teacher = teacher
  return config


STARTS = {
  'face_depth': Start(place_in_face_depth),
  'gohd_animator': Start(place_animator, choose=choose_judges),
  'gohd_diffusion': Start(place_fitting),
  'gohd_expression': Start(place_expression, stage_1='mapper'),
  'gohd_mapper': Start(place_mapper),
  'imitation': Start(place_in_imitation, choose=choose_teacher),
  'reenactment': Start(
    place_in_reenactment,
    model='reenactor',
    stage_1='depth',
    choose=choose_judge,
  ),
}


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
    workdir: of a reenactor of any size and kind; or its box, which holds
      nothing beside it.

  Raises:
    UsageError: the workdir holds no reenactor.
  """
  trained = open_trained(workdir)
  more = levels - trained.config.model.generator.levels
  given = {
    'reenactor': {
      collection: {**tree, 'generator': _deeper(tree['generator'], more)}
      for collection, tree in trained.variables.items()
    }
  }
  if not is_box(workdir):
    for name in networks.keys() & checkpoints.network_names(workdir):
      given.setdefault(name, checkpoints.read_average(workdir, name))
  fitted = dict(networks)
  for name in networks.keys() & given.keys():
    fitted[name], table = fit(given[name], networks[name])
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

  The workdir may be a box of depth, as the one that the package brings.

  Raises:
    UsageError: it holds no depth network, or one of another shape.
  """
  if not workdir:
    return variables
  if is_box(workdir):
    given = read_depth_box(workdir).variables
  else:
    names = {'depth'} | checkpoints.network_names(workdir) & variables.keys()
    given = {name: checkpoints.read_network(workdir, name) for name in names}
  for name, network in given.items():
    checkpoints.check_equal_shapes(
      network, variables[name], f'{workdir}, {name},'
    )
  return variables | jax.tree.map(jnp.asarray, given)


def _deeper(generator: Variables, more: int) -> Variables:
  """The blocks that halve resolution, renamed as in a generator so much deeper.

  They are counted from the finest level, all others from the deepest.
  """

  def rename(name):
    kind, _, number = name.rpartition('down_')
    return f'{kind}down_{int(number) + more}' if number.isdigit() else name

  return {
    rename(name) if 'down_' in name else name: tree
    for name, tree in generator.items()
  }
