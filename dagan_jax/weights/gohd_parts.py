"""One workdir of GoHD out of several, of which each holds some of its networks.

Its parts are trained one by one, into a workdir each, and published files
become a workdir of their own; who speaks needs them together.
"""

from collections.abc import Sequence

from absl import logging
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.models.gohd.networks import NETWORKS
from dagan_jax.weights.from_gohd import IMAGE_SIZE
from dagan_jax.weights.workdirs import Networks, read_networks

WHOLE = 'gohd'  # the task of a workdir that is not one part alone
_PARTS = ('gohd_animator', 'gohd_diffusion', 'gohd_mapper', 'gohd_expression')
_HEAR_MEL = ('pose', 'gaze')
_USUAL_MEL = '100 Hz'
_KNOW_FACES = (
  'animator',
  'expression',
  'two_stage_expression',
  'coefficients',
)
_RENDERED, _BASEL = 'rendered', 'BFM'  # whose expressions numbers are


def join_parts(workdirs: Sequence[str]) -> Networks:
  """The networks of all workdirs; of two of one name, the later one's.

  Prints which network comes from where.

  Args:
    workdirs: converted, trained, or joined before.

  Raises:
    UsageError: one of them holds nothing of GoHD, or a mapper that has to be
      told of eyes; or poses and gazes listen to different spectra.
  """
  model, variables, remainder, origins, mels, faces = {}, {}, {}, {}, {}, {}
  size = IMAGE_SIZE
  for workdir in workdirs:
    networks = read_networks(workdir)
    config = networks.config
    _check(workdir, config)
    for name in NETWORKS:
      if name not in networks.variables:
        continue
      if name == 'animator':
        size = config.data.image_size
      model[name] = config.model[name].to_dict()
      variables[name] = networks.variables[name]
      origins[name] = workdir
      if name in _HEAR_MEL:
        mels[name] = config.get('pose_mel', _USUAL_MEL)
      if name in _KNOW_FACES:
        faces[name] = _face_of(config, name)
    remainder |= networks.remainder
  if len(set(mels.values())) > 1:
    raise UsageError(
      f'poses of {origins["pose"]} listen to the spectrum {mels["pose"]!r},'
      f' gazes of {origins["gaze"]} to {mels["gaze"]!r}: one workdir has one;'
      ' leave either out, or train both'
    )
  for name, workdir in origins.items():
    print(f'{name}: {workdir}')
  _tell_of_strangers(faces)
  if missing := [name for name in NETWORKS if name not in variables]:
    print(f'in none of them: {", ".join(missing)}')
  config = ConfigDict(
    {
      'task': WHOLE,
      'model': model,
      'data': {'image_size': size},
      'faces': faces,
      'pose_mel': next(iter(mels.values()), _USUAL_MEL),
    }
  )
  return Networks(config, variables, remainder)


def _check(workdir: str, config: ConfigDict) -> None:
  """Raises UsageError for a workdir that cannot be joined."""
  task = config.get('task')
  if task not in (WHOLE, *_PARTS):
    raise UsageError(
      f'{workdir} was trained on {task!r}: only parts of GoHD are joined'
    )
  if task == 'gohd_mapper' and config.sees_eyes:
    raise UsageError(
      f'{workdir} holds a mapper that has to be told of eyes: give the workdir'
      ' whose second stage tells them, or train gohd_expression.py:blind'
    )


def _face_of(config: ConfigDict, name: str) -> str:
  """Whose expressions the numbers of a network are."""
  if config.task == WHOLE:
    return config.get('faces', {}).get(name, _BASEL)
  if config.task == 'gohd_animator':
    return _RENDERED  # nobody else's pictures come with their motion
  return _BASEL if config.init.face else _RENDERED


def _tell_of_strangers(faces: dict[str, str]) -> None:
  """Warns where networks mean different faces by the same numbers."""
  of_each = {
    face: ', '.join(name for name, other in faces.items() if other == face)
    for face in (_RENDERED, _BASEL)
  }
  if all(of_each.values()):
    logging.warning(
      "expressions of %s are those of the rendered people's head, of %s those"
      ' of the Basel Face Model: by the same numbers they mean other faces',
      of_each[_RENDERED],
      of_each[_BASEL],
    )
