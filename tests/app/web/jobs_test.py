import threading
import time

import pytest

from dagan_jax.app.web.jobs import Job, Line, State
from dagan_jax.app.web.requests import Made, Request
from dagan_jax.app.web.results import describe
from dagan_jax.console.errors import UsageError
from tests.support.page_work import Here


def make_job(tmp_path, name):
  folder = tmp_path / name
  folder.mkdir()
  return Job(Request('animate', {}, {'name': name}), folder)


def wait(job):
  end = time.monotonic() + 30
  while not job.is_over and time.monotonic() < end:
    time.sleep(0.005)
  assert job.is_over


def test_jobs_are_done_one_after_another_in_their_order(tmp_path):
  done, began, go = [], threading.Event(), threading.Event()

  def do(request, tell):
    began.set()
    go.wait(30)
    done.append(request.values['name'])
    return Made({}, [])

  with Line(Here(do), 5, 60.0) as line:
    jobs = [make_job(tmp_path, name) for name in 'abcd']
    for job in jobs:
      line.add(job)
    assert began.wait(30)
    assert [line.describe(job).before for job in jobs] == [0, 1, 2, 3]
    line.stop(jobs[2])
    go.set()
    for job in jobs:
      wait(job)
  assert done == ['a', 'b', 'd']
  assert jobs[2].error == 'stopped' and jobs[2].made is None


def test_where_too_many_wait_one_more_is_refused(tmp_path):
  began, go = threading.Event(), threading.Event()

  def do(request, tell):
    began.set()
    go.wait(30)
    return Made({}, [])

  with Line(Here(do), 1, 60.0) as line:
    first, second, third = (make_job(tmp_path, name) for name in 'abc')
    line.add(first)
    assert began.wait(30)
    line.add(second)
    with pytest.raises(UsageError, match='1 jobs are waiting'):
      line.add(third)
    go.set()
    wait(second)


def test_the_time_left_is_that_of_what_is_being_done(tmp_path, monkeypatch):
  now = [100.0]
  monkeypatch.setattr(time, 'monotonic', lambda: now[0])
  job = make_job(tmp_path, 'a')
  assert job.describe(0).stage == 'beginning'
  job.tell('frame watched', 0, 40)
  now[0] += 5
  job.tell('frame watched', 10, 40)
  assert job.describe(0) == State(0, 'watching the video', 0.25, 15.0)
  # Once a job was drawn here, one knows how long that will take besides.
  assert job.describe(0, {'drawing': 2.0}).left == 15 + 2 * 40
  job.tell('frame', 1, 40)
  assert job.describe(0) == State(0, 'drawing', 1 / 40, None)
  now[0] += 3
  job.tell('frame', 31, 40)
  told = describe(job.describe(0))
  assert told['stage'] == 'drawing: about 1 s left'
  assert told['share'] == 31 / 40


def test_the_line_goes_on_whatever_a_job_is(tmp_path):
  def do(request, tell):
    if request.values['name'] == 'a':
      raise TypeError('cannot be pickled')
    return Made({}, [])

  with Line(Here(do), 5, 60.0) as line:
    odd, sound = (make_job(tmp_path, name) for name in 'ab')
    line.add(odd)
    line.add(sound)
    wait(sound)
  assert 'cannot be done' in odd.error and sound.made == Made({}, [])


def test_a_removed_job_leaves_no_folder(tmp_path):
  job = make_job(tmp_path, 'a')
  (job.folder / 'portrait').write_text('x')
  job.remove()
  assert not list(tmp_path.iterdir())
