"""There is room for another system: a Task, its config, and two rows of tables.

The pretend system learns the driving frame's mean colour from the source's, by
one dense layer. It shares no field and no network with DaGAN, and goes through
the real loop, checkpoints and evaluation.
"""

import json
from fractions import Fraction
from typing import NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ml_collections import ConfigDict

from configs import base
from dagan_jax.app.animation import Studio
from dagan_jax.app.extras import Extras
from dagan_jax.app.files import Job
from dagan_jax.console.errors import UsageError
from dagan_jax.drawing.tasks import DRAWINGS
from dagan_jax.evaluation import evaluate
from dagan_jax.geometry.pixels import unit
from dagan_jax.inference.motion import Motion
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.runs import checkpoints
from dagan_jax.tasks import TASKS, checks
from dagan_jax.tasks.optimizers import adam, gradient_norms, player_update
from dagan_jax.tasks.task import Answers, Task, TrainState, averages
from dagan_jax.training import loop
from data_pipelines.media import pictures
from data_pipelines.provenance.origin import UNTOLD


class ColourTask:
  """Paints the driving frame in one colour, made from the source's."""

  saved = scored = ('painter',)
  dispensable = ()
  trivial = {'copy_': 'copy of source'}  # noqa: RUF012

  def __init__(self, config):
    self.painter = nn.Dense(config.model.colours)
    self.optimizer = adam(config.optimizer, config.steps)
    self.weight = config.loss.colour

  @staticmethod
  def check(config):
    checks.check_positive(config, ('model.colours', 'loss.colour'))

  def init(self, key, batch):
    painter = self.painter.init(key, unit(batch['source']).mean((1, 2)))
    optimizer = self.optimizer.init(painter['params'])
    return TrainState(
      jnp.int32(0), {'painter': painter}, {'painter': optimizer}
    )

  def train_step(self, key, state, batch):
    del key  # nothing is drawn
    source, driving = (unit(batch[x]) for x in ('source', 'driving'))

    def loss(params):
      colour = self.painter.apply({'params': params}, source.mean((1, 2)))
      return self.weight * jnp.mean((colour - driving.mean((1, 2))) ** 2)

    params = state.variables['painter']['params']
    colour, gradient = jax.value_and_grad(loss)(params)
    params, optimizer = player_update(
      self.optimizer, gradient, state.opt_state['painter'], params
    )
    values = {'colour': colour, **gradient_norms({'painter': gradient})}
    state = TrainState(
      state.step + 1,
      {'painter': {'params': params}},
      {'painter': optimizer},
    )
    return state, averages(values)

  def paint(self, variables, batch):
    source = unit(batch['source'])
    colour = self.painter.apply(variables['painter'], source.mean((1, 2)))
    return jnp.broadcast_to(colour[:, None, None], source.shape)

  def eval_step(self, variables, batch):
    return Answers(
      {'true_picture': unit(batch['driving'])},
      {
        '': {'picture': self.paint(variables, batch)},
        'copy_': {'picture': unit(batch['source'])},
      },
    )

  def images(self, variables, batch):
    return unit(batch['driving']), self.paint(variables, batch)

  def warnings(self, values):
    return iter(())


def draw_colours(driving, painted):
  return {
    'driving': driving,
    'painted': np.uint8(255 * np.clip(painted, 0, 1)),
  }


def get_config() -> ConfigDict:
  config = base.get_config('debug')
  config.task = 'colour'
  config.data.source, config.data.image_size = 'synthetic', 32
  config.data.identities, config.data.test_identities = 2, 1
  config.data.clip_frames = 4
  config.model.colours = 3
  config.loss.colour = 1.0
  config.steps = 3
  config.checkpoint.every = config.report.every = 1
  config.report.images_every = config.report.eval_every = 3
  return config


@pytest.fixture(autouse=True)
def rows(monkeypatch):
  """All that is changed in the house."""
  monkeypatch.setitem(TASKS, 'colour', ColourTask)
  monkeypatch.setitem(DRAWINGS, 'colour', draw_colours)


def lines(workdir):
  return list(
    map(json.loads, (workdir / 'metrics.jsonl').read_text().splitlines())
  )


