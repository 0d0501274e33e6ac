"""What finds depth, in one small file that the package brings.

It is a workdir of stage 1 (`configs/face_depth.py`) without what only its
training needs, learnt from rendered people; a box like a network that animates,
see `boxed`.
"""

import pathlib

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.boxed import SUFFIX, Trained, seal, unseal
from dagan_jax.weights.workdirs import Networks

OURS = pathlib.Path(__file__).parents[1] / 'box' / f'depth{SUFFIX}'
TASK = 'face_depth'
KIND = 'networks that find depth, of dagan_jax'


def read_depth_box(path: str = str(OURS)) -> Trained:
  """Networks that find depth, by name; those of the package are the default.

  Raises:
    UsageError: the file is missing, cut short, damaged, of another version, or
      holds something else.
  """
  return Trained(path, *unseal(path, KIND))


def write_depth_box(path: str, networks: Networks) -> None:
  """Writes the networks of a workdir of stage 1, and how they had learnt.

  Raises:
    UsageError: it lacks the network of head motion, or the disk refuses the
      file.
  """
  if 'camera_motion' not in networks.variables:
    raise UsageError(
      f'{path}: a box of depth holds the network of head motion as well, which'
      ' this workdir lacks'
    )
  config = networks.config.to_dict()
  # Where things lay is nobody's business, and of no use elsewhere.
  config['init'] = dict.fromkeys(config['init'], '')
  config['data'] |= {'path': '', 'cache': ''}
  seal(path, KIND, config, networks.variables)
