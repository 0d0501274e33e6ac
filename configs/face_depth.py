"""Face depth from video alone: stage 1 of DaGAN and DaGAN++.

  python -m dagan_jax.main --config=configs/face_depth.py \\
    --config.data.path=CLIPS --config.init.resnet=resnet18.pth

learns depth as DaGAN++ does, but from head motion that a solver finds; its
variant `:dagan` learns both as DaGAN does; `:finetune` goes on from the
networks that the package brings along, on a few clips of one's own, and keeps
what they know; `:debug` is a tiny one. All fields are here and in
`configs/base.py`.
"""

from ml_collections import ConfigDict

from configs import base

# The median of 180 rendered people of training, who have from 1.8 to 8: relief,
# which is taught by absolute differences, is that of the median as well.
RENDERED_FOCAL = 3.65


def get_config(variant: str = '') -> ConfigDict:
  whole = variant in ('dagan', 'finetune')
  config = base.get_config('' if whole else variant)
  config.task = 'face_depth'
  config.data.sampler = 'neighbours'
  config.model = describe_depth(variant)

  config.camera = ConfigDict()
  # True: a solver finds the motion that depth is learnt from, in many steps,
  # and teaches the network to find it in one. False: the network finds it by
  # the photometric loss, as published.
  config.camera.solver = True

  # The last convolutions of depth start at this share of what they would be,
  # and learn at this share of the rate. With little, the features before them
  # grow large, and details are learnt better. 1: as published.
  config.heads = 1.0

  config.augment = ConfigDict()  # one draw for all frames of an example
  config.augment.horizontal_flip = 0.5  # probability of mirroring
  config.augment.colour = 0.5  # probability that colours change at all
  config.augment.brightness = 0.2  # factors are uniform in 1 -/+ this
  config.augment.contrast = 0.2
  config.augment.saturation = 0.2
  config.augment.hue = 0.1  # shift in turns of the colour circle, -/+ this

  config.loss.photometric = 1.0
  config.loss.photometric_form = 'daganpp'  # dagan | daganpp
  # Weight of the loss that draws uncertainty towards 1 where the auto-mask
  # leaves pixels out. It needs model.camera.uncertainty.
  config.loss.unmasked_uncertainty = 1.0
  config.loss.smoothness = 0.01  # of slopes of disparity
  config.loss.curvature = 0.2  # of changes of slope
  config.loss.relief = 1.0  # keeps heads as deep as heads are, in the mean
  config.loss.head_motion = 1.0  # teaches the network what the solver finds
  # Teach by the truth, which rendered faces alone have: not what the papers do,
  # who have videos alone. They need data.truth.
  config.loss.true_depth = 0.0
  config.loss.true_motion = 0.0
  config.loss.true_uncertainty = 0.0  # what moves otherwise than the head
  # Draws depth to what the depth network of init.depth finds, which does not
  # learn. It keeps what that knows and videos do not tell, as noses.
  config.loss.given_depth = 0.0
  # Depth begins as a round head. The weight of this first guess falls evenly
  # from convex_start to 0 during the share convex_until of the run.
  config.loss.convex_start = 20.0
  config.loss.convex_until = 0.1
  # daganpp: a smaller uncertainty counts as this one, so that no pixel weighs
  # more than its inverse.
  config.loss.least_uncertainty = 0.02

  # A workdir, or a box, that holds a depth network, and perhaps one of head
  # motion: these go on learning here.
  config.init.depth = ''
  # torchvision's ResNet, for the encoders to start from.
  config.init.resnet = ''

  config.optimizer.learning_rate = 1e-4
  config.optimizer.b1 = 0.9
  config.optimizer.decay = 'step'
  config.optimizer.decay_at = (0.75,)  # after epoch 15 of 20
  config.optimizer.clip_norm = 1.0
  if variant == 'dagan':
    learn_as_dagan(config)
  if variant == 'finetune':
    _learn_on(config)
  return config


def describe_depth(variant: str = '') -> ConfigDict:
  """The `model` fields of face depth and of the camera it was learnt with."""
  model = ConfigDict()
  model.depth = ConfigDict()  # the face depth network
  model.depth.layers = 18  # of its ResNet: 18 or 50
  model.depth.width = 64  # features at its top; 64 as published
  model.camera = ConfigDict()  # head motion and camera
  model.camera.backbone = 'conv7'  # conv7 | resnet18 | resnet50
  model.camera.width = 16  # features of the backbone at its top
  model.camera.blocks = 7  # conv7: halvings, 256 pixels to 2
  # conv7: is told where parts of one frame are found in the other. Not in the
  # papers, whose network finds turns only half as well.
  model.camera.correlation = True
  model.camera.size = 0  # pixels that it looks at; 0: those of the pictures
  model.camera.focal = 4.0  # first guess, in widths of the picture
  # given: the first guess is kept | clip: pairs share one | pair
  model.camera.intrinsics = 'given'
  model.camera.pivot = 1.1  # of its mean distance, where a head turns
  # A map of where the head's motion does not explain the picture.
  model.camera.uncertainty = True
  if variant == 'debug':
    model.depth.width = 16
    model.camera.width = 4
    model.camera.blocks = 5
  return model


def narrow_networks(config: ConfigDict) -> None:
  """Networks of a quarter of the width, as the package's are."""
  config.model.depth.width = 16
  config.model.camera.width = 8
  config.model.camera.blocks = 5


def _learn_on(config: ConfigDict) -> None:
  """From the package's networks, at a rate that leaves them what they know."""
  config.init.depth = 'dagan_jax/box/depth.safetensors'
  narrow_networks(config)
  config.model.camera.size = 64
  config.model.camera.focal = RENDERED_FOCAL
  config.data.image_size = 128
  config.data.batch_size = 4
  config.data.frame_gap = 10
  config.steps = 300
  config.optimizer.warmup_steps = 50
  config.loss.given_depth = 1.0
  config.loss.relief = 0.0  # given depth holds it
  config.checkpoint.every = 100
  config.report.every = 25
  config.report.images_every = 100
  config.report.eval_every = 0


def learn_as_dagan(config: ConfigDict) -> None:
  """Three frames, no uncertainty, smoothness and camera as published."""
  config.camera.solver = False
  config.loss.relief = 0.0
  config.loss.head_motion = 0.0
  config.loss.photometric_form = 'dagan'
  config.data.views = 3
  config.model.camera.uncertainty = False
  config.model.camera.correlation = False
  config.model.camera.intrinsics = 'clip'
  config.model.camera.pivot = 1.0
  config.loss.smoothness = 0.001
  config.loss.curvature = 0.0
