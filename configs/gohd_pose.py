"""GoHD's head poses: a diffusion that a voice steers.

  python -m dagan_jax.main --config=configs/gohd_pose.py \\
    --config.data.path=SPEAKERS

learns as published but for what is said below; `configs/gohd_gaze.py` learns
gazes likewise. The variant `:narrow` is a network of a hundredth of the size,
for two processors; `:debug` is a tiny one. All fields are here and in
`configs/base.py`.
"""

from ml_collections import ConfigDict

from configs import base


def get_config(variant: str = '') -> ConfigDict:
  return describe_diffusion('pose', variant)


def describe_diffusion(target: str, variant: str) -> ConfigDict:
  """The config of 'pose' or 'gaze'."""
  config = base.get_config('' if variant == 'narrow' else variant)
  config.task = 'gohd_diffusion'
  config.target = target  # pose | gaze
  describe_sequences(config)
  config.data.sequence = 150
  config.data.batch_size = 8
  # The share of what is found with the first pose; the rest is found without.
  config.guidance = 0.4
  # Probability that training does not tell the first pose. As the two terms
  # count nearly alike, so often does the network learn each. The paper trains
  # two networks; 0, and guidance 1, is the one that its code runs.
  config.initial_dropout = 0.5
  config.ema = 0.999  # decay of a running average; 0: there is none

  network = ConfigDict()
  network.channels = 6 if target == 'pose' else 2
  network.width = 256  # of the residual blocks
  network.blocks = 20
  network.embedding = 512  # width of the step's embedding
  network.dropout = 0.1
  # Radians, and units of the camera, that 1 stands for. As published: 1. Heads
  # turn less, and what is hidden in noise in most of the steps teaches little.
  network.unit = 1.0
  network.steps = 150  # of the diffusion, as published
  network.learns_without = True  # a vector stands for a first pose not told
  network.predicts = 'noise'  # as published | velocity: see Denoiser
  config.model[target] = network

  config.steps = 100_000
  config.optimizer.learning_rate = 6e-4
  config.optimizer.b1 = 0.9
  if variant == 'narrow':
    _narrow(config, network)
    if target == 'gaze':
      network.width, network.blocks = 32, 4
  if variant == 'debug':
    config.steps = 20
    network.width = network.embedding = 16
    network.blocks = 3
    config.data.sequence = 12
    config.data.batch_size = 4
  return config


def describe_sequences(config: ConfigDict) -> None:
  """Fills what all tasks have that learn from people who speak."""
  config.data.source = 'speakers'
  config.data.sampler = 'sequences'
  # A workdir, trained or converted from published files, to take what fits of.
  config.init.networks = ''


def _narrow(config: ConfigDict, network: ConfigDict) -> None:
  network.width = 64
  network.blocks = 6
  network.embedding = 128
  network.unit = 0.1
  network.steps = 240  # in a small unit, 150 leave too much of slow turns
  network.predicts = 'velocity'  # of nearly pure noise, errors stay small
  config.data.sequence = 100
  config.steps = 3_000
  config.ema = 0.998
  config.optimizer.learning_rate = 1e-3
  config.optimizer.warmup_steps = 100
  config.optimizer.decay = 'cosine'
  config.optimizer.clip_norm = 1.0
  config.checkpoint.every = 500
  config.report.every = 50
  config.report.images_every = 500
  config.report.eval_every = 500
