"""However many devices share a run, it learns the same."""

import json
import os
import subprocess
import sys

import numpy as np

TRAIN = """
import json, sys
import jax
import numpy as np
from dagan_jax.runs import devices
from dagan_jax.tasks import TASKS
from dagan_jax.training import loop
from tests.support import tiny
from tests.tasks.reenactment.task_test import batch

config = tiny.config()
task = TASKS[config.task](config)
fresh = jax.jit(task.init)(jax.random.key(0), batch(8))
rows = {}
for count, least in ((1, 0), (2, 0), (8, 0), (8, 100)):
  mesh = jax.sharding.Mesh(jax.devices()[:count], (devices.AXIS,))
  layout = devices.divided(fresh, mesh, least)
  state = jax.device_put(jax.tree.map(np.asarray, fresh), layout)
  step, losses = loop.jitted_step(task, mesh, layout), []
  key = devices.random_key(0, mesh)
  for number in range(2):
    state, update = step(key, state, devices.put(batch(8), mesh))
    found = {name: float(x) for name, x in update.compute().items()}
    losses.append(found)
    if not number:
      stats = state.variables['reenactor']['batch_stats']
      stats = [np.asarray(x).tolist() for x in jax.tree.leaves(stats)]
  held = [x.addressable_shards[0].data for x in jax.tree.leaves(state)]
  rows[f'{count} {least}'] = {
    'losses': losses,
    'statistics': stats,
    'held': sum(x.nbytes for x in held),
  }
json.dump(rows, sys.stdout)
"""


# Statistics are those of the first step. A bias before a batch norm changes no
# loss and its gradient is rounding alone, but Adam makes whole steps of it,
# and running means follow. Gradients, too, are those of the first step, and
# losses those of both, which tell what came of it: gradients jump where a
# pixel looks across the middle of its neighbour, and after some steps rounding
# alone decides which side of it a pixel is on.
def test_up_to_eight_devices_learn_what_one_does_with_divided_networks_too():
  ended = subprocess.run(
    [sys.executable, '-c', TRAIN],
    capture_output=True,
    text=True,
    env=os.environ | {'JAX_NUM_CPU_DEVICES': '8'},
  )
  assert ended.returncode == 0, ended.stderr
  rows = json.loads(ended.stdout)
  alone = rows.pop('1 0')
  for count, row in rows.items():
    found, truth = _comparable(row), _comparable(alone)
    assert found.keys() == truth.keys()
    for name in truth:
      np.testing.assert_allclose(
        found[name],
        truth[name],
        rtol=1e-5,
        atol=1e-5,
        err_msg=f'{count}: {name}',
      )
  assert rows['8 0']['held'] == alone['held']
  # Few of such narrow networks' arrays have an axis that eight can share.
  assert rows['8 100']['held'] < 0.8 * alone['held']


def _comparable(row):
  """What does not hang on rounding: numbers by name."""
  first, second = row['losses']
  later = {
    f'second {name}': value
    for name, value in second.items()
    if not name.startswith('gradient_norm')
  }
  statistics = {
    f'statistics {number}': value
    for number, value in enumerate(row['statistics'])
  }
  return first | later | statistics
