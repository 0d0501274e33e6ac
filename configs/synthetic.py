"""FOMM on rendered faces: needs no data and trains on a laptop.

python -m dagan_jax.main --config=configs/synthetic.py
"""

from ml_collections import ConfigDict

from configs import base


def get_config(variant: str = '') -> ConfigDict:
  config = base.get_config(variant)
  config.data.source = 'synthetic'
  config.model.depth.layers = 0  # no depth network is learnt before
  config.model.detector.sees = 'rgb'
  config.model.generator.fusion = 'none'
  if variant == 'debug':
    return config
  config.steps = 800
  config.data.image_size = 64
  config.data.batch_size = 8
  config.data.workers = 1
  config.data.identities = 10_000
  config.data.test_identities = 16
  config.data.eval_frames = 4
  config.model.detector.keypoints = 10
  for network in (config.model.detector, config.model.motion):
    network.width = 16
    network.max_width = 128
    network.blocks = 3
  config.model.generator.width = 16
  config.model.generator.max_width = 64
  config.model.generator.residual_blocks = 3
  config.model.discriminator.width = 16
  config.model.discriminator.max_width = 64
  config.model.discriminator.blocks = 3
  config.model.vgg.width = 8
  config.loss.perceptual_scales = (1.0, 0.5, 0.25)
  config.checkpoint.every = 400
  config.report.every = 50
  config.report.images_every = 200
  config.report.eval_every = 400
  return config
