"""What every run has, whatever it learns; a system's own config adds the rest.

`configs/dagan.py` has all fields of the task 'reenactment', and
`configs/face_depth.py` those of 'face_depth'. The variant 'debug'
(`--config=configs/dagan.py:debug`) keeps the shape of a config but makes its
networks tiny and its run 20 steps long.
"""

from collections.abc import Iterable

from ml_collections import ConfigDict


def get_config(variant: str = '') -> ConfigDict:
  config = ConfigDict()
  config.task = ''  # a row of dagan_jax.tasks.TASKS
  config.seed = 0  # of the weights, the augmentation and the warps
  config.steps = 100_000  # updates of every player
  config.accumulate = 1  # parts in which each batch is worked off, for memory
  # True: maps between convolutions are made again, not kept, for memory.
  config.remat = False
  # Arrays of so many numbers or more of parameters, their averages and the
  # optimizers are divided among all devices, for memory; 0: none is.
  config.divide_above = 0
  config.precision = 'float32'  # float32 | bfloat16, of convolutions
  config.nan_policy = 'stop'  # an update that is not finite: stop | skip
  config.nan_skips = 20  # skip: so many in a run, then stop

  config.data = ConfigDict()
  # A row of data_pipelines.reading.sources.SOURCES.
  config.data.source = 'videos'
  # The folder with the clips; tfds: of a data set, also gs:// or s3://.
  config.data.path = ''
  config.data.image_size = 256  # pixels; a multiple of 32
  config.data.batch_size = 32  # examples a step, over all devices
  # pairs | neighbours (frames close in time) | sequences (of source speakers) |
  # motion_pairs (of source spoken_faces: pairs, and the driving frame's motion)
  config.data.sampler = 'pairs'
  config.data.sequence = 150  # sequences: frames of a window, 25 a second
  config.data.views = 2  # neighbours: 2 frames, or 3 around the middle one
  # pairs: training comes with each frame's 68 landmarks, for losses that ask
  # for them. Data sets of data_pipelines.build and rendered faces have some.
  config.data.landmarks = False
  # neighbours: training comes with true depth, for losses that ask for it.
  # Rendered faces have it, and data sets of them.
  config.data.truth = False
  config.data.frame_gap = 5  # neighbours: how many frames apart at most
  config.data.seed = 0  # of the order of the examples
  config.data.workers = 0  # processes that decode; 0: threads, the faster
  config.data.prefetch = 4  # batches made ahead
  # Where frames of videos go, and copies of data sets in buckets; '': the
  # user's cache.
  config.data.cache = ''
  config.data.test_fraction = 0.1  # videos: share of the identities held out
  # Driving frames of each held-out clip; sequences: windows at most.
  config.data.eval_frames = 8
  config.data.eval_clips = 1000  # held-out clips that are scored; 0: all
  config.data.identities = 10_000  # synthetic: people in the training split
  config.data.test_identities = 32  # synthetic: people held out
  config.data.clip_frames = 250  # synthetic: frames of a clip, 25 a second

  config.model = ConfigDict()  # the networks' fields
  config.loss = ConfigDict()  # weights of the losses; 0: not computed
  config.init = ConfigDict()  # where networks lie that are given

  config.optimizer = ConfigDict()  # Adam, one for each player
  config.optimizer.learning_rate = 2e-4
  config.optimizer.b1 = 0.5
  config.optimizer.b2 = 0.999
  config.optimizer.warmup_steps = 0
  config.optimizer.decay = 'none'  # none | step | cosine
  # step: the rate is multiplied by decay_factor at each of these moments, which
  # are shares of the steps after the warm-up.
  config.optimizer.decay_at = (2 / 3,)
  config.optimizer.decay_factor = 0.1
  config.optimizer.clip_norm = 0.0  # 0: gradients are not clipped

  config.checkpoint = ConfigDict()
  config.checkpoint.every = 5_000  # steps; always at the end as well
  # And at the first line of losses after so many minutes without; 0: not so.
  config.checkpoint.minutes = 30.0
  config.checkpoint.keep = 3  # latest ones kept
  config.checkpoint.milestones = 0  # steps; multiples of it stay; 0: none

  config.report = ConfigDict()
  config.report.every = 100  # steps between two lines of losses
  config.report.images_every = 1_000  # steps between two grids of pictures
  config.report.eval_every = 5_000  # steps between held-out scores; 0: never
  config.report.best = ''  # a score, as l1: its best networks go to best/
  config.report.images = 4  # examples in a grid
  config.report.hung_after = 900.0  # seconds of one step; 0: never told

  if variant == 'debug':
    _shorten(config)
  elif variant:
    raise ValueError(f'this config has no variant {variant!r}')
  return config


def share(
  config: ConfigDict, stage_1: ConfigDict, fields: Iterable[str]
) -> None:
  """Lets a stage that comes first have fields of the whole run.

  Whoever changes such a field of the run changes that of its first stage as
  well, which may still be given another value by itself.
  """
  for field in fields:
    section, name = field.split('.')
    stage_1[section][name] = config[section].get_oneway_ref(name)


def _shorten(config: ConfigDict) -> None:
  """Makes the pictures small and the run short: a laptop ends in a minute."""
  config.steps = 20
  config.data.image_size = 64
  config.data.batch_size = 4
  config.data.workers = 0
  config.data.identities = 16
  config.data.test_identities = 2
  config.data.eval_frames = 2
  config.checkpoint.every = 10
  config.report.every = 5
  config.report.images_every = 10
  config.report.eval_every = 20
