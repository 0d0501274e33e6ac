import jax
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.runs import joining, launchers
from dagan_jax.runs.launchers import Seat


@pytest.fixture
def joined(monkeypatch):
  """The arguments with which this process called the roll and joined."""
  calls = []
  monkeypatch.setattr(
    joining, 'call_roll', lambda *args, **_: calls.append(args)
  )
  monkeypatch.setattr(
    jax.distributed, 'initialize', lambda *args, **_: calls.append(args)
  )
  return calls


def test_a_machine_by_itself_joins_nothing(joined, monkeypatch):
  monkeypatch.setattr(joining, 'find_seat', lambda: None)
  joining.join()
  assert joined == []


def test_the_roll_is_called_before_jax_joins(joined, monkeypatch):
  monkeypatch.setattr(joining, 'find_seat', lambda: Seat('me', 'a:1', 2, 1))
  monkeypatch.setattr(jax, 'process_count', lambda: 2)
  joining.join()
  assert joined == [('a:1', 2, 1), ('a:1', 2, 1)]


def test_devices_of_another_number_of_processes_are_refused(
  joined, monkeypatch
):
  monkeypatch.setattr(joining, 'find_seat', lambda: Seat('me', 'a:1', 8, 1))
  with pytest.raises(UsageError, match=r'counts 8 processes, .* belong to 1'):
    joining.join()


def test_workers_of_the_data_pipeline_join_nothing(joined, monkeypatch):
  monkeypatch.setattr(joining, 'find_seat', lambda: pytest.fail('asked'))
  monkeypatch.setattr(
    joining.multiprocessing, 'parent_process', lambda: 'the loop'
  )
  joining.join()
  assert joined == []


def test_a_host_of_a_pod_that_nobody_joined_does_not_run_by_itself(
  joined, monkeypatch
):
  monkeypatch.setattr(joining, 'find_seat', lambda: None)
  monkeypatch.setattr(jax, 'process_count', lambda: 4)
  with pytest.raises(UsageError, match=r'one of 4 .*--coordinator=HOST:PORT'):
    joining.join()


def test_a_job_of_many_tasks_that_runs_alone_is_warned_of(
  joined, monkeypatch, caplog
):
  monkeypatch.setattr(joining, 'find_seat', lambda: None)
  monkeypatch.setenv('SLURM_NTASKS', '8')
  joining.join()
  assert '`srun python ...` starts all' in caplog.text
  caplog.clear()
  monkeypatch.setenv(launchers.PROCESSES, '1')
  joining.join()
  assert not caplog.text
