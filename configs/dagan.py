"""DaGAN (CVPR 2022) on a folder of face clips.

  python -m dagan_jax.main --config=configs/dagan.py --workdir=runs/dagan \\
    --config.data.path=CLIPS --config.init.vgg=vgg19.pth

with --config.init.depth=WORKDIR for the face depth network of a workdir that
configs/face_depth.py has trained. Without it the depth network stays random and
its disparity means nothing. `configs/base.py` is DaGAN, so nothing is changed
here. The variant `:debug` is a tiny one.

Widths, losses and learning rate are those of the published code. The paper
trains 15 keypoints for 100 epochs, on 8 GPUs with 12 pairs each.
"""

from ml_collections import ConfigDict

from configs import base


def get_config(variant: str = '') -> ConfigDict:
  return base.get_config(variant)
