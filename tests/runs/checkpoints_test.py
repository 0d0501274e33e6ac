import errno
import os
import signal
import subprocess
import sys
import time

import jax
import numpy as np
import optax
import pytest
from etils import epath
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.runs import checkpoints, devices, hosts, patience, workdirs


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
  monkeypatch.setattr(patience, 'PAUSES', (0.0, 0.0))


def network(width: int = 4, fill: float = 1.0):
  return {
    'params': {'conv': {'kernel': np.full((3, width), fill, np.float32)}},
    'batch_stats': {'mean': np.full(width, fill, np.float32)},
  }


def on_devices(tree):
  return jax.device_put(tree, devices.replicated(devices.mesh()))


def state(fill: float = 1.0):
  variables = network(fill=fill)
  optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(1e-3))
  opt_state = {'player': optimizer.init(variables['params'])}
  return on_devices({'reenactor': variables, 'optimizers': opt_state})


def config(keypoints: int = 15, steps: int = 10) -> ConfigDict:
  return ConfigDict(
    {
      'task': 'reenactment',
      'steps': steps,
      'model': {'detector': {'keypoints': keypoints}},
      'loss': {'perceptual_scales': (1.0, 0.5)},
    }
  )


@pytest.fixture
def workdir(tmp_path):
  """Steps 1 and 2 are saved, filled with their number."""
  workdirs.start_workdir(tmp_path, config())
  with checkpoints.Checkpoints(tmp_path, keep=2) as saved:
    saved.save(1, state(1.0))
    saved.save(2, state(2.0))
  return tmp_path


def damage(step_folder):
  """Cuts every file of a checkpoint's networks short."""
  for path in (step_folder / 'reenactor').rglob('*'):
    if path.is_file():
      os.truncate(path, path.stat().st_size // 2)


def test_what_is_restored_is_what_was_saved(workdir):
  with checkpoints.Checkpoints(workdir, keep=2) as saved:
    step, found = saved.restore(state(0.0))
  assert step == 2
  assert jax.tree.structure(found) == jax.tree.structure(state())
  jax.tree.map(np.testing.assert_array_equal, found, state(2.0))


def test_only_the_latest_are_kept(workdir):
  with checkpoints.Checkpoints(workdir, keep=2) as saved:
    saved.save(3, state())
  names = sorted(path.name for path in (workdir / 'checkpoints').iterdir())
  assert names == ['2', '3']


def test_a_network_is_read_alone_and_without_its_devices(workdir):
  read = checkpoints.read_network(workdir, 'reenactor')
  jax.tree.map(np.testing.assert_array_equal, read, network(fill=2.0))
  assert isinstance(read['params']['conv']['kernel'], np.ndarray)
  read = checkpoints.read_network(workdir, 'reenactor', step=1)
  assert read['batch_stats']['mean'][0] == 1


def test_an_average_is_read_instead_of_its_network_where_it_was_kept(
  workdir, tmp_path
):
  read = checkpoints.read_average(workdir, 'reenactor')
  assert read['batch_stats']['mean'][0] == 2
  networks = {
    'reenactor': network(fill=2.0),
    'reenactor' + checkpoints.AVERAGE: network(fill=3.0),
  }
  checkpoints.write_workdir(tmp_path / 'other', config(), networks)
  read = checkpoints.read_average(tmp_path / 'other', 'reenactor')
  assert read['batch_stats']['mean'][0] == 3


def test_another_network_is_named_by_its_first_difference(workdir):
  other = on_devices({'reenactor': network(width=5)})
  with (
    checkpoints.Checkpoints(workdir, keep=2) as saved,
    pytest.raises(UsageError, match=r'batch_stats\.mean is float32\[4\] there'),
  ):
    saved.restore(other)


def test_missing_and_unknown_parameters_are_named(workdir):
  other = network()
  other['params']['attention'] = other['params'].pop('conv')
  with (
    checkpoints.Checkpoints(workdir, keep=2) as saved,
    pytest.raises(UsageError, match=r'attention\.kernel is missing there') as e,
  ):
    saved.restore(on_devices({'reenactor': other}))
  assert 'conv.kernel is float32[3, 4] there, unknown' in str(e.value)


def test_a_config_of_another_network_is_refused_and_nothing_changes(workdir):
  with pytest.raises(UsageError, match=r'detector\.keypoints=15.* asks .*=10'):
    workdirs.start_workdir(workdir, config(keypoints=10))
  assert workdirs.read_config(workdir) == config()


def test_what_a_checkpoint_holds_are_its_items_not_the_files_beside_them(
  workdir,
):
  (workdir / 'checkpoints' / '2' / 'commit_success.txt').write_text('')
  names = checkpoints.network_names(workdir)
  assert names == {'reenactor', 'optimizers'}


def test_a_longer_run_is_no_other_network(workdir):
  workdirs.start_workdir(workdir, config(steps=99))
  assert workdirs.read_config(workdir) == config(steps=99)


def test_a_workdir_without_checkpoints_takes_any_network(tmp_path):
  workdirs.start_workdir(tmp_path, config())
  workdirs.start_workdir(tmp_path, config(keypoints=10))
  assert workdirs.read_config(tmp_path) == config(keypoints=10)


def test_a_damaged_checkpoint_gives_way_to_the_one_before(workdir):
  damage(workdir / 'checkpoints' / '2')
  read = checkpoints.read_network(workdir, 'reenactor')
  assert read['batch_stats']['mean'][0] == 1
  with checkpoints.Checkpoints(workdir, keep=2) as saved:
    assert saved.restore(state())[0] == 1
    saved.save(2, state(7.0))
  assert (workdir / 'damaged' / '2').exists()
  read = checkpoints.read_network(workdir, 'reenactor')
  assert read['batch_stats']['mean'][0] == 7


def test_when_all_are_damaged_nothing_is_trained_over_them(workdir):
  damage(workdir / 'checkpoints' / '1')
  damage(workdir / 'checkpoints' / '2')
  with (
    checkpoints.Checkpoints(workdir, keep=2) as saved,
    pytest.raises(UsageError, match='damaged'),
  ):
    saved.restore(state())
  with pytest.raises(UsageError, match='can be read'):
    checkpoints.read_network(workdir, 'reenactor')
  assert checkpoints.latest_step(workdir) == 2


def stale(*_):
  raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))


