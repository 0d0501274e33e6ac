"""Which devices a run uses, and how its arrays are laid out on them."""

from collections.abc import Mapping
from typing import Any

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


def divided(tree: Any, mesh: Mesh, least: int) -> Any:
  """For each array how it lies on a mesh that shares out the large ones.

  An array of `least` numbers or more is divided along its longest axis of those
  that all devices can share evenly. All others are whole on every device, as
  all are where `least` is 0.

  Args:
    tree: of arrays, or of their shapes.
    mesh: of all devices.
    least: numbers.
  """

  def lay_out(array):
    axes = [n for n, size in enumerate(array.shape) if size % mesh.size == 0]
    if not least or array.size < least or not axes:
      return replicated(mesh)
    longest = max(axes, key=lambda n: array.shape[n])
    return NamedSharding(mesh, PartitionSpec(*[None] * longest, AXIS))

  return jax.tree.map(lay_out, tree)


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
