"""DaGAN on rendered faces: needs no data and trains on a laptop.

  python -m dagan_jax.main --config=configs/synthetic.py

learns face depth first, in runs/synthetic/stage_1, and then to reenact with
that depth. The variant `:depth` is the first stage alone, and so is `:taught`,
where depth is not learnt from video but taught by the truth; `:taught_depth`
teaches nothing else, at 128 pixels, where a nose is to be seen.
"""

from ml_collections import ConfigDict

from configs import dagan, face_depth


def get_config(variant: str = '') -> ConfigDict:
  if variant == 'depth':
    return _stage_1('')
  if variant == 'taught':
    return _taught()
  if variant == 'taught_depth':
    return _taught_depth()
  config = dagan.get_config(variant)
  _describe_data(config, variant)
  config.stage_1 = _stage_1(variant)
  config.model.depth = config.stage_1.model.depth
  if variant == 'debug':
    return config
  config.steps = 250
  config.model.detector.keypoints = 10
  for network in (config.model.detector, config.model.motion):
    network.size = 16
    network.width = 16
    network.max_width = 128
    network.blocks = 3
  config.model.motion.size = 32  # finer flows, for pictures are small
  config.model.generator.width = 16
  config.model.generator.max_width = 64
  config.model.generator.levels = 2  # and finer features, likewise
  config.model.generator.residual_blocks = 3
  config.model.discriminator.width = 16
  config.model.discriminator.max_width = 64
  config.model.discriminator.blocks = 3
  config.model.vgg.taps = ('relu1_1', 'relu2_1', 'relu3_1')
  config.loss.perceptual_scales = (1.0, 0.5)
  config.loss.keypoint_distance_form = 'hinge'  # else keypoints crowd
  # Small networks and a short run bear a higher rate than the published one.
  # Gradients are clipped for the rare nearly singular Jacobian of early steps.
  config.optimizer.learning_rate = 1e-3
  config.optimizer.warmup_steps = 20
  config.optimizer.decay = 'cosine'
  config.optimizer.clip_norm = 500.0
  config.checkpoint.every = 125
  config.report.every = 50
  config.report.images_every = 125
  config.report.eval_every = 250
  return config


def _stage_1(variant: str) -> ConfigDict:
  """Depth from pairs of frames up to 0.4 s apart."""
  config = face_depth.get_config(variant)
  _describe_data(config, variant)
  config.data.frame_gap = 10  # at 64 pixels, fewer frames move too little
  if variant == 'debug':
    return config
  face_depth.narrow_networks(config)
  config.steps = 200
  config.optimizer.learning_rate = 1e-3
  config.loss.convex_until = 1.0  # in a short run motion is found late
  config.checkpoint.every = 100
  config.report.every = 50
  config.report.images_every = 200
  config.report.eval_every = 200
  return config


def _taught() -> ConfigDict:
  """Depth, head motion and uncertainty by the truth, and by nothing else."""
  config = _stage_1('')
  config.data.truth = True
  config.model.camera.focal = face_depth.RENDERED_FOCAL
  config.camera.solver = False
  for name in config.loss:
    if not isinstance(config.loss[name], str):
      config.loss[name] = 0.0
  config.loss.true_depth = 1.0
  config.loss.true_motion = 1.0
  config.loss.true_uncertainty = 1.0
  config.optimizer.decay = 'cosine'
  return config


def _taught_depth() -> ConfigDict:
  """Depth at 128 pixels by the truth; head motion is still seen at 64."""
  config = _taught()
  config.data.image_size = 128
  config.data.batch_size = 4
  config.model.camera.size = 64
  config.heads = 0.1
  config.loss.true_motion = 0.0
  config.loss.true_uncertainty = 0.0
  config.optimizer.warmup_steps = 100
  config.report.eval_every = 500
  return config


def _describe_data(config: ConfigDict, variant: str) -> None:
  config.data.source = 'synthetic'
  if variant == 'debug':
    return
  config.data.image_size = 64
  config.data.batch_size = 8
  config.data.workers = 1
  config.data.test_identities = 16
  config.data.eval_frames = 4
