"""There is room for another system: a Task, its config, and two rows of tables.

The pretend system learns the driving frame's mean colour from the source's, by
one dense layer. It shares no field and no network with DaGAN, and goes through
the real loop, checkpoints and evaluation.
"""

import json

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ml_collections import ConfigDict

from configs import base
from dagan_jax.console.errors import UsageError
from dagan_jax.drawing.tasks import DRAWINGS
from dagan_jax.evaluation import evaluate
from dagan_jax.geometry.pixels import unit
from dagan_jax.runs import checkpoints
from dagan_jax.tasks import TASKS, checks
from dagan_jax.tasks.optimizers import adam, gradient_norms, player_update
from dagan_jax.tasks.task import Answers, Task, TrainState, averages
from dagan_jax.training import loop


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
  scores = evaluate.evaluate(get_config(), str(tmp_path / 'parts'))
  assert scores['l1'] == pytest.approx(rows[-1]['test/l1'])
  assert {'copy_l1', 'psnr', 'copy_psnr', 'ssim'} <= scores.keys()
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
