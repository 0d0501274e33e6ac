"""Which devices a run uses, and how its arrays are laid out on them."""

import multiprocessing
import os
from collections.abc import Mapping

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from dagan_jax.console.errors import UsageError

AXIS = 'data'  # the mesh's only axis: the examples of a batch

# Set by the launchers whose processes jax.distributed finds by itself.
_LAUNCHED = ('SLURM_NTASKS', 'OMPI_COMM_WORLD_SIZE')
_TPU_HOSTS = 'TPU_WORKER_HOSTNAMES'


def start() -> None:
  """Joins the other hosts of a run, if there are any; else does nothing.

  Must come before anything touches a device. A cluster is one of: the variables
  JAX_COORDINATOR_ADDRESS, JAX_NUM_PROCESSES and JAX_PROCESS_ID; more than one
  task of SLURM or Open MPI; more than one host of a Cloud TPU slice.
  Worker processes of the data pipeline never join.
  """
  if multiprocessing.parent_process() is not None:
    return
  if jax.distributed.is_initialized():
    return
  environment = os.environ
  if 'JAX_COORDINATOR_ADDRESS' in environment:
    try:
      count = int(environment['JAX_NUM_PROCESSES'])
      index = int(environment['JAX_PROCESS_ID'])
    except (KeyError, ValueError):
      raise UsageError(
        'JAX_COORDINATOR_ADDRESS is set: JAX_NUM_PROCESSES and JAX_PROCESS_ID'
        ' must be numbers beside it'
      ) from None
    jax.distributed.initialize(
      environment['JAX_COORDINATOR_ADDRESS'], count, index
    )
  elif (
    any(environment.get(name, '1') != '1' for name in _LAUNCHED)
    or ',' in environment.get(_TPU_HOSTS, '')
    or 'MEGASCALE_COORDINATOR_ADDRESS' in environment
  ):
    jax.distributed.initialize()


def mesh() -> Mesh:
  """All devices of all hosts, in a row."""
  return jax.make_mesh(
    (jax.device_count(),), (AXIS,), axis_types=(AxisType.Auto,)
  )


def replicated(mesh: Mesh) -> NamedSharding:
  """Every device holds the whole array: states, keys, metrics."""
  return NamedSharding(mesh, PartitionSpec())


def over_batch(mesh: Mesh) -> NamedSharding:
  """Each device holds its share of the first axis: batches."""
  return NamedSharding(mesh, PartitionSpec(AXIS))


def shard() -> tuple[int, int]:
  """This host's (index, count): which share of the data it reads."""
  return jax.process_index(), jax.process_count()


def gather(value: int) -> set[int]:
  """What all hosts give; each must ask, and none goes on before all did."""
  if jax.process_count() == 1:
    return {value}
  return set(multihost_utils.process_allgather(np.int32(value)).tolist())


def random_key(seed: int, mesh: Mesh) -> jax.Array:
  """The same random key on every device of every host."""
  make = jax.jit(lambda: jax.random.key(seed), out_shardings=replicated(mesh))
  return make()


def put(batch: Mapping[str, np.ndarray], mesh: Mesh) -> dict[str, jax.Array]:
  """This host's share 'b/hosts ...' of a batch -> global arrays 'b ...'."""
  sharding = over_batch(mesh)
  return {
    name: jax.make_array_from_process_local_data(sharding, value)
    for name, value in batch.items()
  }
