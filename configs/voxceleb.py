"""DaGAN++ on VoxCeleb1 or VoxCeleb2.

  python -m dagan_jax.main --config=configs/voxceleb.py

expects data/voxceleb/train and data/voxceleb/test as the usual preprocessing
makes them: videos or frame folders named IDENTITY#VIDEO#... .
"""

from ml_collections import ConfigDict

from configs import daganpp


def get_config(variant: str = '') -> ConfigDict:
  config = daganpp.get_config(variant)
  config.data.path = 'data/voxceleb'
  config.model.detector.keypoints = 15  # the paper's choice
  config.loss.perceptual = 10.0  # lambda_P
  config.loss.equivariance_value = 10.0  # lambda_E
  config.loss.keypoint_distance = 10.0  # lambda_D
  if not variant:
    config.data.batch_size = 96  # 8 devices with 12 pairs, as published
  return config
