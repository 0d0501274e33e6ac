"""GoHD's expressions: what a voice does to a face, in two stages.

  python -m dagan_jax.main --config=configs/gohd_expression.py \\
    --config.data.path=SPEAKERS

learns first, in <workdir>/stage_1, how a moment of a voice moves the mouth when
eyes and brows are told; then how eyes and brows move. The variant `:stage_1` is
the first stage alone. `:narrow` has networks of a fiftieth of the size, for two
processors; `:debug` tiny ones; `:one_stage` learns all at once, and `:blind` is
a first stage that is not told of eyes. `:lips` is a `:narrow/blind` that hears
each frame with those around it, in voices that vary: what `speak` brings along.
All fields are here and in
`configs/base.py`.
"""

from ml_collections import ConfigDict

from configs import base, gohd_pose

_VARIANTS = ('narrow', 'stage_1', 'one_stage', 'blind', 'lips')


def get_config(variant: str = '') -> ConfigDict:
  """The config of a variant; several are joined by slashes: narrow/blind."""
  names = set(variant.split('/')) - {''}
  size = names & {'narrow', 'debug'}
  if unknown := names - {*_VARIANTS, 'debug'}:
    raise ValueError(f'this config has no variant {min(unknown)!r}')
  if 'lips' in names:
    return _describe_lips(size)
  if names & {'stage_1', 'blind'}:
    config = _describe_stage_1(size)
    config.sees_eyes = 'blind' not in names
    return config
  config = _describe_stage_2(size)
  if 'one_stage' in names:
    config.learns_mapper = True
    config.stage_1 = ConfigDict()
  return config


def _describe_stage_1(size: set[str]) -> ConfigDict:
  config = _describe_both('gohd_mapper', size)
  config.data.sequence = 30
  config.sees_eyes = True  # whether the eye motion of a frame is told
  config.model.expression = ConfigDict()
  config.model.expression.width = 32  # of the audio encoder's first layers
  # moments: a fifth of a second, as published | stretches: what is around, too
  config.model.expression.hears = 'moments'
  # Share of features that training leaves out, of who hears stretches.
  config.model.expression.dropout = 0.15
  # Likewise: features of its two convolutions over bands, and frames from one
  # to the next that each of its blocks sees.
  config.model.expression.bands = (32, 64)
  config.model.expression.dilations = (1, 1, 2, 2)
  config.vary = 0.0  # how far throats, rooms and noise of voices vary; 1: much
  config.hide = 0.0  # share of the time, and of the bands, that is not heard
  config.loss.update(_weigh_stage_1())
  if size:
    config.model.expression.width = 8 if 'narrow' in size else 1
  if 'debug' in size:
    config.data.sequence = 6
  return config


def _describe_lips(size: set[str]) -> ConfigDict:
  config = _describe_stage_1(size | {'narrow'})
  config.sees_eyes = False
  config.vary = 0.8
  config.hide = 0.1
  config.data.sequence = 100
  config.data.batch_size = 8
  config.model.expression.hears = 'stretches'
  config.model.expression.width = 192
  config.model.expression.bands = (64, 128)
  config.model.expression.dilations = (1, 1, 2, 2, 4, 1)
  loss = config.loss
  loss.lower_face, loss.lip_gap, loss.shut_lips = 1.0, 1.0, 6.0
  loss.mouth_shape, loss.eyes, loss.coefficients = 0.0, 0.0, 20.0
  config.steps = 8_000
  config.optimizer.warmup_steps = 100
  if 'debug' in size:
    config.model.expression.width, config.model.expression.bands = 8, (4, 8)
    config.data.sequence, config.data.batch_size = 6, 4
    config.steps = 20
  return config


def _describe_stage_2(size: set[str]) -> ConfigDict:
  config = _describe_both('gohd_expression', size)
  config.data.sequence = 300
  # False: the mapper stays as stage 1 left it. True: it learns along.
  config.learns_mapper = False
  config.discriminator_rate = 1e-6  # learning rate of the discriminators
  config.stage_1 = _describe_stage_1(size)
  base.share(config, config.stage_1, ('data.path', 'init.face'))
  config.init.mapper = ''  # a workdir of stage 1; that of this run: stage_1
  network = ConfigDict()
  network.width = config.stage_1.model.expression.width
  network.hidden = 512  # of the LSTM, and numbers of noise a frame
  config.model.two_stage_expression = network
  judges = ConfigDict()
  judges.width = 64  # features of the first layer of who judges patches
  judges.attention = 256  # features of who hears
  config.model.expression_discriminators = judges
  loss = config.loss
  loss.unlikeness = 2.0  # 1 less SSIM over time, of eye motion
  loss.eye_motion = 2.0  # L1
  loss.gan_eyes = 1.0  # of lids and brows, by who hears the voice as well
  loss.gan_eye_motion = 1.0
  loss.gan_expression = 1.0
  loss.stage_1 = _weigh_stage_1()
  if size:
    network.hidden, judges.width, judges.attention = 64, 16, 32
    config.data.sequence = 100
  if 'debug' in size:
    network.hidden, judges.width, judges.attention = 4, 2, 8
    config.data.sequence = 20
  return config


def _weigh_stage_1() -> ConfigDict:
  """As published; its unit of landmarks is a tenth of a pixel, squared here."""
  loss = ConfigDict()
  loss.lower_face = 1.0  # landmarks of jaw and mouth, squared pixels
  loss.lip_gap = 100.0  # what shuts lips, squared pixels
  loss.shut_lips = 0.0  # not published: the same, of p, b and m alone
  loss.mouth_shape = 2.0  # in place of what a lip reader sees
  loss.eyes = 2.0  # L1 of eye motion
  loss.coefficients = 2.0  # L1
  return loss


def _describe_both(task: str, size: set[str]) -> ConfigDict:
  config = base.get_config('debug' if 'debug' in size else '')
  config.task = task
  gohd_pose.describe_sequences(config)
  config.data.batch_size = 8
  config.ema = 0.999  # decay of a running average; 0: there is none
  # The Basel Face Model, where coefficients are of it; empty: the package's own
  # head, whose coefficients those of rendered speakers are.
  config.init.face = ''
  config.steps = 100_000
  config.optimizer.learning_rate = 1e-4
  config.optimizer.b1 = 0.9
  if 'narrow' in size:
    _shorten(config)
  if 'debug' in size:
    config.steps = 20
    config.data.batch_size = 4
  return config


def _shorten(config: ConfigDict) -> None:
  config.steps = 2_000
  config.ema = 0.998
  config.optimizer.learning_rate = 2e-3
  config.optimizer.warmup_steps = 50
  config.optimizer.decay = 'cosine'
  config.optimizer.clip_norm = 100.0
  config.checkpoint.every = 500
  config.report.every = 50
  config.report.images_every = 500
  config.report.eval_every = 500
