import importlib
import itertools
import pathlib

import pytest
from etils import epath

from configs import dagan
from dagan_jax.console.errors import UsageError
from dagan_jax.runs import config_checks
from data_pipelines.recorded import manifest
from tests.support import tiny
from tests.support.buckets import give_bucket

CONFIGS = sorted(
  path.stem
  for path in pathlib.Path(dagan.__file__).parent.glob('*.py')
  if path.stem not in ('__init__', 'base')
)


def config(**changes):
  changed = dagan.get_config('debug')
  changed.data.source = 'synthetic'
  changed.update_from_flattened_dict(changes)
  return changed


def test_the_debug_config_is_possible():
  config_checks.check(config())


@pytest.mark.parametrize(
  ('name', 'variant'),
  [
    *itertools.product(CONFIGS, ('', 'debug')),
    *itertools.product(('daganpp', 'hdtf', 'voxceleb'), ('512',)),
    ('face_depth', 'finetune'),
    ('synthetic', 'depth'),
    ('synthetic', 'taught'),
    ('synthetic', 'taught_depth'),
  ],
)
def test_every_config_is_possible(name, variant, tmp_path):
  made = importlib.import_module(f'configs.{name}')
  possible = made.get_config(variant)
  possible.data.path = str(tmp_path)
  # Its data set is not made yet.
  speeches = 'speeches.json'
  lists = {
    'tfds': 'clips.json',
    'speakers': speeches,
    'spoken_faces': speeches,
  }
  if possible.data.source in lists:
    (tmp_path / lists[possible.data.source]).write_text('{}')
  if not possible.model:  # that of a workdir, which is not there yet
    possible.model = config().model
  config_checks.check(possible)
  if possible.get('stage_1'):
    config_checks.check(possible.stage_1)


@pytest.mark.parametrize(
  ('occlusions', 'blocks', 'levels'), [(3, 3, 3), (5, 3, 5), (1, 1, 5)]
)
def test_occlusions_are_one_or_one_for_each_level(occlusions, blocks, levels):
  config_checks.check(
    config(
      **{
        'model.motion.occlusions': occlusions,
        'model.motion.blocks': blocks,
        'model.generator.levels': levels,
      }
    )
  )


def test_what_is_hidden_is_found_no_coarser_than_motion_sees():
  changes = {
    'model.motion.occlusions': 5,
    'model.motion.blocks': 1,
    'model.generator.levels': 5,
  }
  with pytest.raises(UsageError, match='the deepest of'):
    config_checks.check(config(**changes))


def test_every_field_that_is_looked_at_exists():
  lacking = config()
  with lacking.unlocked():
    del lacking.report['every']
  with pytest.raises(UsageError, match=r'lacks the field report\.every'):
    config_checks.check(lacking)


@pytest.mark.parametrize(
  ('field', 'value', 'message'),
  [
    ('task', 'audio', 'one of face_depth, gohd_animator'),
    ('data.source', 'video', 'one of videos, synthetic'),
    ('model.generator.fusion', 'deep', 'one of none, depth, cross_modal'),
    ('model.generator.decoder', 'none', 'one of plain, multi_level, spade'),
    ('model.depth.layers', 34, 'one of 0, 18, 50'),
    ('steps', -1, 'greater than 0'),
    ('checkpoint.every', 0, 'greater than 0'),
    ('loss.perceptual', -1.0, '0 or greater'),
    ('augment.time_flip', 1.5, 'between 0 and 1'),
    ('optimizer.decay_at', ('0.5,x',), 'between 0 and 1'),
    ('data.image_size', 100, 'multiple of 32'),
    ('model.motion.blocks', 5, 'cannot be halved 5 times'),
    ('model.motion.size', 24, 'must divide data.image_size 64'),
    ('model.detector.size', 48, 'must divide data.image_size 64'),
    ('model.generator.levels', 8, 'cannot be halved 7 times'),
    ('model.motion.occlusions', 2, '1 or model.generator.levels, 3'),
    ('model.generator.attention.divisor', 0, 'greater than 0'),
    ('loss.perceptual_scales', (1.0, 1 / 128), 'VGG needs 256 pixels'),
    ('model.vgg.kind', 'vgg11', 'one of vgg16, vgg19'),
    ('model.vgg.taps', ('relu3_5',), 'some of relu1_1, relu1_2'),
    ('model.vgg.taps', (), 'some of relu1_1, relu1_2'),
    ('model.discriminator.blocks', 6, 'too small'),
    ('data.batch_size', 6, 'number of devices, 4, as 4 or 8'),
    ('accumulate', 3, 'times accumulate, 4 x 3, as 12'),
    ('nan_policy', 'ignore', 'stop, skip'),
    ('precision', 'float16', 'float32, bfloat16'),
    ('checkpoint.minutes', -1.0, '0 or greater'),
    ('divide_above', -1, '0 or greater'),
    ('init.vgg', '/nowhere/vgg.npz', 'does not exist'),
    ('data.cache', 's3:/bucket/frames', 'must be a folder'),
    ('data.sampler', 'neighbours', "needs data.sampler 'pairs'"),
    ('model.depth.layers', 0, "fusion must be 'none'"),
    ('loss.landmarks', 1.0, 'set data.landmarks'),
    ('loss.eyes_and_mouth', 1.0, 'set data.landmarks'),
    ('loss.landmark_flow', 1.0, 'set data.landmarks'),
    ('loss.drawn', 1.0, 'needs model.generator.blend'),
    ('loss.lids_and_lips', 1.0, 'set data.landmarks'),
    ('frozen', ('detector',), 'needs frozen_statistics'),
    ('frozen', ('eyes',), 'some of detector, guides, motion, generator'),
  ],
)
def test_what_is_impossible_is_told_in_one_line(field, value, message):
  with pytest.raises(UsageError, match=message) as error:
    config_checks.check(config(**{field: value}))
  assert field in str(error.value)
  assert '\n' not in str(error.value)


