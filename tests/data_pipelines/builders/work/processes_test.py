import multiprocessing
import os
import signal
import subprocess
import sys

from data_pipelines.builders.work import (
  job_files,
  processes,
)
from data_pipelines.builders.work.jobs import FaceJob
from data_pipelines.builders.work.process import process
from tests.support.drawn_faces import recipe

RECIPE = recipe('', size=16)
JOBS = [FaceJob(face, 3, 'train') for face in range(6)]


def files(folder):
  return {path.name: path.read_bytes() for path in folder.iterdir()}


def in_turn(jobs, made, folder):
  yield from processes.do_in_processes(jobs, made, folder, 1)


def test_each_job_is_done_and_told_in_its_place(tmp_path):
  found = processes.do_jobs(JOBS, RECIPE, tmp_path, in_turn)
  assert [each.clips[0].name for each in found] == [j.name for j in JOBS]


def test_what_is_done_is_not_done_again_unless_it_is_damaged(tmp_path):
  processes.do_jobs(JOBS, RECIPE, tmp_path, in_turn)
  whole = files(tmp_path)
  damaged = tmp_path / f'{JOBS[2].key(RECIPE)}.zip'
  damaged.write_bytes(damaged.read_bytes()[:100])
  again = []

  def told(jobs, made, folder):
    again.extend(jobs)
    yield from in_turn(jobs, made, folder)

  processes.do_jobs(JOBS, RECIPE, tmp_path, told)
  assert again == [JOBS[2]] and files(tmp_path) == whole


def test_a_job_that_could_not_be_done_for_the_machines_trouble_is_done_again(
  tmp_path,
):
  first, again = JOBS[:2], []
  with job_files.write(
    tmp_path / f'{first[0].key(RECIPE)}.zip', 'png', 95
  ) as file:
    file.trouble = 'no answer'

  def told(jobs, made, folder):
    again.extend(jobs)
    yield from in_turn(jobs, made, folder)

  found = processes.do_jobs(first[:1], RECIPE, tmp_path, told)
  assert again == first[:1] and found[0].trouble is None and found[0].clips


class Killed(FaceJob):
  """A job whose process is killed, as where memory is short."""

  def key(self, recipe):
    if multiprocessing.parent_process():
      os.kill(os.getpid(), signal.SIGKILL)
    return super().key(recipe)


class Deadly(FaceJob):
  """A job that ends the process which does it."""

  def key(self, recipe):
    if multiprocessing.parent_process():
      os._exit(9)
    return super().key(recipe)


def test_several_processes_do_the_same_and_one_that_dies_is_one_job(tmp_path):
  alone, several = tmp_path / 'alone', tmp_path / 'several'
  whole, deadly, killed = JOBS[0], Deadly(9, 3, 'train'), Killed(8, 3, 'train')
  process(whole, RECIPE, alone)
  several.mkdir()
  jobs = [deadly, killed, whole]
  done = processes.do_in_processes(jobs, RECIPE, several, 2)
  assert len(list(done)) == 3
  lost = [several / f'{job.key(RECIPE)}.zip' for job in (deadly, killed)]
  dead, troubled = map(job_files.read, lost)
  assert dead.rejected[0].startswith('ends the process') and not dead.trouble
  assert 'for want of memory' in troubled.trouble
  for path in (*lost, *several.glob('.*.part.zip')):
    path.unlink()
  assert files(several) == files(alone)


BUILD = """
import pathlib, sys
from data_pipelines.builders.work import processes
from data_pipelines.builders.work.jobs import FaceJob, Recipe

if __name__ == '__main__':
  jobs = [FaceJob(face, 3, 'train') for face in range(1000)]
  folder = pathlib.Path(sys.argv[1])
  for path in processes.do_in_processes(jobs, Recipe('', size=16), folder, 2):
    print(path, flush=True)
"""


def test_processes_end_with_the_one_that_started_them(tmp_path):
  script = tmp_path / 'build.py'
  script.write_text(BUILD)
  folder = tmp_path / 'work'
  folder.mkdir()
  build = subprocess.Popen(
    [sys.executable, str(script), str(folder)], stdout=subprocess.PIPE
  )
  assert b'zip' in build.stdout.readline()  # the first job is done
  build.kill()
  build.wait()
  # Workers hold the pipe too: it ends with the last of them.
  assert build.stdout.read().count(b'zip') < 1000
