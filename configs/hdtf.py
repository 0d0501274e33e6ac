"""DaGAN on HDTF, high-definition talking faces.

  python -m dagan_jax.main --config=configs/hdtf.py

expects the clips in data/hdtf: one film for each clip, cropped to the face,
named IDENTITY#anything.mp4 or lying in a folder named after the identity.
"""

from ml_collections import ConfigDict

from configs import base


def get_config(variant: str = '') -> ConfigDict:
  config = base.get_config(variant)
  config.data.path = 'data/hdtf'
  return config