@pytest.mark.parametrize(
  ('changes', 'message'),
  [
    ({'data.landmarks': True, 'loss.landmarks': 1.0}, 'set model.guides.width'),
    ({'model.guides.width': 4}, 'need model.motion.align_corners'),
    (
      {'data.landmarks': True, 'loss.landmark_flow': 1.0},
      'need model.motion.align_corners',
    ),
    ({'model.guides.width': 4, 'model.guides.size': 48}, 'must divide'),
  ],
)
def test_what_guides_need_is_told_in_one_line(changes, message):
  with pytest.raises(UsageError, match=message) as error:
    config_checks.check(config(**changes))
  assert '\n' not in str(error.value)


@pytest.mark.parametrize('path', ['', '/nowhere'])
def test_without_clips_two_lines_say_what_to_prepare_and_how(path):
  changes = {'data.source': 'videos', 'data.path': path}
  with pytest.raises(UsageError, match='a folder of clips') as error:
    config_checks.check(config(**changes))
  assert str(error.value).count('\n') == 1


@pytest.mark.parametrize('path', ['', '/nowhere', '.'])
def test_without_a_data_set_one_line_says_how_to_build_one(path, tmp_path):
  place = str(tmp_path) if path == '.' else path
  changes = {'data.source': 'tfds', 'data.path': place}
  with pytest.raises(
    UsageError, match=r'data_pipelines\.build --name'
  ) as error:
    config_checks.check(config(**changes))
  assert str(error.value).startswith('data.path: ')
  assert '\n' not in str(error.value)


@pytest.mark.parametrize(
  ('source', 'path', 'message'),
  [
    ('videos', 'gs://bucket/clips', 'copy the videos onto it, mount'),
    ('tfds', 'hdfs://host/set', 's3://BUCKET/FOLDER'),
    ('tfds', 's3://bucket/none', 'no such folder in the bucket'),
    ('tfds', 's3://bucket/run', r'data_pipelines\.build --name'),
  ],
)
def test_data_in_a_bucket_are_a_data_set_that_is_there(
  source, path, message, monkeypatch
):
  epath.Path(give_bucket(monkeypatch)).mkdir(parents=True, exist_ok=True)
  changes = {'data.source': source, 'data.path': path}
  with pytest.raises(UsageError, match=message) as error:
    config_checks.check(config(**changes))
  assert str(error.value).startswith(f'data.path: {path}')
  assert '\n' not in str(error.value)


def test_a_data_set_may_lie_below_its_path(tmp_path):
  version = tmp_path / 'videos' / '256' / '1.0.0'
  version.mkdir(parents=True)
  (version / manifest.NAME).touch()
  for place in (version, tmp_path):
    changes = {'data.source': 'tfds', 'data.path': str(place)}
    config_checks.check(config(**changes))


@pytest.mark.parametrize(
  ('field', 'value', 'message'),
  [
    ('data.sampler', 'pairs', "needs data.sampler 'neighbours'"),
    ('data.views', 4, 'one of 2, 3'),
    ('data.frame_gap', 0, 'greater than 0'),
    ('model.depth.layers', 0, 'nothing to learn'),
    ('model.camera.backbone', 'vit', 'one of conv7, resnet18, resnet50'),
    ('model.camera.blocks', 6, 'cannot be halved 6 times'),
    ('model.camera.size', 24, 'a picture of 24 pixels'),
    ('model.camera.uncertainty', False, "'daganpp' needs"),
    ('model.camera.intrinsics', 'known', 'one of clip, pair, given'),
    ('model.camera.pivot', 0.0, 'greater than 0'),
    ('loss.head_motion', -1.0, '0 or greater'),
    ('loss.true_depth', 1.0, 'set data.truth'),
    ('loss.true_motion', 1.0, 'set data.truth'),
    ('loss.true_uncertainty', -1.0, '0 or greater'),
    ('loss.photometric_form', 'fdn', 'one of dagan, daganpp'),
    ('init.resnet', '/nowhere/resnet18.pth', 'does not exist'),
  ],
)
def test_stage_1_has_checks_of_its_own(field, value, message):
  stage_1 = tiny.config_of_stage_1()
  config_checks.check(stage_1)
  stage_1.update_from_flattened_dict({field: value})
  with pytest.raises(UsageError, match=message) as error:
    config_checks.check(stage_1)
  assert field in str(error.value)


@pytest.mark.parametrize(
  ('field', 'value', 'mended'), [('frame_gap', 4, 1), ('views', 3, 2)]
)
def test_uncertainty_is_taught_of_two_neighbours_alone(
  tmp_path, field, value, mended
):
  (tmp_path / manifest.NAME).touch()
  taught = tiny.config_of_stage_1()
  taught.loss.true_uncertainty = 1.0
  data = {'truth': True, 'source': 'tfds', 'path': str(tmp_path)}
  taught.data.update(data, frame_gap=1)
  taught.data[field] = value
  with pytest.raises(UsageError, match=f'data.{field} {mended}, not') as error:
    config_checks.check(taught)
  assert '\n' not in str(error.value)
  taught.data[field] = mended
  config_checks.check(taught)
