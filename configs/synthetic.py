"""FOMM on rendered faces: needs no data and trains on a laptop.

  python -m dagan_jax.main --config=configs/synthetic.py
"""

from ml_collections import ConfigDict

from configs import base


def get_config(variant: str = '') -> ConfigDict:
  config = base.get_config(variant)
  config.data.source = 'synthetic'
  config.model.depth.layers = 0
  config.model.detector.sees = 'rgb'
  config.model.generator.fusion = 'none'
  return config
