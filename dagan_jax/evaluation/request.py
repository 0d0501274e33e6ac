"""What is asked of an evaluation, and the protocol that this makes."""

import dataclasses
import pathlib

from dagan_jax.console.errors import UsageError
from dagan_jax.console.options import option
from dagan_jax.evaluation.examples import (
  Folders,
  UnitFolders,
  check_folder,
)
from dagan_jax.evaluation.pair_lists import Pair, read_pairs
from dagan_jax.evaluation.protocol import (
  CROSS,
  SAME,
  Protocol,
  list_folder,
  read_protocol,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
  """The command's options; flags are made from them.

  Raises:
    UsageError: they do not go together.
  """

  generated: str | None = option(
    None,
    help='a folder of what a method made: videos, folders of frames, or'
    ' pictures',
  )
  truth: str | None = option(
    None, help='the videos that it should have made, by the same names'
  )
  driving: str | None = option(
    None,
    help='instead of --truth: the videos of other people that drove; pictures'
    ' are not compared with theirs',
  )
  source: str | None = option(
    None,
    help='the portraits that were moved, by the same names, or one file for'
    ' all: whose identity should be kept (default, where a list names them:'
    ' below --truth or --driving)',
  )
  pairs: str | None = option(
    None,
    help='a CSV file with the columns source,driving, such as the'
    " authors' vox_evaluation.csv",
  )
  protocol: str | None = option(
    None,
    help='a protocol.json that an evaluation wrote: the same examples, frames'
    ' and sizes again',
  )
  arcface: str | None = option(
    None,
    help='an ONNX file of ArcFace, for AED and CSIM of its embedding: RGB in'
    ' [-1, 1], 112 pixels, faces aligned by five landmarks',
  )
  inception: str | None = option(
    None,
    help='an ONNX file of the Inception network of FID, up to its 2,048 pooled'
    ' features, for FID and KID: RGB in [-1, 1], 299 pixels',
  )
  syncnet: str | None = option(
    None,
    help='the published file of SyncNet, syncnet_v2.model, for LSE-D and LSE-C:'
    ' how well lips go with the sound of --generated, or of what drives',
  )
  action_units_generated: str | None = option(
    None,
    flag='action_units.generated',
    help='a folder of CSV files of OpenFace or py-feat, called as the videos of'
    ' --generated, for AUCON',
  )
  action_units_driving: str | None = option(
    None,
    flag='action_units.driving',
    help='likewise, of the videos of --truth or --driving',
  )
  output: str = option('evaluation', help='the folder that reports go to')
  name: str | None = option(
    None, help="the method's name in tables (default: that of --generated)"
  )
  size: int | None = option(
    None,
    parse=int,
    help='pixels: central squares are compared at this size (default: 256)',
  )
  skip: int | None = option(
    None,
    parse=int,
    help='how many first frames of a video are left out: 1 where the first is'
    ' the source (default: 0)',
  )
  every: int | None = option(
    None, parse=int, help='every how many frames one is compared (default: 1)'
  )
  most: int | None = option(
    None, parse=int, help='frames of a video at most (default: 0, all)'
  )
  seed: int | None = option(
    None, parse=int, help='of the confidence intervals (default: 0)'
  )

  def __post_init__(self):
    if not self.generated or bool(self.truth) == bool(self.driving):
      raise UsageError(
        '--generated and one of --truth and --driving are needed: two folders'
      )
    if bool(self.action_units_generated) != bool(self.action_units_driving):
      raise UsageError(
        '--action_units.generated and --action_units.driving go together: give'
        ' both folders'
      )
    if self.pairs and self.protocol:
      raise UsageError('--protocol has its own list: leave --pairs out')
    given = [name for name in _LOOKS if getattr(self, name) is not None]
    if self.protocol and given:
      raise UsageError(
        f'--protocol says how to look: leave --{", --".join(given)} out'
      )
    for name, least in _LOOKS.items():
      value = getattr(self, name)
      if value is not None and value < least:
        raise UsageError(f'--{name}={value}: give {least} or more')
    if self.size is not None and self.size > _MOST_SIZE:
      raise UsageError(f'--size={self.size}: give {_MOST_SIZE} or less')

  def read_protocol(self) -> Protocol:
    """The protocol that is named, or made of the other options.

    Raises:
      UsageError: a file or folder is missing, empty or not what it should be.
    """
    identity = SAME if self.truth else CROSS
    if self.protocol:
      protocol = read_protocol(pathlib.Path(self.protocol))
      if protocol.identity != identity:
        flag = '--truth' if protocol.identity == SAME else '--driving'
        raise UsageError(
          f'{self.protocol} is of the {protocol.identity}: give {flag}'
        )
      return protocol
    looks = {
      name: getattr(self, name)
      for name in _LOOKS
      if getattr(self, name) is not None
    }
    return Protocol(identity, tuple(self._list_pairs()), **looks)

  def find_folders(self, protocol: Protocol) -> Folders:
    """Where files lie; a UsageError tells of one that does not exist."""
    driving = self._find_driving()
    source = None
    if self.source and pathlib.Path(self.source).is_file():
      source = pathlib.Path(self.source)
    elif self.source:
      source = check_folder(self.source, '--source')
    elif all(pair.source for pair in protocol.pairs):
      source = driving
    elif self.driving:
      raise UsageError('--source is needed: the portraits that --driving moved')
    units = None
    if self.action_units_generated:
      units = UnitFolders(
        check_folder(self.action_units_generated, '--action_units.generated'),
        check_folder(self.action_units_driving, '--action_units.driving'),
      )
    generated = check_folder(self.generated, '--generated')
    return Folders(generated, driving, source, units)

  def _list_pairs(self) -> list[Pair]:
    if self.pairs:
      return read_pairs(pathlib.Path(self.pairs))
    return list_folder(self._find_driving(), self._driving_flag)

  def _find_driving(self) -> pathlib.Path:
    return check_folder(self.truth or self.driving, self._driving_flag)

  @property
  def _driving_flag(self) -> str:
    return '--truth' if self.truth else '--driving'


# How a protocol looks at its examples, and the least that each may be.
_LOOKS = {'size': 32, 'skip': 0, 'every': 1, 'most': 0, 'seed': 0}
_MOST_SIZE = 4096  # pixels, as data sets take them
