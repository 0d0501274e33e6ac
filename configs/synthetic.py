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
  config.steps = 450
  config.data.image_size = 64
  config.data.batch_size = 8
  config.data.workers = 1
  config.data.test_identities = 16
  config.data.eval_frames = 4
  config.model.detector.keypoints = 10
  for network in (config.model.detector, config.model.motion):
    network.width = 16
    network.max_width = 128
    network.blocks = 3
  config.model.motion.scale = 0.5  # 64 pixels are few: finer flows
  config.model.generator.width = 16
  config.model.generator.max_width = 64
  config.model.generator.down_blocks = 1  # and finer features
  config.model.generator.residual_blocks = 3
  config.model.discriminator.width = 16
  config.model.discriminator.max_width = 64
  config.model.discriminator.blocks = 3
  config.model.vgg.width = 8
  config.loss.perceptual_scales = (1.0, 0.5)
  config.loss.keypoint_distance_form = 'hinge'  # or points crowd
  # Small networks and a short run bear a higher rate than the published one;
  # the clip is for the rare nearly singular Jacobian of the first steps.
  config.optimizer.learning_rate = 1e-3
  config.optimizer.warmup_steps = 20
  config.optimizer.decay = 'cosine'
  config.optimizer.clip_norm = 500.0
  config.checkpoint.every = 150
  config.report.every = 50
  config.report.images_every = 150
  config.report.eval_every = 450
  return config
