"""Face depth from video alone: stage 1 of DaGAN and DaGAN++.

  python -m dagan_jax.main --config=configs/face_depth.py \\
    --config.data.path=CLIPS --config.init.resnet=resnet18.pth

learns depth as DaGAN++ does, its variant `:dagan` as DaGAN does.
"""

from ml_collections import ConfigDict

from configs import base


def get_config(variant: str = '') -> ConfigDict:
  config = base.get_config('' if variant == 'dagan' else variant)
  config.task = 'face_depth'
  config.data.sampler = 'neighbours'
  config.augment.colour = 0.5
  config.augment.brightness = 0.2
  config.augment.contrast = 0.2
  config.augment.saturation = 0.2
  config.optimizer.learning_rate = 1e-4
  config.optimizer.b1 = 0.9
  config.optimizer.decay = 'step'
  config.optimizer.decay_at = (0.75,)  # after epoch 15 of 20
  config.optimizer.clip_norm = 1.0
  if variant == 'dagan':
    learn_as_dagan(config)
  return config


def learn_as_dagan(config: ConfigDict) -> None:
  """Three frames, no uncertainty, and smoothness as published."""
  config.loss.photometric_form = 'dagan'
  config.data.views = 3
  config.model.camera.uncertainty = False
  config.loss.smoothness = 0.001
