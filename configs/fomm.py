"""The First Order Motion Model (NeurIPS 2019): DaGAN without depth.

  python -m dagan_jax.main --config=configs/fomm.py --workdir=runs/fomm \\
    --config.data.path=CLIPS --config.init.vgg=vgg19.pth
"""

from ml_collections import ConfigDict

from configs import dagan


def get_config(variant: str = '') -> ConfigDict:
  config = dagan.get_config(variant)
  config.model.depth.layers = 0  # no depth network at all
  config.model.detector.sees = 'rgb'
  config.model.generator.fusion = 'none'
  return config
