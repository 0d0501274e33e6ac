"""Environments as the launchers set them, on machines of other names."""

import functools
import http.server
import threading

import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.runs import launchers
from dagan_jax.runs.launchers import expand_nodes, find_seat, share_devices

# Recorded from Open MPI 5.0 and MPICH 5.0, `mpirun -n 2`, second process.
OPEN_MPI = {
  'OMPI_COMM_WORLD_SIZE': '2',
  'OMPI_COMM_WORLD_RANK': '1',
  'OMPI_COMM_WORLD_LOCAL_RANK': '1',
  'OMPI_COMM_WORLD_LOCAL_SIZE': '2',
  'PMIX_NAMESPACE': 'prterun-node-a-32453@1',
}
MPICH = {
  'PMI_RANK': '1',
  'PMI_SIZE': '2',
  'MPI_LOCALRANKID': '1',
  'MPI_LOCALNRANKS': '2',
}
# As its manual tells: the third of four tasks, one on each node.
SLURM = {
  'SLURM_JOB_ID': '4097',
  'SLURM_NTASKS': '4',
  'SLURM_STEP_NUM_TASKS': '4',
  'SLURM_STEP_NODELIST': 'gpu[07-09,12]',
  'SLURM_STEP_TASKS_PER_NODE': '1(x4)',
  'SLURM_PROCID': '2',
  'SLURM_NODEID': '2',
  'SLURM_LOCALID': '0',
  'SLURM_GPUS_ON_NODE': '8',
}
GKE = {'TPU_WORKER_HOSTNAMES': 't-0.s,t-1.s', 'TPU_WORKER_ID': '1'}
JOB = {'JOB_COMPLETION_INDEX': '3'}
FLAGS = {
  launchers.COORDINATOR: 'one:1234',
  launchers.PROCESSES: '2',
  launchers.PROCESS: '1',
}


def seat(environment):
  found = find_seat(environment)
  return found.coordinator, found.count, found.index


@pytest.fixture
def pod(monkeypatch):
  """The fourth pod of the job `train`, in the service `pods`."""
  name = 'train-3.pods.default.svc.cluster.local'
  monkeypatch.setattr(launchers.socket, 'getfqdn', lambda: name)


@pytest.fixture
def metadata(monkeypatch):
  """What Google's machine answers, to be filled in, and where."""
  answers = {}

  class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
      known = answers.get(self.path.rsplit('/')[-1])
      self.send_response(200 if known is not None else 404)
      self.end_headers()
      self.wfile.write((known or '').encode())

    def log_message(self, *_):
      pass

  monkeypatch.setattr(launchers, '_on_tpu', lambda _: True)
  with http.server.HTTPServer(('127.0.0.1', 0), Answer) as server:
    thread = threading.Thread(
      target=functools.partial(server.serve_forever, poll_interval=0.01)
    )
    thread.start()
    yield answers, {'GCE_METADATA_IP': f'127.0.0.1:{server.server_port}'}
    server.shutdown()
    thread.join()


def test_a_machine_by_itself_has_no_seat():
  assert find_seat({}) is None
  assert find_seat({'TPU_WORKER_HOSTNAMES': 'localhost'}) is None
  assert find_seat(SLURM | {'SLURM_STEP_NUM_TASKS': '1'}) is None


def test_flags_alone_are_enough():
  assert seat(FLAGS) == ('one:1234', 2, 1)
  assert seat(FLAGS | {launchers.COORDINATOR: 'one'}) == ('one:8476', 2, 1)


def test_open_mpi_5_and_4_name_where_mpirun_runs():
  two = OPEN_MPI | {'OMPI_COMM_WORLD_LOCAL_SIZE': '1'}
  assert seat(two) == ('node-a:8476', 2, 1)
  del two['PMIX_NAMESPACE']
  for uri in (
    '1531576320.0;tcp://10.96.0.1,10.148.0.1:34911',
    '1531576320.0;tcp6://[10.96.0.1,fe80::2]:4337',
  ):
    assert seat(two | {'OMPI_MCA_orte_hnp_uri': uri})[0] == '10.96.0.1:8476'


@pytest.mark.parametrize('environment', [OPEN_MPI, MPICH])
def test_on_one_machine_mpi_needs_no_name(environment):
  assert seat(environment) == ('127.0.0.1:8476', 2, 1)


def test_mpich_on_many_machines_needs_the_coordinator_alone():
  two = MPICH | {'MPI_LOCALNRANKS': '1'}
  with pytest.raises(UsageError, match=r'add --coordinator=\S+ \(of proc\S+ 0'):
    find_seat(two)
  assert seat(two | {launchers.COORDINATOR: 'a'}) == ('a:8476', 2, 1)


def test_slurm_names_its_first_node_and_a_port_of_the_jobs_own():
  assert seat(SLURM) == ('gpu07:61441', 4, 2)
  assert find_seat(SLURM).hosts == ('gpu07', 'gpu08', 'gpu09', 'gpu12')


