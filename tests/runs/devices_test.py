import jax
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.runs import devices

CLUSTER = (
  'JAX_COORDINATOR_ADDRESS',
  'SLURM_NTASKS',
  'OMPI_COMM_WORLD_SIZE',
  'TPU_WORKER_HOSTNAMES',
  'MEGASCALE_COORDINATOR_ADDRESS',
)


@pytest.fixture
def joined(monkeypatch):
  """The arguments with which this process joined a cluster."""
  calls = []
  for name in CLUSTER:
    monkeypatch.delenv(name, raising=False)
  monkeypatch.setattr(
    jax.distributed, 'initialize', lambda *args: calls.append(args)
  )
  return calls


def test_a_batch_is_split_over_devices_and_a_state_is_not():
  mesh = devices.mesh()
  batch = devices.put({'source': np.arange(8.0)}, mesh)
  shards = [s.data.tolist() for s in batch['source'].addressable_shards]
  assert shards == [[0, 1], [2, 3], [4, 5], [6, 7]]
  state = jax.device_put(np.arange(8.0), devices.replicated(mesh))
  assert all(len(s.data) == 8 for s in state.addressable_shards)


def test_this_host_reads_all_of_the_data():
  assert devices.shard() == (0, 1)


def test_a_machine_by_itself_joins_nothing(joined, monkeypatch):
  monkeypatch.setenv('SLURM_NTASKS', '1')
  monkeypatch.setenv('TPU_WORKER_HOSTNAMES', 'localhost')
  devices.start()
  assert joined == []


@pytest.mark.parametrize(
  ('name', 'value'),
  [('SLURM_NTASKS', '2'), ('TPU_WORKER_HOSTNAMES', 'one,two')],
)
def test_a_launcher_of_many_is_joined(joined, monkeypatch, name, value):
  monkeypatch.setenv(name, value)
  devices.start()
  assert joined == [()]


def test_a_cluster_can_be_described_by_hand(joined, monkeypatch):
  monkeypatch.setenv('JAX_COORDINATOR_ADDRESS', 'host:1234')
  with pytest.raises(UsageError, match='JAX_NUM_PROCESSES'):
    devices.start()
  monkeypatch.setenv('JAX_NUM_PROCESSES', '2')
  monkeypatch.setenv('JAX_PROCESS_ID', '1')
  devices.start()
  assert joined == [('host:1234', 2, 1)]


def test_workers_of_the_data_pipeline_join_nothing(joined, monkeypatch):
  monkeypatch.setenv('SLURM_NTASKS', '2')
  monkeypatch.setattr(
    devices.multiprocessing, 'parent_process', lambda: 'the loop'
  )
  devices.start()
  assert joined == []
