from tests.support.processes import run_together

LOOK = """
import os, sys
import jax
from dagan_jax.runs import shared_workdir
from dagan_jax.runs.joining import together

shared_workdir.SECONDS = 1.0

@together
def look():
  number = jax.process_index() * int(sys.argv[2])
  folder = os.path.join(sys.argv[1], str(number))
  os.makedirs(folder, exist_ok=True)
  shared_workdir.check_shared(folder)

look()
"""


def test_hosts_that_see_other_workdirs_end_with_a_line_that_names_them(
  tmp_path,
):
  for ended in run_together(LOOK, 2, str(tmp_path), '1'):
    assert ended.code == 2, ended.told
    assert 'is another folder for process 1 on ' in ended.told
    assert 'Traceback' not in ended.told
  assert not any((tmp_path / '0').iterdir())
  for ended in run_together(LOOK, 2, str(tmp_path), '0'):
    assert ended.code == 0, ended.told
