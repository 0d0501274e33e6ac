import contextlib
import threading
import time

import pytest

from dagan_jax.app.web.worker import Crew, Worker, hide_folders
from data_pipelines.errors.mendable import DataError
from tests.support.odd_work import open_odd


@pytest.fixture(scope='module')
def worker():
  with contextlib.closing(Worker(open_odd, 'open')) as worker:
    yield worker


def test_it_gives_what_comes_of_a_request_and_tells_how_far_it_is(worker):
  told = []
  done = worker.do('this', 30.0, lambda *how: told.append(how))
  assert done == 'this'
  assert told == [('frame', 1, 2)]


def test_one_process_does_one_request_after_another(worker):
  assert len({worker.do('number', 30.0) for _ in range(3)}) == 1


def test_a_refusal_names_a_file_without_its_folder(worker):
  with pytest.raises(DataError, match=r'^portrait\.png: no picture$'):
    worker.do(('refuse', '/tmp/a-1/b/portrait.png'), 30.0)


def test_what_nobody_foresaw_is_one_line_and_no_end(worker):
  with pytest.raises(DataError, match='nobody foresaw'):
    worker.do('fail', 30.0)
  assert worker.do('this', 30.0) == 'this'


def test_a_crash_or_a_hang_costs_its_own_request_alone(worker):
  before = worker.do('number', 30.0)
  with pytest.raises(DataError, match='ends the program that reads'):
    worker.do('die', 30.0)
  with pytest.raises(DataError, match=r'not done within 0\.2 seconds'):
    worker.do('hang', 0.2)
  assert worker.do('number', 30.0) != before


def test_what_hangs_holds_up_nobody_else():
  with contextlib.closing(Crew(2, open_odd, 'open')) as crew:
    first = crew.do('number', 30.0)

    def wait():
      with pytest.raises(DataError, match='stopped'):
        crew.do('hang', 30.0)

    hang = threading.Thread(target=wait)
    hang.start()
    while crew._idle.qsize() > 1:
      time.sleep(0.01)
    others = {crew.do('number', 30.0) for _ in range(2)}
    assert len(others) == 1 and first not in others
    assert hang.is_alive()
    crew.close()
    hang.join()


def test_who_is_stopped_is_told(worker):
  worker.start()
  threading.Timer(0.2, worker.stop).start()
  began = time.monotonic()
  with pytest.raises(DataError, match='stopped'):
    worker.do('hang', 30.0)
  assert time.monotonic() - began < 20


def test_work_that_cannot_begin_says_why():
  with (
    contextlib.closing(Worker(open_odd, 'refuse to open')) as worker,
    pytest.raises(DataError, match='there is no network'),
  ):
    worker.start()


@pytest.mark.parametrize(
  ('line', 'told'),
  [
    ('/tmp/x/portrait.png: no face', 'portrait.png: no face'),
    ("'/a/b/c' and (/d/e/f)", "'c' and (f)"),
    ('give x,y,w,h or 30000/1001 a second', None),
    ('--crop=1,2,3,4 takes it', None),
  ],
)
def test_lines_tell_no_folders(line, told):
  assert hide_folders(line) == (told or line)
