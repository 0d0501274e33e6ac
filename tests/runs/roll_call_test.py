import concurrent.futures
import contextlib
import socket
import time

import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.runs.roll_call import call_roll


@pytest.fixture
def coordinator():
  with socket.create_server(('127.0.0.1', 0)) as free:
    port = free.getsockname()[1]
  return f'127.0.0.1:{port}'


def outcomes(coordinator, *calls, **more):
  """What each (count, index) of some processes is told; '' where all came."""

  def call(count, index):
    try:
      call_roll(coordinator, count, index, **more)
    except UsageError as error:
      assert '\n' not in str(error)
      return str(error)
    return ''

  with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
    return list(pool.map(call, *zip(*calls, strict=True)))


def knock(coordinator):
  """A connection to process 0, as soon as that listens."""
  host, port = coordinator.split(':')
  while True:
    with contextlib.suppress(OSError):
      return socket.create_connection((host, int(port)))
    time.sleep(0.01)


def test_all_go_on_when_all_are_there(coordinator):
  assert outcomes(coordinator, (3, 2), (3, 0), (3, 1)) == ['', '', '']


def test_everybody_there_is_told_who_is_missing(coordinator):
  hosts = ('node-a', 'node-b', 'node-c', 'node-d')
  told = outcomes(coordinator, (4, 0), (4, 2), hosts=hosts, seconds=0.5)
  assert told[0] == told[1]
  line = '2 of 4 processes came within 0 s; missing: 1 (node-b), 3 (node-d)'
  assert line in told[0]


def test_of_many_missing_the_first_are_named(coordinator):
  (told,) = outcomes(coordinator, (100, 0), seconds=0.1)
  assert 'missing: 1, 2, 3, 4, 5, 6, 7, 8 and 91 more.' in told


def test_without_process_0_it_is_process_0_that_is_missing(coordinator):
  (told,) = outcomes(coordinator, (2, 1), seconds=0.3)
  assert f'did not reach process 0 at {coordinator}' in told
  assert 'refused' in told


def test_two_of_one_number_are_told(coordinator):
  told = outcomes(coordinator, (3, 0), (3, 1), (3, 1), seconds=5.0)
  assert set(told) == {told[0]} and 'there are two of process 1' in told[0]


def test_processes_that_count_differently_are_told(coordinator):
  told = outcomes(coordinator, (2, 0), (3, 1), seconds=5.0)
  assert set(told) == {told[0]}
  assert 'counts 3 processes, process 0' in told[0]


@pytest.mark.parametrize('stays', [0.0, 0.3])  # seconds; 0.3: it is counted
def test_one_that_goes_away_and_comes_again_counts_once(stays, coordinator):
  with concurrent.futures.ThreadPoolExecutor() as pool:
    first = pool.submit(outcomes, coordinator, (3, 0), seconds=20.0)
    gone = knock(coordinator)
    gone.sendall(b'{"process": 1, "of": 3, "host": "x"}\n')
    time.sleep(stays)
    gone.close()
    rest = outcomes(coordinator, (3, 1), (3, 2), seconds=20.0)
  assert [*first.result(), *rest] == ['', '', '']


def test_strangers_at_the_port_do_not_matter(coordinator):
  with concurrent.futures.ThreadPoolExecutor() as pool:
    first = pool.submit(outcomes, coordinator, (2, 0), seconds=20.0)
    stranger = knock(coordinator)
    with stranger:
      stranger.sendall(b'GET / HTTP/1.0\r\n\r\n')
    assert outcomes(coordinator, (2, 1), seconds=20.0) == ['']
  assert first.result() == ['']


def test_a_port_that_is_taken_is_told():
  with socket.create_server(('127.0.0.1', 0)) as taken:
    port = taken.getsockname()[1]
    (told,) = outcomes(f'127.0.0.1:{port}', (2, 0))
  assert f'process 0 cannot listen at port {port}' in told
  assert outcomes('nowhere', (2, 0))[0].endswith('it must be HOST:PORT')
