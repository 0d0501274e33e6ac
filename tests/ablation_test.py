import importlib.util
import json
import pathlib

import pytest

from dagan_jax.console.errors import UsageError

ROOT = pathlib.Path(__file__).parent.parent


def module(path):
  spec = importlib.util.spec_from_file_location('loaded', ROOT / path)
  loaded = importlib.util.module_from_spec(spec)
  spec.loader.exec_module(loaded)
  return loaded


ablation = module('scripts/ablation.py')
ROWS = module('configs/ablation.py')


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
  monkeypatch.chdir(ROOT)


@pytest.fixture
def trained(monkeypatch):
  """What would be trained and scored; scores are made up."""
  calls = []

  def train(config, folder):
    calls.append((pathlib.Path(folder).name, config))

  def evaluate(config, folder):
    scores = {'.': {'l1': 0.05, 'psnr': 20}, 'copy of source': {'l1': 0.1}}
    for place, means in scores.items():
      path = pathlib.Path(folder) / 'evaluate' / place / 'scores.json'
      path.parent.mkdir(parents=True, exist_ok=True)
      said = {
        'made': {'step': config.steps},
        'means': {name: {'value': mean} for name, mean in means.items()},
      }
      path.write_text(json.dumps(said))

  monkeypatch.setattr(ablation.loop, 'train_and_evaluate', train)
  monkeypatch.setattr(ablation.evaluate, 'evaluate', evaluate)
  return calls


def paths(*rows):
  return [f'configs/ablation.py:{row}/debug' for row in rows]


def test_depth_is_learnt_once_for_all_that_ask_for_the_same(tmp_path, trained):
  ablation.run(
    paths('baseline', 'fdn', 'dagan', 'daganpp'), str(tmp_path), ['steps=7']
  )
  names = [name for name, _ in trained]
  assert set(names) == {
    'baseline_debug',
    'depth_dagan',
    'fdn_debug',
    'dagan_debug',
    'depth_daganpp',
    'daganpp_debug',
  }
  config = dict(trained)['dagan_debug']
  assert config.init.depth == str(tmp_path / 'depth_dagan')
  assert config.steps == 7


def test_depth_that_is_given_goes_to_all_that_want_one(tmp_path, trained):
  ablation.run(
    paths('baseline', 'dagan', 'daganpp'), str(tmp_path), [], depth='runs/mine'
  )
  assert [(name, config.init.depth) for name, config in trained] == [
    ('baseline_debug', ''),
    ('dagan_debug', 'runs/mine'),
    ('daganpp_debug', 'runs/mine'),
  ]


def test_what_is_done_is_not_done_again(tmp_path, trained):
  ablation.run(paths('baseline'), str(tmp_path), [])
  done = len(trained)
  text = ablation.run(paths('baseline', 'cam'), str(tmp_path), [])
  assert 'baseline_debug' not in [name for name, _ in trained[done:]]
  assert (tmp_path / 'table.md').read_text() == text
  more = len(trained)
  ablation.run(paths('baseline'), str(tmp_path), ['steps=9'])
  assert [name for name, _ in trained[more:]] == ['baseline_debug']


def test_the_table_shows_trivial_answer_ours_and_the_papers():
  text = ablation.table({'dagan': [{'l1': 0.05, 'copy_l1': 0.1, 'ssim': 0.7}]})
  header, _, trivial, row = text.splitlines()
  assert header.split('|')[1:6] == [
    ' config ',
    ' l1 ',
    ' psnr ',
    ' ssim ',
    ' landmark_distance ',
  ]
  assert trivial.startswith('| copy of source | 0.1000 |')
  assert row.startswith('| dagan | 0.0500 |  | 0.7000 |  |  |  | l1 0.036,')


@pytest.mark.parametrize(
  'paths, changes, word',
  [
    (['configs/nowhere.py'], [], 'nowhere'),
    (['configs/ablation.py:nothing'], [], 'nothing'),
    (['configs/ablation.py:cam/nowhere'], [], 'nowhere'),
    (['configs/ablation.py:cam/debug'], ['steps'], 'FIELD=VALUE'),
    (['configs/ablation.py:cam/debug'], ['data.colour=1'], 'data.colour'),
    (['configs/ablation.py:cam/debug'], ['nothing.at.all=1'], 'nothing.at'),
    (['configs/ablation.py:cam/debug'], ['steps=many'], 'steps=many'),
  ],
)
def test_mistakes_are_told_in_one_line(tmp_path, trained, paths, changes, word):
  with pytest.raises(UsageError, match=word) as told:
    ablation.run(paths, str(tmp_path), changes)
  assert '\n' not in str(told.value)
  assert not trained


def test_fields_of_the_data_change_for_both_stages():
  config = ablation.load('configs/ablation.py:dagan')
  ablation.change(config, 'data.path=CLIPS')
  ablation.change(config, 'data.batch_size=3')
  assert config.data.path == config.stage_1.data.path == 'CLIPS'
  assert config.data.batch_size == config.stage_1.data.batch_size == 3


def test_fields_of_stage_1_change_where_there_is_one():
  with_depth = ablation.load('configs/ablation.py:dagan')
  without = ablation.load('configs/ablation.py:baseline')
  for config in (with_depth, without):
    ablation.change(config, 'stage_1.steps=3')
  assert with_depth.stage_1.steps == 3
  assert not without.stage_1


def test_the_rows_add_up_to_dagan_and_to_daganpp():
  models = {row: ROWS.get_config(row).model for row in ROWS.TABLE_5}
  published = module('configs/dagan.py').get_config().model
  assert models['dagan'].to_dict() == published.to_dict()
  theirs = module('configs/daganpp.py').get_config().model
  ours = models['daganpp']
  for field in ('motion', 'generator'):  # but for the corners, an old slip
    ours[field].align_corners = True
  assert ours.to_dict() == theirs.to_dict()
  names = {json.dumps(model.to_dict()) for model in models.values()}
  assert len(names) == len(ROWS.TABLE_5) - 1  # fdn, fdnpp: depth differs


def test_the_row_of_the_decoder_is_daganpp_that_sees_no_depth():
  with_depth, without, fomm = (
    ROWS.get_config(f'{row}/synthetic').model
    for row in ('daganpp', 'decoder', 'baseline')
  )
  assert without.depth.layers == 0
  assert without.generator.fusion == 'none'
  for field in ('decoder', 'levels', 'residual_blocks'):
    assert without.generator[field] == with_depth.generator[field]
  without.generator = fomm.generator
  assert without.to_dict() == fomm.to_dict()


def test_each_seed_is_a_run_of_its_own_and_the_table_shows_their_spread(
  tmp_path, trained
):
  text = ablation.run(paths('baseline'), str(tmp_path), [], [0, 7])
  assert [config.seed for _, config in trained] == [0, 7]
  assert '| baseline_debug | 0.0500 ± 0.0000 |' in text
  text = ablation.table({'a': [{'l1': 0.04}, {'l1': 0.06}], 'b': [{}, {}]})
  assert '| a | 0.0500 ± 0.0100 |' in text


def test_each_row_about_pictures_adds_something_to_the_one_before():
  rows = [ROWS.get_config(row) for row in ROWS.PICTURES]
  assert not rows[0].loss.perceptual and rows[0].loss.pixel
  assert rows[1].loss.perceptual
  texts = [row.to_json() for row in rows]
  assert len(set(texts)) == len(texts)
