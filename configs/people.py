"""The model in the box: a narrow DaGAN++ taught by people who do not exist.

python -m data_pipelines.build --name=synthetic --out=data/people64 --size=64
python -m dagan_jax.main --config=configs/people.py:64
"""

from ml_collections import ConfigDict

from configs import dagan


def get_config(variant: str = '') -> ConfigDict:
  config = dagan.get_config()
  config.data.source = 'tfds'
  config.data.image_size = 128
  config.data.batch_size = 8
  config.data.eval_frames = 4
  model = config.model
  model.depth.layers = 0
  model.detector.sees = 'rgb'
  model.detector.keypoints = 12
  model.detector.size = 32
  model.detector.width = 24
  model.detector.max_width = 128
  model.detector.blocks = 4
  model.motion.size = 32
  model.motion.width = 32
  model.motion.max_width = 128
  model.motion.blocks = 4
  model.motion.align_corners = True
  generator = model.generator
  generator.fusion = 'none'
  generator.decoder = 'multi_level'
  generator.blend = True
  generator.align_corners = True
  generator.width = 16
  generator.max_width = 128
  generator.levels = 4
  generator.residual_blocks = 3
  generator.level_residual_blocks = 0
  loss = config.loss
  loss.perceptual = 0.0
  loss.generator_gan = 0.0
  loss.discriminator_gan = 0.0
  loss.feature_matching = 0.0
  loss.pixel = 30.0
  loss.deformed = 10.0
  loss.drawn = 10.0
  loss.keypoint_distance_form = 'hinge'
  config.optimizer.learning_rate = 1e-3
  config.optimizer.warmup_steps = 50
  config.optimizer.decay = 'cosine'
  config.optimizer.clip_norm = 500.0
  config.steps = 4000
  if variant == '64':
    config.data.image_size = 64
    generator.width = 32
    generator.levels = 3
    config.steps = 6000
  config.checkpoint.every = 250
  config.report.every = 50
  config.report.images_every = 250
  config.report.eval_every = 1000
  return config
