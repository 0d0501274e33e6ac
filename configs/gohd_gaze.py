"""GoHD's gazes: a diffusion that a voice steers.

  python -m dagan_jax.main --config=configs/gohd_gaze.py \\
    --config.data.path=SPEAKERS

All fields and the variants are those of `configs/gohd_pose.py`.
"""

from ml_collections import ConfigDict

from configs import gohd_pose


def get_config(variant: str = '') -> ConfigDict:
  return gohd_pose.describe_diffusion('gaze', variant)