def test_another_system_is_trained_goes_on_where_it_stopped_and_is_scored(
  tmp_path,
):
  assert isinstance(ColourTask(get_config()), Task)
  whole = loop.train_stages(get_config(), tmp_path / 'whole')
  config = get_config()
  config.steps = 2
  loop.train_stages(config, tmp_path / 'parts')
  parts = loop.train_stages(get_config(), tmp_path / 'parts')
  jax.tree.map(np.testing.assert_array_equal, parts, whole)
  rows = lines(tmp_path / 'parts')
  assert [row['step'] for row in rows] == [1, 2, 3]
  assert [row['colour'] for row in rows] == [
    row['colour'] for row in lines(tmp_path / 'whole')
  ]
  assert (tmp_path / 'parts' / 'images' / '0000003_train.png').is_file()
  evaluations = evaluate.evaluate(get_config(), str(tmp_path / 'parts'))
  painted, copy = (evaluation.means() for evaluation in evaluations)
  assert painted['l1'].value == pytest.approx(rows[-1]['test/l1'])
  assert {'l1', 'psnr', 'ssim'} <= painted.keys() & copy.keys()
  stored = checkpoints.read_network(tmp_path / 'parts', 'painter')
  jax.tree.map(
    np.testing.assert_array_equal, stored, whole.variables['painter']
  )


def test_another_system_checks_its_own_fields_and_nobody_elses(tmp_path):
  config = get_config()
  config.model.colours = 0
  with pytest.raises(UsageError, match=r'model\.colours is 0: .* than 0'):
    loop.train_stages(config, tmp_path)
  config = get_config()
  config.optimizer.decay = 'never'
  with pytest.raises(UsageError, match=r"optimizer\.decay is 'never'"):
    loop.train_stages(config, tmp_path)


class Brightness(NamedTuple):
  """A motion of another kind: how bright each driving frame is."""

  values: list[float]
  rate: Fraction
  network: str = 'colours'

  @property
  def count(self):
    return len(self.values)


class ColourAnimator:
  """What the app asks of any system: to prepare, to watch, to give frames."""

  def __init__(self, painter):
    self.painter = painter

  def prepare(self, picture, settings, *, name):
    del settings, name
    colour = unit(picture[None]).mean((1, 2))
    return nn.Dense(3).apply(self.painter, colour)[0]

  def watch(self, frames, settings, *, name, progress):
    del settings, name, progress
    values = [float(unit(frame).mean()) for frame in frames]
    return Brightness(values, Fraction(frames.rate))

  def follow(self, frames, settings, *, name):
    raise UsageError(f'{name}: this system takes no stream')

  def load_motion(self, path):
    raise UsageError(f'{path}: this system saves no motion')

  def frames(self, portrait, motion, settings):
    del settings
    for value in motion.values:
      shade = np.uint8(255 * np.clip(value * portrait, 0, 1))
      yield np.broadcast_to(shade, (16, 16, 3))


def test_another_kind_of_motion_goes_from_files_to_files(tmp_path):
  levels = (50, 100, 200)
  (tmp_path / 'driving').mkdir()
  for number, level in enumerate(levels):
    frame = np.full((8, 8, 3), level, np.uint8)
    pictures.write_picture(tmp_path / 'driving' / f'{number}.png', frame)
  portrait = np.full((8, 8, 3), (255, 128, 0), np.uint8)
  pictures.write_picture(tmp_path / 'portrait.png', portrait)
  same = {'params': {'kernel': np.eye(3), 'bias': np.zeros(3)}}
  names = ('portrait.png', 'driving', 'out')
  job = Job(*(str(tmp_path / name) for name in names))
  studio = Studio(
    ColourAnimator(same),
    Settings(),
    Extras(None),
    UNTOLD,
    keep_part=True,
    as_folders=False,
  )
  studio.animate(job)
  assert isinstance(studio.drive(job.driving).motion, Motion)
  made = sorted((tmp_path / 'out').iterdir())
  assert len(made) == len(levels)
  for path, level in zip(made, levels, strict=True):
    shade = np.array((255, 128, 0)) * level / 255
    found = pictures.read_picture(path).astype(float)
    np.testing.assert_allclose(found - shade, 0, atol=1.1)
