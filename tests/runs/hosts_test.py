from dagan_jax.runs import hosts
from tests.support.processes import run_together

HOST = """
import sys
import numpy as np
from dagan_jax.runs import devices, hosts
from dagan_jax.runs.joining import together


@together
def tell():
  index, count = devices.shard()
  assert hosts.gather_texts('é' * (3 + index)) == ['ééé', 'éééé']
  assert hosts.from_first(index) == 0
  assert hosts.gather(index) == {0, 1}
  share = np.array([10 * index, 10 * index + 1])
  found = hosts.collect({'x': share}, devices.mesh())
  assert found['x'].tolist() == [0, 1, 10, 11]
  placed = devices.put({'x': share}, devices.mesh())['x']
  assert devices.local_share(placed).tolist() == share.tolist()


tell()
"""


def test_hosts_tell_one_another():
  for ended in run_together(HOST, 2):
    assert ended.code == 0, ended.told


def test_a_host_by_itself_tells_itself():
  assert hosts.gather_texts('a') == ['a']
  assert hosts.from_first((1,)) == [1]
  assert hosts.gather(3) == {3}
