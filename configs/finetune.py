"""Fine-tuning: a trained or converted network on a few clips of your own.

  python -m dagan_jax.main --config=configs/finetune.py --workdir=runs/mine \\
    --config.init.reenactor=WORKDIR --config.data.path=CLIPS \\
    --config.init.vgg=vgg19.pth

The model is that of WORKDIR, whatever it is, with its depth network. On few
clips the published learning rate destroys a trained network within ten steps; a
tenth of it, reached over a warm-up, does not. Long runs on few clips forget all
other faces.
"""

from ml_collections import ConfigDict

from configs import dagan


def get_config(variant: str = '') -> ConfigDict:
  config = dagan.get_config(variant)
  config.model = ConfigDict()  # that of init.reenactor
  config.frozen_statistics = True  # a few clips say little of faces
  config.optimizer.learning_rate = 2e-5
  if variant == 'debug':
    return config
  config.steps = 400
  config.data.batch_size = 4
  config.optimizer.warmup_steps = 50
  config.checkpoint.every = 100
  config.report.every = 20
  config.report.images_every = 100
  config.report.eval_every = 200
  return config
