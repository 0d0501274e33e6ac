import contextlib
import threading
import time

import pytest

from dagan_jax.app.web.worker import Worker
from data_pipelines.errors.mendable import DataError
from tests.support.odd_work import open_odd


@pytest.fixture(scope='module')
def worker():
  with contextlib.closing(Worker(open_odd, 'open')) as worker:
    yield worker


def test_it_gives_what_comes_of_a_request_and_tells_how_far_it_is(
  worker, tmp_path
):
  told = []
  done = worker.do('this', tmp_path, 30.0, lambda *how: told.append(how))
  assert done == 'this'
  assert told == [('frame', 1, 2)]


def test_one_process_does_one_request_after_another(worker, tmp_path):
  assert len({worker.do('number', tmp_path, 30.0) for _ in range(3)}) == 1


def test_a_refusal_names_a_file_without_its_folder(worker, tmp_path):
  with pytest.raises(DataError, match=r'^portrait\.png: no picture$'):
    worker.do(('refuse', str(tmp_path / 'portrait.png')), tmp_path, 30.0)


def test_what_nobody_foresaw_is_one_line_and_no_end(worker, tmp_path):
  with pytest.raises(DataError, match='nobody foresaw'):
    worker.do('fail', tmp_path, 30.0)
  assert worker.do('this', tmp_path, 30.0) == 'this'


def test_a_crash_or_a_hang_costs_its_own_request_alone(worker, tmp_path):
  before = worker.do('number', tmp_path, 30.0)
  with pytest.raises(DataError, match='ends the program that reads'):
    worker.do('die', tmp_path, 30.0)
  with pytest.raises(DataError, match=r'not done within 0\.2 seconds'):
    worker.do('hang', tmp_path, 0.2)
  assert worker.do('number', tmp_path, 30.0) != before


def test_who_is_stopped_is_told(worker, tmp_path):
  worker.start()
  threading.Timer(0.2, worker.stop).start()
  began = time.monotonic()
  with pytest.raises(DataError, match='stopped'):
    worker.do('hang', tmp_path, 30.0)
  assert time.monotonic() - began < 20


def test_work_that_cannot_begin_says_why(tmp_path):
  with (
    contextlib.closing(Worker(open_odd, 'refuse to open')) as worker,
    pytest.raises(DataError, match='there is no network'),
  ):
    worker.start()
