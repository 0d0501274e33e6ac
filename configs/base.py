"""Every field there is. A config is this, plus what it changes.

The variant 'debug' (`--config=configs/dagan.py:debug`) keeps the shape of a
config but makes its networks tiny and its run 20 steps long.
"""

from ml_collections import ConfigDict


def get_config(variant: str = '') -> ConfigDict:
  config = ConfigDict()
  config.task = 'reenactment'  # a row of dagan_jax.tasks.TASKS
  config.seed = 0  # of the weights, the augmentation and the warps
  config.steps = 100_000  # updates of both players
  config.frozen_statistics = False  # stage 2: batch norms stay as they are

  config.data = ConfigDict()
  config.data.source = (
    'videos'  # a row of data_pipelines.reading.sources.SOURCES
  )
  config.data.path = ''  # the folder with the clips; tfds: of a data set
  config.data.image_size = 256  # pixels; a multiple of 32
  config.data.batch_size = 32  # examples a step, over all devices
  config.data.sampler = 'pairs'  # pairs | neighbours (of one moment: stage 1)
  config.data.views = 2  # neighbours: 2 frames, or 3 around the middle one
  config.data.frame_gap = 5  # neighbours: 1 to so many frames apart
  config.data.seed = 0  # of the order of the examples
  config.data.workers = 0  # processes that decode; 0: threads, the faster
  config.data.prefetch = 4  # batches made ahead
  config.data.cache = ''  # videos: where their frames go; '': user's cache
  config.data.test_fraction = 0.1  # videos: share of the identities held out
  config.data.eval_frames = 8  # driving frames of each held-out clip
  config.data.identities = 10_000  # synthetic: people in the training split
  config.data.test_identities = 32  # synthetic: people held out
  config.data.clip_frames = 250  # synthetic: frames of a clip, 25 a second

  config.augment = ConfigDict()  # one draw for all frames of an example
  config.augment.time_flip = 0.5  # probability of swapping the two frames
  config.augment.horizontal_flip = 0.5  # of mirroring both, if not swapped
  config.augment.colour = 1.0  # probability that colours change at all
  config.augment.brightness = 0.1  # factors are uniform in 1 -/+ this
  config.augment.contrast = 0.1
  config.augment.saturation = 0.1
  config.augment.hue = 0.1  # shift in turns of the colour circle, -/+ this

  # Empty: that of init.reenactor.
  config.model = ConfigDict()
  config.model.depth = ConfigDict()  # the face depth network, frozen in stage 2
  config.model.depth.layers = 18  # of its ResNet: 18 or 50; 0: no network
  config.model.depth.width = 64  # features at its top; 64 as published
  # Detector and generator see disparity as it is, or with mean 0, deviation 1.
  config.model.standardised_depth = False
  config.model.camera = ConfigDict()  # head motion and camera; stage 1 alone
  config.model.camera.backbone = 'conv7'  # conv7 | resnet18 | resnet50
  config.model.camera.width = 16  # features of the backbone at its top
  config.model.camera.blocks = 7  # conv7: halvings, 256 pixels to 2
  config.model.camera.focal = 4.0  # first guess, in widths of the picture
  config.model.camera.intrinsics = 'clip'  # clip: pairs share one | pair
  config.model.camera.uncertainty = True  # a map of what is no rigid motion
  config.model.detector = ConfigDict()
  config.model.detector.sees = 'rgbd'  # rgb | rgbd | depth
  config.model.detector.keypoints = 15
  config.model.detector.width = 32  # features of the hourglass at its top
  config.model.detector.max_width = 1024
  config.model.detector.blocks = 5  # halvings of the hourglass
  config.model.detector.size = 64  # pixels of what the hourglass sees
  config.model.detector.temperature = 0.1  # of the heatmaps' softmax
  config.model.motion = ConfigDict()
  config.model.motion.width = 64
  config.model.motion.max_width = 1024
  config.model.motion.blocks = 5
  config.model.motion.size = 64
  # Maps of what is hidden: one, or one for each of the generator's levels.
  config.model.motion.occlusions = 1
  config.model.motion.align_corners = False  # False: as published weights
  config.model.generator = ConfigDict()
  # Who asks whom: none (FOMM) | depth (DaGAN) | cross_modal (DaGAN++).
  config.model.generator.fusion = 'depth'
  # From the deepest features alone: plain | spade. From all: multi_level.
  config.model.generator.decoder = 'plain'
  config.model.generator.width = 64  # features at full resolution
  config.model.generator.max_width = 512
  config.model.generator.levels = 3  # each half as large as the one before
  config.model.generator.residual_blocks = 6  # at the deepest level
  config.model.generator.level_residual_blocks = 0  # multi_level: at others
  config.model.generator.pool_first = False  # True: before convolving
  config.model.generator.depth_kv = 'deepest'  # deepest | per_level
  config.model.generator.warp_depth = False  # True: like the appearance
  config.model.generator.align_corners = False
  config.model.generator.attention = ConfigDict()
  config.model.generator.attention.divisor = 8  # queries are so much narrower
  config.model.generator.attention.relu = True  # on queries, keys and values
  config.model.generator.attention.scaled = False  # logits / root of width
  config.model.generator.attention.gamma = True  # a learnt factor, 0 at first
  config.model.generator.attention.chunk = 512  # queries at a time
  # chunked | cudnn: bfloat16 on GPUs, where values have at most 128 features.
  config.model.generator.attention.implementation = 'chunked'
  config.model.discriminator = ConfigDict()
  config.model.discriminator.width = 64
  config.model.discriminator.max_width = 512
  config.model.discriminator.blocks = 4
  config.model.discriminator.sees_keypoints = True  # as Gaussian maps
  config.model.vgg = ConfigDict()
  config.model.vgg.width = 64  # 64 is VGG-19; less only with random weights

  config.loss = ConfigDict()  # weights; 0: not computed
  config.loss.perceptual = 10.0
  config.loss.perceptual_scales = (1.0, 0.5, 0.25, 0.125)
  config.loss.generator_gan = 1.0
  config.loss.discriminator_gan = 1.0
  config.loss.feature_matching = 10.0
  config.loss.equivariance_value = 10.0
  config.loss.equivariance_jacobian = 10.0
  config.loss.keypoint_distance = 10.0
  config.loss.keypoint_distance_form = 'sign'  # sign (published) | hinge
  config.loss.keypoint_distance_threshold = 0.2
  config.loss.photometric = 1.0  # stage 1, from here on
  config.loss.photometric_form = 'daganpp'  # dagan | daganpp
  config.loss.unmasked_uncertainty = 1.0  # of camera.uncertainty, if it is
  config.loss.smoothness = 0.01
  # Depth begins as a round head; this weight fades ...
  config.loss.convex_start = 20.0
  config.loss.convex_until = 0.1  # ... to 0 over this share of the run
  config.loss.least_uncertainty = 0.02  # daganpp: more is 1 / this not trusted

  config.warp = ConfigDict()  # the random thin-plate copy of the driving frame
  config.warp.affine = 0.05  # standard deviation of the affine part
  config.warp.bending = 0.005  # and of the control points' part
  config.warp.points = 5  # control points a side

  config.optimizer = ConfigDict()  # Adam, one for each player
  config.optimizer.learning_rate = 2e-4
  config.optimizer.b1 = 0.5
  config.optimizer.b2 = 0.999
  config.optimizer.warmup_steps = 0
  config.optimizer.decay = 'none'  # none | step | cosine
  # step: shares of what follows the warm-up, after each of which ...
  config.optimizer.decay_at = (2 / 3,)
  config.optimizer.decay_factor = 0.1  # ... the rate shrinks so
  config.optimizer.clip_norm = 0.0  # 0: gradients are not clipped

  # A whole config of face_depth to run first, in <workdir>/stage_1; its depth
  # network is then this run's. Empty: there is none.
  config.stage_1 = ConfigDict()

  config.init = ConfigDict()  # networks that are given
  # A workdir that holds a depth network. Stage 1 goes on learning it (and its
  # head motion, if there); stage 2 takes it as it is.
  config.init.depth = ''
  config.init.reenactor = ''  # stage 2: a workdir to take what fits from
  config.init.resnet = ''  # stage 1: torchvision's ResNet to start from
  config.init.vgg = ''  # torchvision's VGG-19: .pth or .npz

  config.checkpoint = ConfigDict()
  config.checkpoint.every = 5_000  # steps; always at the end as well
  config.checkpoint.keep = 3  # latest ones kept

  config.report = ConfigDict()
  config.report.every = 100  # steps between two lines of losses
  config.report.images_every = 1_000  # steps between two grids of pictures
  config.report.eval_every = 5_000  # steps between held-out scores; 0: never
  config.report.images = 4  # examples in a grid

  if variant == 'debug':
    make_debug(config)
  elif variant:
    raise ValueError(f'this config has no variant {variant!r}')
  return config


def make_debug(config: ConfigDict) -> None:
  """Shrinks the networks and the run so that a laptop ends in a minute."""
  config.steps = 20
  config.data.image_size = 64
  config.data.batch_size = 4
  config.data.workers = 0
  config.data.identities = 16
  config.data.test_identities = 2
  config.data.eval_frames = 2
  config.model.depth.width = 16
  config.model.camera.width = 4
  config.model.camera.blocks = 5
  config.model.detector.keypoints = 5
  for network in (config.model.detector, config.model.motion):
    network.size = 16
    network.width = 8
    network.max_width = 32
    network.blocks = 3
  config.model.generator.width = 8
  config.model.generator.max_width = 32
  config.model.generator.residual_blocks = 2
  config.model.discriminator.width = 8
  config.model.discriminator.max_width = 32
  config.model.discriminator.blocks = 3
  config.model.vgg.width = 8
  config.loss.perceptual_scales = (1.0, 0.5)
  config.checkpoint.every = 10
  config.report.every = 5
  config.report.images_every = 10
  config.report.eval_every = 20
