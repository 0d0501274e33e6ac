"""What the page takes, where it is served, and what it makes videos with."""

import dataclasses
import ipaddress
import os

from dagan_jax.app.network_option import workdir_option
from dagan_jax.console.errors import UsageError
from dagan_jax.console.options import option
from dagan_jax.models.layers.precision import PRECISIONS


@dataclasses.dataclass(frozen=True, kw_only=True)
class Limits:
  """The most that visitors may ask for; flags are made from these fields.

  Raises:
    UsageError: a limit means nothing.
  """

  most_megabytes: float = option(
    100.0, parse=float, help='of one file that is sent'
  )
  most_megapixels: float = option(
    40.0, parse=float, help='of a picture, and of a frame of a video'
  )
  most_pasted_megapixels: float = option(
    9.0,
    parse=float,
    help='of a portrait that the result is pasted back into: all its frames are'
    ' as large',
  )
  most_seconds: float = option(
    60.0, parse=float, help='of a video that drives, and of a voice'
  )
  most_frames: int = option(
    3600, parse=int, help='of a video that drives, or of a motion'
  )
  most_waiting: int = option(
    20, parse=int, help='jobs that wait while one is done'
  )
  most_job_seconds: float = option(
    600.0, parse=float, help='that one job may take once it has begun'
  )
  most_gigabytes: float = option(
    4.0, parse=float, help='of the files of all visitors together'
  )
  keep_minutes: float = option(
    15.0,
    parse=float,
    help="that a visitor's files and results are kept after he last used them",
  )
  most_live_minutes: float = option(
    10.0, parse=float, help='that one visitor may use the camera; 0: nobody may'
  )

  def __post_init__(self):
    for field in dataclasses.fields(self):
      value = getattr(self, field.name)
      least = 0 if field.name == 'most_live_minutes' else 1e-9
      if not least <= value < float('inf'):
        raise UsageError(f'--{field.name}={value}: give a number above 0')

  @property
  def most_bytes(self) -> int:
    """Of one file."""
    return round(1e6 * self.most_megabytes)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Serving:
  """Where the page is served, and by which network; flags are made from it.

  Raises:
    UsageError: an address means nothing.
  """

  host: str = option(
    '127.0.0.1',
    help='the address to serve at: by default this machine alone; 0.0.0.0 is'
    ' every one that it has, so that others reach the page',
  )
  port: int = option(7860, parse=int, help='of the address; 0: any free one')
  name: str = option(
    '',
    help='names besides addresses and localhost by which browsers call the'
    ' page, comma-separated, as behind a proxy; other names are refused',
  )
  workdir: str | None = workdir_option()
  depth_workdir: str | None = option(
    None,
    parse=os.path.expanduser,
    help='a trained network of either stage that finds depth, or a file that'
    ' convert --box wrote (default: the one that the package brings along)',
  )
  precision: str | None = option(
    None,
    choices=PRECISIONS,
    help='of what moves and draws (default: float32 on processors, bfloat16 on'
    ' accelerators)',
  )
  open_browser: bool = option(False, help='show the page in a browser')

  def __post_init__(self):
    if not 0 <= self.port < 65536:
      raise UsageError(f'--port={self.port}: give a number from 0 to 65535')
    try:
      ipaddress.ip_address(self.host)
    except ValueError:
      raise UsageError(
        f'--host={self.host}: give an address, such as 127.0.0.1 or 0.0.0.0'
      ) from None

  @property
  def names(self) -> frozenset[str]:
    """By which browsers may call the page, besides addresses."""
    given = (name.strip().lower() for name in self.name.split(','))
    return frozenset({'localhost', *filter(None, given)})
