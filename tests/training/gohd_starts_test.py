import jax
import numpy as np
import pytest
from ml_collections import ConfigDict

from configs import gohd_animator, gohd_expression, gohd_pose
from dagan_jax.console.errors import UsageError
from dagan_jax.runs import checkpoints, workdirs
from dagan_jax.tasks.gohd.faces import fresh_face
from dagan_jax.training import gohd_starts
from dagan_jax.training.gohd_starts import (
  choose_judges,
  place_animator,
  place_expression,
  place_fitting,
  place_mapper,
)
from data_pipelines.synthetic.head_family import HeadFamily

RANDOM = np.random.default_rng(0)
# To compare the heads of many people takes seconds.
FAMILY = HeadFamily(
  *(
    np.float32(RANDOM.standard_normal((*shape, 90, 3)))
    for shape in ((), (2,), (52,))
  ),
  landmarks=RANDOM.permutation(90)[:68],
)


@pytest.fixture(autouse=True)
def few_heads(monkeypatch):
  monkeypatch.setattr(gohd_starts, 'head_family', lambda: FAMILY)


def network(value: float, features: int = 2):
  layer = {'kernel': np.full((3, features), value, np.float32)}
  return {'params': {'layer': layer}, 'batch_stats': {'layer': layer}}


def workdir(path, **networks) -> str:
  checkpoints.write_workdir(path, gohd_pose.get_config('debug'), networks)
  return str(path)


def equal(found, expected):
  jax.tree.map(np.testing.assert_array_equal, found, expected)


def test_a_run_begins_with_all_that_fits_of_a_workdir(tmp_path):
  config = gohd_pose.get_config('debug')
  fresh = {'pose': network(0.0), 'pose_ema': network(0.0)}
  assert place_fitting(config, fresh) == fresh
  config.init.networks = workdir(
    tmp_path / 'given', pose=network(1.0), pose_ema=network(2.0)
  )
  equal(place_fitting(config, fresh)['pose'], network(2.0))  # its average
  wider = {'pose': network(0.0, features=5)}
  equal(place_fitting(config, wider), wider)


def test_a_workdir_of_other_networks_is_told_in_one_line(tmp_path):
  config = gohd_pose.get_config('debug')
  config.init.networks = workdir(tmp_path / 'given', gaze=network(1.0))
  with pytest.raises(UsageError, match='holds gaze') as told:
    place_fitting(config, {'pose': network(0.0)})
  assert '\n' not in str(told.value)


def test_coefficients_beyond_those_of_our_head_move_nothing():
  config = gohd_expression.get_config('debug/stage_1')
  fresh = {'expression': network(0.0), 'face': fresh_face()}
  face = place_mapper(config, fresh)['face']['params']
  count = len(FAMILY.expression)
  np.testing.assert_array_equal(face['mean'], FAMILY.mean[FAMILY.landmarks])
  np.testing.assert_array_equal(
    face['expression'][:count], FAMILY.expression[:, FAMILY.landmarks]
  )
  assert not face['expression'][count:].any()


def test_the_second_stage_begins_with_the_mapper_of_the_first(tmp_path):
  config = gohd_expression.get_config('debug')
  config.init.mapper = workdir(tmp_path / 'one', expression=network(3.0))
  both = {
    collection: {'mapper': tree, 'eyes': tree}
    for collection, tree in network(0.0).items()
  }
  fresh = {'two_stage_expression': both, 'face': fresh_face()}
  placed = place_expression(config, fresh)['two_stage_expression']
  for collection, tree in placed.items():
    equal(tree['mapper'], network(3.0)[collection])
    equal(tree['eyes'], network(0.0)[collection])
  config.init.mapper = workdir(tmp_path / 'two', expression=network(3.0, 5))
  with pytest.raises(UsageError, match='expression, is of another network'):
    place_expression(config, fresh)


def measures(path, **networks) -> str:
  """A workdir of networks that measure faces, of width 2."""
  model = {name: {'width': 2} for name in networks}
  config = ConfigDict({'task': 'gohd', 'model': model})
  checkpoints.write_workdir(path, config, networks)
  return str(path)


def animator_config(judges: str = ''):
  config = gohd_animator.get_config('debug')
  config.loss.perceptual = 0.0  # `judges.choose_judge` has tests of its own
  config.init.judges = judges
  return config


def test_losses_whose_judges_are_not_given_weigh_nothing(tmp_path):
  chosen = choose_judges(animator_config(), tmp_path / 'run')
  assert chosen.loss.expression == chosen.loss.gaze == 0
  given = measures(tmp_path / 'given', gaze_estimator=network(1.0))
  chosen = choose_judges(animator_config(given), tmp_path / 'run')
  assert chosen.loss.expression == 0 and chosen.loss.gaze == 100
  assert chosen.model.judges.gaze_estimator.width == 2


def test_a_run_of_the_animator_goes_on_with_its_judges(tmp_path):
  given = measures(tmp_path / 'given', coefficients=network(1.0))
  run = tmp_path / 'run'
  chosen = choose_judges(animator_config(given), run)
  checkpoints.write_workdir(run, chosen, {'animator': network(0.0)})
  again = choose_judges(animator_config(), run)
  assert again.to_dict() == chosen.to_dict()
  wider = animator_config(given)
  wider.model.judges.coefficients.width = 5  # no saved weight depends on it
  workdirs.start_workdir(run, wider)


def test_judges_are_put_in_place_and_the_animator_begins_with_what_fits(
  tmp_path,
):
  given = measures(tmp_path / 'given', coefficients=network(1.0))
  config = choose_judges(animator_config(given), tmp_path / 'run')
  config.init.networks = workdir(tmp_path / 'old', animator=network(2.0))
  names = 'animator', 'animator_ema', 'animator_discriminator', 'coefficients'
  fresh = {name: network(0.0) for name in names}
  placed = place_animator(config, fresh)
  equal(placed['coefficients'], network(1.0))
  equal(placed['animator'], network(2.0))
  equal(placed['animator_discriminator'], network(0.0))
  fresh['coefficients'] = network(0.0, features=5)
  with pytest.raises(UsageError, match='coefficients, is of another') as told:
    place_animator(config, fresh)
  assert '\n' not in str(told.value)


def test_a_workdir_without_an_animator_is_told_though_it_has_judges(tmp_path):
  given = measures(tmp_path / 'given', coefficients=network(1.0))
  config = choose_judges(animator_config(given), tmp_path / 'run')
  config.init.networks = given
  fresh = {name: network(0.0) for name in ('animator', 'coefficients')}
  with pytest.raises(UsageError, match='holds coefficients, but no animator'):
    place_animator(config, fresh)
