"""The model in the box: narrow, 128 pixels, taught by people who do not exist.

  make model

writes rendered people twice, at 64 and at 128 pixels, learns motion from the
small ones with the variant `:64`, goes on from there at 128 pixels with

  python -m dagan_jax.main --config=configs/people.py --workdir=runs/people \\
    --config.data.path=data/people128 --config.init.reenactor=runs/people64

and writes the model's file. Of DaGAN++ it has the generator of many levels; it
has no depth network, because none is learnt well enough yet to help, and no
discriminator's loss, which short runs gain nothing from. How the model of the
package was made, and how it scores, is in docs/results.md.

Lids and lips are small: of themselves, keypoints pass over them. The variant
`:guides` teaches a network to find them, by landmarks, and nothing else; `:led`
goes on with all networks, led by them. `:drawing` then teaches the generator
alone to draw what lips and lids uncover. `:quick` lets a motion network that
needs less than half the time learn what theirs does.
"""

from ml_collections import ConfigDict

from configs import dagan

ALL_BUT_GENERATOR = ('detector', 'guides', 'motion')
LOSSES = (
  'perceptual',
  'pixel',
  'deformed',
  'drawn',
  'landmarks',
  'landmark_flow',
  'eyes_and_mouth',
  'lids_and_lips',
  'equivariance_value',
  'equivariance_jacobian',
  'keypoint_distance',
)


def get_config(variant: str = '') -> ConfigDict:
  ours = ('64', 'guides', 'led', 'drawing', 'quick')
  config = dagan.get_config('' if variant in ours else variant)
  config.data.source = 'tfds'
  _narrow_networks(config.model)
  _weigh_losses(config.loss)
  if variant == 'debug':
    config.data.source = 'synthetic'
    config.model.generator.levels = 3
    config.model.motion.occlusions = 3
    return config
  config.data.image_size = 128
  config.data.batch_size = 8
  config.data.eval_frames = 4
  config.steps = 6_000
  if variant == '64':
    config.data.image_size = 64
    config.model.motion.size = 32
    config.model.motion.occlusions = 1
    config.model.generator.width = 32
    config.model.generator.levels = 3
    config.loss.perceptual = 0.0
  config.optimizer.learning_rate = 1e-3
  config.optimizer.warmup_steps = 50
  config.optimizer.decay = 'cosine'
  config.optimizer.clip_norm = 40.0  # twice what gradients have as a rule
  if variant in ('guides', 'led', 'drawing', 'quick'):
    _look_for_lids_and_lips(config)
  if variant == 'guides':
    _learn_guides_alone(config)
  if variant == 'led':
    config.steps = 1_500
    config.optimizer.learning_rate = 5e-4
  if variant == 'drawing':
    _learn_drawing_alone(config)
  if variant == 'quick':
    _imitate_motion(config)
  config.checkpoint.every = 250
  config.report.every = 50
  config.report.images_every = 250
  config.report.eval_every = 1_000
  return config


def _narrow_networks(model: ConfigDict) -> None:
  """Makes networks for two processors.

  Keypoints are found at 32 pixels, where that costs little. The flow is made of
  them at 64, since eyelids and lips are smaller than a pixel of 32; what is
  hidden is told at each of the generator's sizes.
  """
  model.depth.layers = 0
  model.detector.sees = 'rgb'
  model.detector.keypoints = 12
  model.detector.width = 24
  model.motion.width = 32
  model.motion.align_corners = True
  for network in (model.detector, model.motion):
    network.max_width = 128
    network.blocks = 4
  model.detector.size = 32
  model.motion.size = 64
  model.motion.occlusions = 4
  generator = model.generator
  generator.fusion = 'none'
  generator.decoder = 'multi_level'
  generator.blend = True
  generator.align_corners = True
  generator.width = 16
  generator.max_width = 128
  generator.levels = 4
  generator.residual_blocks = 3
  model.vgg.taps = ('relu1_1', 'relu2_1', 'relu3_1')


def _weigh_losses(loss: ConfigDict) -> None:
  """Trusts pixels, and a judge at half the size, which costs a quarter."""
  loss.perceptual = 1.0
  loss.perceptual_scales = (0.5,)
  loss.generator_gan = 0.0
  loss.discriminator_gan = 0.0
  loss.feature_matching = 0.0
  loss.pixel = 30.0
  loss.deformed = 10.0
  loss.drawn = 20.0
  loss.keypoint_distance_form = 'hinge'  # else keypoints crowd


def _look_for_lids_and_lips(config: ConfigDict) -> None:
  """A network for what is small, at 64 pixels, taught by known landmarks."""
  config.data.landmarks = True
  guides = config.model.guides
  guides.width = 16
  guides.max_width = 128
  guides.blocks = 4
  guides.size = 64
  config.loss.landmarks = 60.0
  config.loss.landmark_flow = 30.0
  config.loss.eyes_and_mouth = 20.0


def _weigh_nothing_but(loss: ConfigDict, *kept: str) -> None:
  for name in LOSSES:
    if name not in kept:
      loss[name] = 0.0


def _learn_guides_alone(config: ConfigDict) -> None:
  """Weighs nothing but points of lids and lips: steps are short."""
  _weigh_nothing_but(config.loss, 'landmarks')
  config.data.batch_size = 16
  config.steps = 3_000
  config.optimizer.learning_rate = 2e-3


def _learn_drawing_alone(config: ConfigDict) -> None:
  """Weighs pictures alone, and most what lips and lids uncover."""
  config.frozen = ALL_BUT_GENERATOR
  config.frozen_statistics = True
  _weigh_nothing_but(config.loss, 'pixel', 'drawn', 'eyes_and_mouth')
  config.loss.lids_and_lips = 40.0
  config.ema = 0.99
  config.steps = 1_000
  config.optimizer.learning_rate = 5e-4


def _imitate_motion(config: ConfigDict) -> None:
  """Learns a narrower motion network from that of `init.reenactor`."""
  config.task = 'imitation'
  motion = config.model.motion
  motion.width, motion.kernel, motion.finer_width = 16, 3, 16
  config.model.teacher = ConfigDict()  # that of init.reenactor takes its place
  loss = config.loss
  _weigh_nothing_but(loss)
  loss.imitated_flow = 30.0  # where pixels look
  loss.imitated_picture = 10.0  # what they see there
  loss.imitated_masks = 0.1  # which keypoints move them
  loss.imitated_occlusion = 3.0  # what the source hides
  config.ema = 0.99
  config.steps = 3_000
  config.optimizer.learning_rate = 2e-3
