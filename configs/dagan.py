"""DaGAN (CVPR 2022) on a folder of face clips.

  python -m dagan_jax.main --config=configs/dagan.py --workdir=runs/dagan \\
    --config.data.path=CLIPS --config.init.vgg=vgg19.pth

with --config.init.depth=WORKDIR for a face depth network learnt before;
without, depth is random and of no use. `configs/base.py` is DaGAN: its fields
tell all. `:debug` is a tiny one.

Widths, losses and learning rate are the published code's; the paper trains
15 keypoints, 100 epochs on 8 GPUs with 12 pairs each.
"""

from ml_collections import ConfigDict

from configs import base


def get_config(variant: str = '') -> ConfigDict:
  return base.get_config(variant)
