"""GoHD's networks on a device, compiled: arrays in, arrays out.

Each network is read when it is first needed: who lets a head rest needs none
that moves it.
"""

import functools
import hashlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn
from jaxtyping import Array, Float, UInt8
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.pixels import bytes_of, unit
from dagan_jax.models.gohd.expression import Memory
from dagan_jax.models.gohd.face_animator import Portrait
from dagan_jax.models.gohd.face_measures import Coefficients
from dagan_jax.models.gohd.networks import build_network
from dagan_jax.runs import checkpoints, workdirs
from dagan_jax.weights.boxed import is_box
from data_pipelines.media.voice import PoseMel

TASK = 'gohd'  # of a workdir's config
CHANNELS = 72  # expression 64, pose 6, gaze 2; some animators know no gaze
TWO_STAGES = 'two_stage_expression'
# What each network does, and how to do without.
_NEEDED_FOR = {
  'animator': ('draws the portrait', ''),
  'coefficients': ("measures the portrait's pose and expression", ''),
  'gaze_estimator': ('finds where eyes look', ''),
  'expression': ('hears expressions', ', or give --expression=video'),
  'pose': ('hears poses', ', or give --pose=still'),
  'gaze': ('hears gazes', ', or give --gaze=source'),
}


def holds_gohd(workdir: str | None) -> bool:
  """Whether a path is a workdir of GoHD's networks.

  Raises:
    UsageError: it is neither a workdir nor a box.
  """
  if workdir is None or is_box(workdir):
    return False
  return workdirs.read_config(workdir).get('task') == TASK


class Programs:
  """The networks of a workdir, and what they do.

  Attributes:
    where: the workdir, for messages.
    size: width and height in pixels of the pictures that are drawn.
    pose_mel: which spectrum poses and gazes listen to.
  """

  def __init__(self, where: str, config: ConfigDict, names: set[str]):
    """Reads nothing yet.

    Args:
      where: the workdir.
      config: of the workdir.
      names: of its networks.
    """
    self.where, self._config, self._names = where, config, names
    self.size = config.data.image_size
    self.pose_mel: PoseMel = config.get('pose_mel', '100 Hz')

  @classmethod
  def open(cls, workdir: str) -> 'Programs':
    """The networks of a workdir's latest checkpoint.

    Raises:
      UsageError: there is no such workdir, it is of another system, or it lacks
        what no portrait is moved without.
    """
    config = workdirs.read_config(workdir)
    if config.get('task') != TASK:
      raise UsageError(f'{workdir} holds no networks of GoHD')
    programs = cls(workdir, config, checkpoints.network_names(workdir))
    programs.need('animator', 'coefficients')
    if programs.sees_gaze:
      programs.need('gaze_estimator')
    return programs

  def has(self, name: str) -> bool:
    """Whether there is a network of this name, of `networks.NETWORKS`."""
    return name in self._names

  def need(self, *names: str) -> None:
    """Raises UsageError for networks that are missing."""
    for name in names:
      if not self.has(name):
        work, otherwise = _NEEDED_FOR[name]
        raise UsageError(
          f'{self.where} has no network {name!r}, which {work}: convert all'
          f' files of GoHD into one workdir{otherwise}'
        )

  @functools.cached_property
  def channels(self) -> int:
    """How many numbers move a portrait: CHANNELS, or 70 without a gaze."""
    _, variables = self.network('animator')
    return variables['params']['motion']['first']['kernel'].shape[1]

  @property
  def sees_gaze(self) -> bool:
    """Whether gaze is among these numbers."""
    return self.channels == CHANNELS

  @functools.cached_property
  def digest(self) -> str:
    """Of what measures faces: equal where its numbers mean the same."""
    digest = hashlib.sha256()
    for leaf in jax.tree.leaves(self.network('coefficients')[1]):
      digest.update(np.asarray(leaf).tobytes())
    return digest.hexdigest()[:16]

  @functools.cache  # noqa: B019, programs live as long as the command
  def network(self, name: str) -> tuple[nn.Module, dict[str, Any]]:
    """A network and what it has learnt, on the device.

    Raises:
      UsageError: it is missing, or its config describes none of this version.
    """
    self.need(name)
    with workdirs.of_this_version(self.where):
      module = build_network(self._config.model.to_dict(), name)
    variables = checkpoints.read_average(self.where, name)
    return module, jax.device_put(variables)

  def look(self, portrait: UInt8[np.ndarray, '1 s s 3']) -> Portrait:
    """What is kept of a portrait for all its pictures."""
    return _look(*self.network('animator'), portrait)

  def draw(
    self, portrait: Portrait, motion: Float[np.ndarray, 'n 27 m']
  ) -> UInt8[Array, 'n s s 3']:
    """Pictures of a portrait, each by the motion around it."""
    return _draw(*self.network('animator'), portrait, motion)

  def measure(self, faces: UInt8[np.ndarray, 'n 224 224 3']) -> Coefficients:
    """Coefficients of aligned faces."""
    return _measure(*self.network('coefficients'), faces)

  def find_gaze(
    self, faces: UInt8[np.ndarray, 'n 448 448 3']
  ) -> Float[Array, 'n 2']:
    """Where faces look, radians: to the picture's left, and up."""
    return _measure(*self.network('gaze_estimator'), faces)

  def imagine_expressions(
    self,
    key: jax.Array,
    mel: Float[np.ndarray, 't 80 16'],
    initial: Float[np.ndarray, '64'],
    eye_motion: Float[np.ndarray, '21'],
    memory: Memory | None,
  ) -> tuple[Float[Array, 't 64'], Memory]:
    """Expressions by way of eye motion, and what to go on by."""
    return _imagine(
      *self.network(TWO_STAGES), key, mel, initial, eye_motion, memory
    )


@functools.partial(jax.jit, static_argnums=0)
def _look(animator, variables, portrait):
  return animator.apply(variables, 2 * unit(portrait) - 1, method='look')


@functools.partial(jax.jit, static_argnums=0)
def _draw(animator, variables, portrait, motion):
  def repeat(x):
    return jnp.broadcast_to(x, (len(motion), *x.shape[1:]))

  many = jax.tree.map(repeat, portrait)
  latent = animator.apply(variables, many.identity, motion, method='walk')
  *_, finest = animator.apply(variables, many, latent, method='draw')
  return bytes_of(jnp.clip((finest + 1) / 2, 0, 1))


@functools.partial(jax.jit, static_argnums=0)
def _measure(network, variables, faces):
  return network.apply(variables, unit(faces), train=False)


@functools.partial(jax.jit, static_argnums=0)
def _imagine(network, variables, key, mel, initial, eye_motion, memory):
  latent = jax.random.normal(key, (1, len(mel), network.hidden))
  given = mel[None], initial[None], eye_motion[None], latent, memory
  expression, memory = network.apply(variables, *given, method='go_on')
  return expression[0], memory
