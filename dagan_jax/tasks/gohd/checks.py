"""Which configs GoHD's parts can be learnt from."""

from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.models.gohd.conformer import HEADS
from dagan_jax.models.gohd.diffusion import STEPS
from dagan_jax.tasks import checks
from dagan_jax.tasks.gohd.expression_losses import WEIGHTS

CHANNELS = {'pose': 6, 'gaze': 2}
MOST_STEPS = 1000  # of a diffusion: long before, there is nothing but noise
LEAST_FRAMES = 17  # of which the patches of discriminators see two stretches
STAGE_2_WEIGHTS = (
  'unlikeness',
  'eye_motion',
  'gan_eyes',
  'gan_eye_motion',
  'gan_expression',
)


def check_part(config: ConfigDict, sampler: str) -> None:
  """Looks at what all parts of GoHD ask.

  Args:
    config: of a run.
    sampler: of the examples that the part learns from.

  Raises:
    UsageError: names the first field that is impossible, and what it may be.
  """
  checks.check_numbers(
    config, 'ema', lambda x: 0 <= x < 1, 'at least 0, below 1'
  )
  checks.check_paths(config, ('init.networks',))
  if config.precision != 'float32':
    raise UsageError(
      f"precision is {config.precision!r}: GoHD's parts learn in 'float32'"
    )
  if config.data.sampler != sampler:
    raise UsageError(f'task {config.task!r} needs data.sampler {sampler!r}')


def check_sequences(config: ConfigDict) -> None:
  """Looks at what all tasks ask that learn from sequences of people who speak.

  Raises:
    UsageError: names the first field that is impossible, and what it may be.
  """
  checks.check_at_least_two(config, ('data.sequence',))
  check_part(config, 'sequences')


def check_diffusion(config: ConfigDict) -> None:
  """Looks at the fields of pose and gaze, and whether they agree.

  Raises:
    UsageError: names the first field that is impossible, and what it may be.
  """
  check_sequences(config)
  checks.check_names(config, {'target': tuple(CHANNELS)})
  model = f'model.{config.target}'
  checks.check_names(
    config,
    {
      f'{model}.channels': (CHANNELS[config.target],),
      f'{model}.predicts': ('noise', 'velocity'),
    },
  )
  checks.check_positive(
    config, [f'{model}.{x}' for x in ('blocks', 'embedding', 'unit')]
  )
  checks.check_numbers(
    config,
    f'{model}.steps',
    lambda x: STEPS <= x <= MOST_STEPS,
    f'from {STEPS}, as published, to {MOST_STEPS}',
  )
  _check_heads(config, f'{model}.width')
  checks.check_numbers(
    config, f'{model}.dropout', lambda x: 0 <= x < 1, 'at least 0, below 1'
  )
  checks.check_shares(config, ('guidance', 'initial_dropout'))
  guided, without = config.guidance < 1, config.model[config.target]
  if guided and not without.learns_without:
    raise UsageError(
      f'guidance is {config.guidance}: it needs {model}.learns_without; or make'
      ' it 1'
    )
  if without.learns_without != (config.initial_dropout > 0):
    raise UsageError(
      f'initial_dropout is {config.initial_dropout}: with'
      f' {model}.learns_without it must be greater than 0, else 0'
    )


def check_mapper(config: ConfigDict) -> None:
  """Looks at the fields of stage 1 of expressions.

  Raises:
    UsageError: names the first field that is impossible, and what it may be.
  """
  check_sequences(config)
  checks.check_positive(config, ('model.expression.width',))
  checks.check_names(
    config, {'model.expression.hears': ('moments', 'stretches')}
  )
  _check_encoder(config)
  checks.check_not_negative(config, ('vary',))
  checks.check_shares(config, ('hide', 'model.expression.dropout'))
  check_weights(config, 'loss', WEIGHTS)
  checks.check_paths(config, ('init.face',))


def _check_encoder(config: ConfigDict) -> None:
  """What hears stretches has two convolutions over bands, and some blocks."""
  for name, count in (('bands', 2), ('dilations', None)):
    field = f'model.expression.{name}'
    amount = '' if count is None else f'{count} '
    rule = f'a tuple of {amount}whole numbers, at least 1'
    value = checks.read_field(config, field)
    if not isinstance(value, tuple) or count not in (None, len(value)):
      raise UsageError(f'{field} is {value!r}: it must be {rule}')
    checks.check_numbers(config, field, lambda x: x >= 1 and x == int(x), rule)


def check_expression(config: ConfigDict) -> None:
  """Looks at the fields of stage 2 of expressions.

  Raises:
    UsageError: names the first field that is impossible, and what it may be.
  """
  check_sequences(config)
  checks.check_numbers(
    config,
    'data.sequence',
    lambda x: x >= LEAST_FRAMES,
    f'at least {LEAST_FRAMES}: discriminators see stretches of time',
  )
  network, judges = (
    f'model.{x}' for x in ('two_stage_expression', 'expression_discriminators')
  )
  checks.check_positive(
    config,
    (f'{network}.width', f'{network}.hidden', f'{judges}.width'),
  )
  _check_heads(config, f'{judges}.attention')
  checks.check_positive(config, ('discriminator_rate',))
  check_weights(config, 'loss', STAGE_2_WEIGHTS)
  check_weights(config, 'loss.stage_1', WEIGHTS)
  checks.check_paths(config, ('init.face', 'init.mapper'))


def _check_heads(config: ConfigDict, field: str) -> None:
  checks.check_numbers(
    config,
    field,
    lambda x: x > 0 and x % HEADS == 0,
    f'a multiple of {HEADS}, the heads of its attention',
  )


def check_weights(
  config: ConfigDict, section: str, names: tuple[str, ...]
) -> None:
  """Whether the weights of a section's losses teach something.

  Raises:
    UsageError: one is impossible, or all are 0.
  """
  fields = [f'{section}.{name}' for name in names]
  checks.check_not_negative(config, fields)
  if not any(checks.read_field(config, field) for field in fields):
    raise UsageError(f'every weight of {section} is 0: nothing would be learnt')
