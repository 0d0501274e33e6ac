import jax
import numpy as np

from dagan_jax.runs import devices


def test_a_batch_is_split_over_devices_and_a_state_is_not():
  mesh = devices.mesh()
  batch = devices.put({'source': np.arange(8.0)}, mesh)
  shards = [s.data.tolist() for s in batch['source'].addressable_shards]
  assert shards == [[0, 1], [2, 3], [4, 5], [6, 7]]
  state = jax.device_put(np.arange(8.0), devices.replicated(mesh))
  assert all(len(s.data) == 8 for s in state.addressable_shards)


def test_this_host_reads_all_of_the_data():
  assert devices.shard() == (0, 1)


def test_large_arrays_are_divided_along_their_longest_even_axis():
  mesh = devices.mesh()
  shapes = {'kernel': (3, 3, 8, 20), 'odd': (5, 7, 9), 'bias': (8,)}
  tree = {name: np.zeros(shape) for name, shape in shapes.items()}
  for least, held in ((60, (3, 3, 8, 5)), (0, (3, 3, 8, 20))):
    placed = jax.device_put(tree, devices.divided(tree, mesh, least))
    found = {
      name: x.addressable_shards[0].data.shape for name, x in placed.items()
    }
    assert found == {**shapes, 'kernel': held}