def test_mpi_within_slurm_is_mpi():
  assert find_seat(SLURM | OPEN_MPI).launcher == 'Open MPI'
  assert find_seat(SLURM | MPICH).launcher == 'MPICH'
  pmi2 = {'PMI_RANK': '2', 'PMI_SIZE': '4'}
  assert find_seat(SLURM | pmi2).launcher == 'SLURM'


def test_the_script_of_a_job_is_none_of_its_tasks():
  script = {
    name: value for name, value in SLURM.items() if 'STEP' not in name
  } | {'SLURM_PROCID': '0'}
  assert find_seat(script) is None


def test_node_lists_are_written_out():
  assert expand_nodes('a') == ['a']
  assert expand_nodes('a[8-10,12],b') == ['a8', 'a9', 'a10', 'a12', 'b']
  assert expand_nodes('r[1-2]n[08-09]') == ['r1n08', 'r1n09', 'r2n08', 'r2n09']


def test_a_pod_of_gke_is_told_by_variables():
  assert seat(GKE) == ('t-0.s:8476', 2, 1)


def test_slices_of_gke_are_counted_one_after_the_other():
  slices = {
    'MEGASCALE_COORDINATOR_ADDRESS': 's-0.s:8080',
    'MEGASCALE_NUM_SLICES': '3',
    'MEGASCALE_SLICE_ID': '2',
  }
  assert seat(GKE | slices) == ('s-0.s:8476', 6, 5)


def test_a_pod_of_gce_is_told_by_the_machine(metadata):
  answers, where = metadata
  answers['agent-worker-number'] = '1'
  answers['worker-network-endpoints'] = 'u:1:10.0.0.4,u:2:10.0.0.5'
  assert seat(where) == ('10.0.0.4:8476', 2, 1)
  answers['worker-network-endpoints'] = 'one,two'
  assert seat(where) == ('one:8476', 2, 1)
  answers['tpu-env'] = (
    "ZONE: 'x'\nMEGASCALE_NUM_SLICES: '2'\nMEGASCALE_SLICE_ID: '1'\n"
    "MEGASCALE_COORDINATOR_ADDRESS: '10.9.9.9'\n"
  )
  assert seat(where) == ('10.9.9.9:8476', 4, 3)


def test_a_tpu_that_is_no_pod_is_alone(metadata):
  answers, where = metadata
  assert find_seat(where) is None
  answers['agent-worker-number'] = '0'
  answers['worker-network-endpoints'] = 'one'
  assert find_seat(where) is None


def test_a_pod_of_a_job_finds_its_first_one_and_asks_for_their_number(pod):
  with pytest.raises(UsageError, match='process 3 of several, says Kubern'):
    find_seat(JOB)
  first = 'train-0.pods.default.svc.cluster.local:8476'
  assert seat(JOB | {launchers.PROCESSES: '4'}) == (first, 4, 3)


@pytest.mark.parametrize('environment', [OPEN_MPI, MPICH, SLURM, GKE, JOB])
def test_who_asks_for_one_process_runs_by_itself(environment):
  assert find_seat(environment | {launchers.PROCESSES: '1'}) is None


@pytest.mark.parametrize('name', FLAGS)
def test_what_is_missing_is_named(name):
  flag = {
    launchers.COORDINATOR: '--coordinator=HOST:PORT',
    launchers.PROCESSES: '--processes=N',
    launchers.PROCESS: '--process=K',
  }[name]
  with pytest.raises(UsageError, match=f'add {flag}') as caught:
    find_seat(FLAGS | {name: ''})
  assert '\n' not in str(caught.value)


def test_numbers_that_cannot_be_are_told():
  with pytest.raises(UsageError, match=r'JAX_PROCESS_ID is .one.'):
    find_seat(FLAGS | {launchers.PROCESS: 'one'})
  with pytest.raises(UsageError, match='process 2 of 2'):
    find_seat(FLAGS | {launchers.PROCESS: '2'})


def test_one_task_on_a_node_takes_all_its_gpus():
  assert find_seat(SLURM).beside == (0, 1)
  assert share_devices((0, 1), SLURM) is None


def test_tasks_on_one_node_divide_what_they_see():
  two = SLURM | {'SLURM_STEP_TASKS_PER_NODE': '1(x2),2', 'SLURM_LOCALID': '1'}
  assert find_seat(two).beside == (1, 2)
  assert share_devices((1, 2), two) == [4, 5, 6, 7]
  seen = {'CUDA_VISIBLE_DEVICES': '0,1,2,3,4,5,6,7'}
  assert share_devices((3, 8), two | seen) == [3]
  with pytest.raises(UsageError, match=r'3 processes .* its 8 GPUs evenly'):
    share_devices((0, 3), two)


def test_gpus_that_a_launcher_gave_to_each_task_are_its_own():
  assert share_devices((3, 4), SLURM | {'CUDA_VISIBLE_DEVICES': '3,7'}) is None
  assert share_devices((3, 4), {'CUDA_VISIBLE_DEVICES': '3'}) is None
  by_hand = SLURM | {launchers.DEVICES: '0'}
  assert share_devices((3, 4), by_hand) is None
