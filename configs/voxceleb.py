"""DaGAN on VoxCeleb1 or VoxCeleb2.

  python -m dagan_jax.main --config=configs/voxceleb.py

expects data/voxceleb/train and data/voxceleb/test as the usual preprocessing
makes them: films or frame folders named IDENTITY#VIDEO#... .
"""

from ml_collections import ConfigDict

from configs import base


def get_config(variant: str = '') -> ConfigDict:
  config = base.get_config(variant)
  config.data.path = 'data/voxceleb'
  config.data.batch_size = 96  # 8 devices with 12 pairs, as published
  return config