def no_memory(*_):
  raise MemoryError


def no_file_handle(*_):
  raise ValueError('RESOURCE_EXHAUSTED: Error opening "zarr" driver')


TROUBLES = [stale, no_memory, no_file_handle]


@pytest.mark.parametrize('trouble', TROUBLES)
def test_trouble_that_passes_changes_nothing(workdir, monkeypatch, trouble):
  whole, calls = checkpoints._read, []

  def fail_once(*args):
    calls.append(args)
    return (trouble if len(calls) == 1 else whole)(*args)

  monkeypatch.setattr(checkpoints, '_read', fail_once)
  with checkpoints.Checkpoints(workdir, keep=2) as saved:
    assert saved.restore(state())[0] == 2
  calls.clear()
  read = checkpoints.read_network(workdir, 'reenactor')
  assert read['batch_stats']['mean'][0] == 2
  assert not (workdir / 'damaged').exists()


@pytest.mark.parametrize('trouble', TROUBLES)
def test_trouble_that_stays_is_told_and_nothing_is_moved(
  workdir, monkeypatch, trouble
):
  monkeypatch.setattr(checkpoints, '_read', trouble)
  line = r'\A[^\n]*checkpoints/2 cannot be read now [^\n]*\Z'
  with (
    checkpoints.Checkpoints(workdir, keep=2) as saved,
    pytest.raises(UsageError, match=line),
  ):
    saved.restore(state())
  with pytest.raises(UsageError, match=line):
    checkpoints.read_network(workdir, 'reenactor')
  assert not (workdir / 'damaged').exists()
  assert checkpoints.latest_step(workdir) == 2


@pytest.mark.parametrize(
  'number', [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ESTALE, errno.EIO]
)
def test_what_cannot_be_written_is_told_with_the_last_whole_checkpoint(
  workdir, number
):
  line = rf'\A[^\n]*{os.strerror(number)}[^\n]*checkpoints/2\.[^\n]*\Z'
  with (
    checkpoints.Checkpoints(workdir, keep=2) as saved,
    pytest.raises(UsageError, match=line),
    saved.told_when_full(),
  ):
    raise OSError(number, os.strerror(number))


def test_what_lies_on_one_device_each_in_parts_is_restored_whole_and_back(
  tmp_path,
):
  mesh = devices.mesh()
  whole = jax.device_put(
    {'params': {'kernel': np.arange(64.0, dtype=np.float32).reshape(4, 16)}},
    devices.replicated(mesh),
  )
  parts = jax.device_put(whole, devices.divided(whole, mesh, 8))
  assert len(parts['params']['kernel'].addressable_shards[0].data[0]) == 4
  for number, (saved, wanted) in enumerate([(whole, parts), (parts, whole)]):
    with checkpoints.Checkpoints(tmp_path / str(number), keep=1) as kept:
      kept.save(1, {'network': saved})
      kept.wait()
      _, found = kept.restore({'network': wanted})
    kernel, like = (
      tree['params']['kernel'] for tree in (found['network'], wanted)
    )
    assert kernel.sharding == like.sharding
    np.testing.assert_array_equal(kernel, like)


@pytest.mark.parametrize('others', [{0, 1}, {0, 2}, {1, 2}])
def test_hosts_that_disagree_stop_and_move_nothing(
  workdir, monkeypatch, others
):
  damage(workdir / 'checkpoints' / '2')
  monkeypatch.setattr(hosts, 'gather', lambda _: others)
  with (
    checkpoints.Checkpoints(workdir, keep=2) as saved,
    pytest.raises(UsageError, match='checkpoints/2 cannot be read now'),
  ):
    saved.restore(state())
  assert not (workdir / 'damaged').exists()


