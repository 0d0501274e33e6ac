"""DaGAN++ on HDTF, high-definition talking faces.

  python -m dagan_jax.main --config=configs/hdtf.py

expects the clips in data/hdtf: one video for each clip, cropped to the face,
named IDENTITY#anything.mp4 or lying in a folder named after the identity. The
variant `:512` draws 512 x 512 pixels; give it a 256 model to start from:
--config=configs/hdtf.py:512 --config.init.reenactor=WORKDIR
"""

from ml_collections import ConfigDict

from configs import daganpp


def get_config(variant: str = '') -> ConfigDict:
  config = daganpp.get_config(variant)
  config.data.path = 'data/hdtf'
  config.model.detector.keypoints = 15  # the paper's choice
  config.loss.perceptual = 10.0  # lambda_P
  config.loss.equivariance_value = 10.0  # lambda_E
  config.loss.keypoint_distance = 10.0  # lambda_D
  return config
