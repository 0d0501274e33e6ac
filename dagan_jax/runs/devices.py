"""Which devices a run uses, and how its arrays are laid out on them."""

from collections.abc import Mapping

import jax
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

AXIS = 'data'  # the mesh's only axis: the examples of a batch


def mesh() -> Mesh:
  """All devices of all hosts, in a row."""
  return jax.make_mesh(
    (jax.device_count(),), (AXIS,), axis_types=(AxisType.Auto,)
  )


def local_mesh() -> Mesh:
  """The devices of this host in a row, for what it does by itself."""
  return Mesh(np.array(jax.local_devices()), (AXIS,))


def replicated(mesh: Mesh) -> NamedSharding:
  """Every device holds the whole array: states, keys, metrics."""
  return NamedSharding(mesh, PartitionSpec())


def over_batch(mesh: Mesh) -> NamedSharding:
  """Each device holds its share of the first axis: batches."""
  return NamedSharding(mesh, PartitionSpec(AXIS))


def shard() -> tuple[int, int]:
  """This host's (index, count): which share of the data it reads."""
  return jax.process_index(), jax.process_count()


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


def local_share(array: jax.Array) -> np.ndarray:
  """This host's share 'b/hosts ...' of a global array 'b ...' of `put`."""
  shards = sorted(array.addressable_shards, key=lambda s: s.index[0].start or 0)
  return np.concatenate([np.asarray(shard.data) for shard in shards])
