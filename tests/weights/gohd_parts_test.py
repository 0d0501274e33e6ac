import jax
import numpy as np
import pytest
from absl import logging

from configs import gohd_animator, gohd_expression, gohd_pose
from dagan_jax.console.errors import UsageError
from dagan_jax.inference.gohd.programs import Programs
from dagan_jax.runs import checkpoints
from dagan_jax.weights.conversion import convert_files
from tests.support import tiny_gohd
from tests.support.textures import texture

BASE = ('animator', 'coefficients', 'gaze_estimator', 'pose')


def part(path, config, name, with_average=False) -> str:
  """A workdir as training writes it, of one of the tiny networks."""
  network = tiny_gohd.random_network(name, 72)
  config.model[name] = tiny_gohd.MODEL[name]
  networks = {name: network}
  if with_average:
    networks[f'{name}_ema'] = jax.tree.map(lambda x: x + 1, network)
  checkpoints.write_workdir(path, config, networks)
  return str(path)


def mapper(path, variant='debug/blind') -> str:
  return part(path, gohd_expression.get_config(variant), 'expression')


@pytest.fixture(scope='module')
def base(tmp_path_factory):
  return tiny_gohd.workdir(tmp_path_factory.mktemp('base') / 'W', BASE)


def test_parts_become_a_workdir_that_speaks(base, tmp_path, capsys):
  pose = part(tmp_path / 'p', gohd_pose.get_config('debug'), 'pose', True)
  whole = str(tmp_path / 'W')
  convert_files([base, pose, mapper(tmp_path / 'e')], to=whole)
  said = capsys.readouterr().out
  assert f'pose: {pose}' in said and f'animator: {base}' in said
  assert 'in none of them: gaze, two_stage_expression' in said
  programs = Programs.open(whole)
  programs.need(*BASE, 'expression')
  assert programs.size == tiny_gohd.SIZE and programs.pose_mel == '100 Hz'
  # What was trained takes the place of what was there, by its average.
  given = checkpoints.read_network(pose, 'pose_ema')
  jax.tree.map(
    np.testing.assert_array_equal,
    dict(given),
    dict(checkpoints.read_network(whole, 'pose')),
  )


def test_a_trained_animator_draws_in_the_place_of_another(base, tmp_path):
  config = gohd_animator.get_config('debug')
  trained = part(tmp_path / 'a', config, 'animator', with_average=True)
  whole = str(tmp_path / 'W')
  convert_files([base, trained], to=whole)
  picture = texture(tiny_gohd.SIZE, tiny_gohd.SIZE)[None]
  motion = np.zeros((4, 27, 72), np.float32)
  drawn = []
  for where in (base, whole):
    programs = Programs.open(where)
    assert programs.size == tiny_gohd.SIZE
    drawn.append(np.asarray(programs.draw(programs.look(picture), motion)))
  assert drawn[0].shape == (4, tiny_gohd.SIZE, tiny_gohd.SIZE, 3)
  assert (drawn[0] != drawn[1]).any()


def test_who_means_other_faces_by_the_same_numbers_is_told(
  base, tmp_path, monkeypatch
):
  said = []
  monkeypatch.setattr(
    logging, 'warning', lambda text, *words: said.append(text % words)
  )
  config = gohd_animator.get_config('debug')
  draws = part(tmp_path / 'a', config, 'animator')
  hears = mapper(tmp_path / 'e')
  agreed, whole, again = (str(tmp_path / name) for name in 'PWV')
  convert_files([draws, hears], to=agreed)
  assert not said  # both are of the rendered people's head
  convert_files([base, agreed], to=whole)
  convert_files([whole, base], to=again)  # the animator is the published one
  assert ['expressions of animator, expression are' in x for x in said] == [
    True,
    False,
  ]
  assert 'of expression are those of the rendered' in said[1]
  assert all('coefficients those of the Basel' in x for x in said)


def test_a_mapper_that_must_be_told_of_eyes_is_refused(base, tmp_path):
  blind = mapper(tmp_path / 'e', 'debug/stage_1')
  with pytest.raises(UsageError, match='told of eyes'):
    convert_files([base, blind], to=str(tmp_path / 'W'))
  assert not (tmp_path / 'W').exists()


def test_poses_and_gazes_that_listen_differently_are_refused(base, tmp_path):
  gaze = part(
    tmp_path / 'g', gohd_pose.describe_diffusion('gaze', 'debug'), 'gaze'
  )
  config = tmp_path / 'g' / 'config.json'
  text = config.read_text().rstrip().removesuffix('}')
  config.write_text(text.rstrip() + ', "pose_mel": "wrapped"}')
  with pytest.raises(UsageError, match='one workdir has one'):
    convert_files([base, gaze], to=str(tmp_path / 'W'))


def test_a_workdir_of_another_system_is_refused(base, tmp_path):
  config = gohd_pose.get_config('debug')
  config.task = 'reenactment'
  other = part(tmp_path / 'r', config, 'pose')
  with pytest.raises(UsageError, match="trained on 'reenactment'"):
    convert_files([base, other], to=str(tmp_path / 'W'))


def test_one_workdir_alone_is_none_to_join(base, tmp_path):
  with pytest.raises(UsageError, match='is a workdir already'):
    convert_files([base], to=str(tmp_path / 'W'))
