"""DaGAN's SPADE variant: all its decoder's layers see the warped source.

  python -m dagan_jax.main --config=configs/spade.py --workdir=runs/spade \\
    --config.data.path=CLIPS --config.init.vgg=vgg19.pth \\
    --config.init.depth=runs/face_depth
"""

from ml_collections import ConfigDict

from configs import dagan


def get_config(variant: str = '') -> ConfigDict:
  config = dagan.get_config(variant)
  config.model.generator.decoder = 'spade'
  return config
