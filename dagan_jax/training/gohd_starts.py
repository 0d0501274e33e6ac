"""How runs of GoHD's parts start: with networks and faces that are given."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from absl import logging
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.runs import checkpoints
from dagan_jax.runs.fitting import fit
from dagan_jax.runs.workdirs import PathLike, read_config
from dagan_jax.tasks.gohd.judges import MEASURES
from dagan_jax.training.judges import begun_with, choose_judge, load_judge
from dagan_jax.weights.bfm import read_bfm
from data_pipelines.synthetic.head_family import head_family

Variables = dict[str, Any]
_FACE = 'face'


def place_fitting(
  config: ConfigDict, variables: dict[str, Variables]
) -> dict[str, Variables]:
  """Fresh networks, with all that fits of those in the workdir of a config.

  Raises:
    UsageError: the workdir `init.networks` holds none of them.
  """
  workdir = config.init.networks
  if not workdir:
    return variables
  held = checkpoints.network_names(workdir)
  wanted = {
    name
    for name in variables
    if name != _FACE and not name.endswith(checkpoints.AVERAGE)
  }
  if not wanted & held:
    raise UsageError(
      f'init.networks: {workdir} holds {", ".join(sorted(held))}, but no'
      f' {" or ".join(sorted(wanted))}'
    )
  placed = dict(variables)
  for name in sorted(wanted & held):
    given = checkpoints.read_average(workdir, name)
    placed[name], table = fit(given, variables[name])
    logging.info('%s from %s:\n%s', name, workdir, table)
  return placed


def place_mapper(
  config: ConfigDict, variables: dict[str, Variables]
) -> dict[str, Variables]:
  """Fresh networks of stage 1, with the face, and what a config gives.

  Raises:
    UsageError: one of them is not there, or does not fit.
  """
  placed = place_fitting(config, variables)
  return placed | {_FACE: _read_face(config, variables[_FACE])}


def place_expression(
  config: ConfigDict, variables: dict[str, Variables]
) -> dict[str, Variables]:
  """Fresh networks of stage 2, with stage 1's mapper, face, and what is given.

  Raises:
    UsageError: one of them is not there, or does not fit.
  """
  placed = place_mapper(config, variables)
  workdir, name = config.init.mapper, 'two_stage_expression'
  if not workdir:
    if not (config.learns_mapper or config.init.networks):
      logging.warning(
        'config.init.mapper is empty: the frozen mapper has RANDOM weights.'
        ' Give the workdir of a stage 1, or let it learn: config.learns_mapper'
      )
    return placed
  given = checkpoints.read_average(workdir, 'expression')
  network = placed[name]
  for collection in network:
    checkpoints.check_equal_shapes(
      given[collection],
      network[collection]['mapper'],
      f'{workdir}, {collection} of expression,',
    )
  mapped = {
    collection: {**tree, 'mapper': jax.tree.map(jnp.asarray, given[collection])}
    for collection, tree in network.items()
  }
  return placed | {name: mapped}


def choose_judges(config: ConfigDict, workdir: PathLike) -> ConfigDict:
  """The config of the animator with those who judge pictures in it.

  The perceptual loss is that of `judges.choose_judge`. Losses of expression,
  gaze and parts, for which `init.judges` holds no network, weigh nothing.

  Args:
    config: of the run.
    workdir: of the run; what it was begun with stays.

  Raises:
    UsageError: a judge is not here, or is none.
  """
  config = choose_judge(config, workdir).copy_and_resolve_references()
  where = config.init.judges or begun_with(workdir, 'judges')
  config.init.judges = where
  held = checkpoints.network_names(where) if where else set()
  for loss, name in MEASURES.items():
    if name in held:
      config.model.judges[name] = read_config(where).model[name]
    elif config.loss[loss]:
      config.loss[loss] = 0.0
      logging.info(
        'no %s loss: init.judges names no workdir with a network %r', loss, name
      )
  return config


def place_animator(
  config: ConfigDict, variables: dict[str, Variables]
) -> dict[str, Variables]:
  """Fresh networks of the animator, with judges and what a config gives.

  Raises:
    UsageError: one of them is not there, or does not fit.
  """
  judges = {'vgg', *MEASURES.values()} & variables.keys()
  learnt = {n: tree for n, tree in variables.items() if n not in judges}
  placed = place_fitting(config, learnt)
  for name in sorted(judges):
    if name == 'vgg':
      placed[name] = load_judge(config, variables[name])
      continue
    where = config.init.judges
    given = checkpoints.read_average(where, name)
    checkpoints.check_equal_shapes(given, variables[name], f'{where}, {name},')
    placed[name] = jax.tree.map(jnp.asarray, given)
  return placed


def _read_face(config: ConfigDict, fresh: Variables) -> Variables:
  """The landmarks that coefficients move, of the rendered heads or of BFM.

  A model of fewer coefficients moves nothing by the others.
  """
  face = read_bfm(config.init.face) if config.init.face else head_family()
  moves = face.expression[:, face.landmarks]
  expression = np.zeros(fresh['params']['expression'].shape, np.float32)
  expression[: len(moves)] = moves
  given = {'mean': face.mean[face.landmarks], 'expression': expression}
  return {'params': jax.tree.map(jnp.asarray, given)}
