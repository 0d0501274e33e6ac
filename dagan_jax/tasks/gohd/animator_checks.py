"""Which configs GoHD's animator can be learnt from."""

from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.tasks import checks, picture_checks
from dagan_jax.tasks.gohd.checks import check_part, check_weights
from dagan_jax.tasks.gohd.judges import MEASURES

_TEACH = (
  'reconstruction',
  'pixel',
  'perceptual',
  *MEASURES,
  'generator_gan',
)
_POSITIVE = (
  'model.animator.width',
  'model.animator.directions',
  'model.animator.transformed_from',
  'model.animator_discriminator.width',
  *(f'model.judges.{name}.width' for name in MEASURES.values()),
)


def check_animator(config: ConfigDict) -> None:
  """Looks at the fields of the animator, and whether they agree.

  Raises:
    UsageError: names the first field that is impossible, and what it may be.
  """
  check_part(config, 'motion_pairs')
  size = config.data.image_size
  if size & (size - 1):
    raise UsageError(
      f'data.image_size is {size}: the animator draws pictures of a power of'
      ' two pixels, as 64, 128 or 256'
    )
  checks.check_positive(config, _POSITIVE)
  network = config.model.animator
  if network.directions > network.width:
    raise UsageError(
      f'model.animator.directions is {network.directions}: a space of'
      f' model.animator.width {network.width} has no more than that'
    )
  check_weights(config, 'loss', _TEACH)
  checks.check_not_negative(
    config, ('loss.discriminator_gan', 'loss.eyes_and_mouth')
  )
  picture_checks.check_scales(config)
  picture_checks.check_judge(config)
  picture_checks.check_pixel_scales(config, ('reconstruction', 'pixel'))
  if config.loss.eyes_and_mouth and not config.data.landmarks:
    raise UsageError(
      'loss.eyes_and_mouth needs landmarks: set data.landmarks, or the weight'
      ' to 0'
    )
  checks.check_paths(config, ('init.judges',))
