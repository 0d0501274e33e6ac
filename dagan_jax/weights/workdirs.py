"""The networks of a workdir, with what their published files held besides."""

import pathlib
from typing import Any, NamedTuple

import numpy as np
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.models.gohd import networks as gohd
from dagan_jax.runs import checkpoints, workdirs
from dagan_jax.weights.files.archives import read_npz
from data_pipelines.errors.whole_files import write_whole

# Beside config.json and the checkpoint: the tensors that no network here has a
# place for, so that the way back is exact.
REMAINDER = 'published.npz'
_NETWORKS = (
  'reenactor',
  'discriminator',
  'depth',
  'camera_motion',
  *gohd.NETWORKS,
)


class Networks(NamedTuple):
  """All that a workdir holds."""

  config: ConfigDict
  variables: dict[str, Any]  # network -> {'params', 'batch_stats'}
  remainder: dict[str, np.ndarray]  # what the published files held besides


def is_workdir(path: str) -> bool:
  """Whether the path is a workdir, and not a file or folder of weights."""
  return (pathlib.Path(path) / 'config.json').is_file()


def read_networks(workdir: str) -> Networks:
  """The networks of the latest checkpoint.

  Raises:
    UsageError: no checkpoint can be read, or the remainder is damaged.
  """
  config = workdirs.read_config(workdir)
  names = checkpoints.network_names(workdir)
  variables = {
    name: checkpoints.read_average(workdir, name)
    for name in _NETWORKS
    if name in names
  }
  remainder, kept = {}, pathlib.Path(workdir) / REMAINDER
  if kept.exists():
    try:
      remainder = read_npz(str(kept))
    except Exception as error:  # foreign bytes break readers in any way
      raise UsageError(
        f'{kept} is damaged: remove it, and what it held is made up'
      ) from error
  return Networks(config, variables, remainder)


def write_networks(path: str, networks: Networks) -> None:
  """Writes a new workdir.

  Raises:
    UsageError: the disk refuses it.
  """
  with write_whole(path, UsageError) as partial:
    checkpoints.write_workdir(partial, networks.config, networks.variables)
    np.savez(partial / REMAINDER, **networks.remainder)