def test_milestones_stay_beside_the_latest_checkpoints(tmp_path):
  with checkpoints.Checkpoints(tmp_path, keep=1, milestones=2) as saved:
    for step in range(1, 6):
      saved.save(step, state())
  found = workdirs.newest_first(workdirs.checkpoint_folder(tmp_path))
  assert [folder.name for folder in found] == ['5', '4', '2']


def test_the_place_in_the_data_is_no_less_insisted_on(workdir, monkeypatch):
  with checkpoints.Checkpoints(workdir, keep=2) as saved:
    saved.save(3, state(), {'examples': 24})
    saved.wait()
    assert saved.restore_position(3) == {'examples': 24}
    monkeypatch.setattr(saved._manager, 'restore', lambda *_, **__: stale())
    with pytest.raises(UsageError, match='3/position cannot be read now'):
      saved.restore_position(3)


@pytest.mark.parametrize(
  ('make', 'message'),
  [
    (lambda path: None, 'no such workdir'),
    (lambda path: path.mkdir(), 'no config.json'),
    (
      lambda path: (path.mkdir(), (path / 'config.json').write_text('{oops')),
      'cannot be read',
    ),
  ],
)
def test_what_is_no_workdir_is_told_in_one_line(tmp_path, make, message):
  make(tmp_path / 'w')
  with pytest.raises(UsageError, match=message) as error:
    workdirs.read_config(tmp_path / 'w')
  assert '\n' not in str(error.value)


def test_what_a_workdir_lacks_is_told_in_one_line(workdir, tmp_path):
  with pytest.raises(UsageError, match=r"no network 'depth', only optimizers,"):
    checkpoints.read_network(workdir, 'depth')
  with pytest.raises(UsageError, match='no checkpoint of step 5; the latest'):
    checkpoints.read_network(workdir, 'reenactor', step=5)
  (tmp_path / 'empty').mkdir()
  with pytest.raises(UsageError, match='holds no checkpoint'):
    checkpoints.read_network(tmp_path / 'empty', 'reenactor')


def test_a_written_workdir_reads_as_a_trained_one(tmp_path):
  checkpoints.write_workdir(tmp_path, config(), {'reenactor': network()})
  assert checkpoints.latest_step(tmp_path) == 0
  assert workdirs.read_config(tmp_path) == config()
  read = checkpoints.read_network(tmp_path, 'reenactor')
  jax.tree.map(np.testing.assert_array_equal, read, network())
  with checkpoints.Checkpoints(tmp_path, keep=2) as saved:
    step, found = saved.restore(state())
  assert step == 0
  assert list(found) == ['reenactor']
  with pytest.raises(UsageError, match='already'):
    checkpoints.write_workdir(tmp_path, config(), {'reenactor': network()})


SAVE_FOR_EVER = """
import sys
import numpy as np
from dagan_jax.runs.checkpoints import Checkpoints
large = np.random.default_rng(0).random(20_000_000)
with Checkpoints(sys.argv[1], keep=2) as saved:
  for step in range(1, 99):
    saved.save(step, {'reenactor': {'params': {'kernel': step * large}}})
    saved.wait()
"""


def test_a_process_killed_in_mid_save_leaves_the_last_complete_one(tmp_path):
  folder = tmp_path / 'checkpoints'
  process = subprocess.Popen([sys.executable, '-c', SAVE_FOR_EVER, tmp_path])
  while not list(folder.glob('2.orbax-checkpoint-tmp/*')):
    assert process.poll() is None
    time.sleep(0.001)
  process.send_signal(signal.SIGKILL)
  process.wait()
  assert list(folder.glob('2.*'))  # it was killed in mid-save
  assert checkpoints.latest_step(tmp_path) == 1
  like = {'params': {'kernel': np.zeros(20_000_000)}}
  read = checkpoints.read_network(tmp_path, 'reenactor')
  assert checkpoints.check_equal_shapes(read, like, 'it') is None
  with checkpoints.Checkpoints(tmp_path, keep=2) as saved:
    saved.save(2, state())
  assert sorted(path.name for path in folder.iterdir()) == ['1', '2']


def test_inference_needs_no_training_package():
  code = 'import sys, dagan_jax.runs.checkpoints; print(*sys.modules)'
  output = subprocess.run(
    [sys.executable, '-c', code], capture_output=True, text=True, check=True
  ).stdout.split()
  for package in ('tensorflow', 'tensorflow_datasets', 'clu', 'grain'):
    assert package not in output


def test_the_config_is_written_whole_or_not_at_all(workdir, monkeypatch):
  before = sorted(workdir.iterdir())

  def write_half(path, text):
    with path.open('w') as file:
      file.write(text[: len(text) // 2])
    raise KeyboardInterrupt

  with monkeypatch.context() as patch:
    patch.setattr(type(epath.Path(workdir)), 'write_text', write_half)
    with pytest.raises(KeyboardInterrupt):
      workdirs.start_workdir(workdir, config(steps=99))
  assert workdirs.read_config(workdir) == config()
  assert sorted(workdir.iterdir()) == before
