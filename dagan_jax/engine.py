"""The programs of a network that animates, compiled: arrays in, arrays out."""

import functools
import hashlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt8
from ml_collections import ConfigDict

from dagan_jax import checkpoints
from dagan_jax.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.geometry.motion import towards, transfer_motion
from dagan_jax.models.reenactor import (
  Face,
  Reenactor,
  Rendering,
  SourceFeatures,
  build_reenactor,
)
from dagan_jax.pixels import bytes_of, unit
from dagan_jax.workdirs import of_this_version

Beginning = tuple[Keypoints, float]


class Engine:
  """A trained network on a device, and what it does with pictures.

  What it gives stays on the device, and may still be being computed.

  Attributes:
    size: width and height in pixels of all pictures.
  """

  def __init__(
    self, reenactor: Reenactor, variables: dict[str, Any], size: int
  ):
    """From a network, its variables, and the size it was trained at."""
    self.size = size
    self.reenactor = reenactor
    self.variables = jax.device_put(variables)

  @classmethod
  def open(cls, workdir: str) -> 'Engine':
    """The network of the latest checkpoint in a workdir.

    Raises:
      UsageError: no such workdir, no checkpoint in it, or none that animates.
    """
    config = checkpoints.read_config(workdir)
    reenactor, size = _described(config, workdir)
    variables = checkpoints.read_network(workdir, 'reenactor')
    image = jax.ShapeDtypeStruct((1, size, size, 3), jnp.float32)
    expected = jax.eval_shape(reenactor.init, jax.random.key(0), image, image)
    checkpoints.check_equal_shapes(variables, expected, workdir)
    return cls(reenactor, variables, size)

  @functools.cached_property
  def network(self) -> str:
    """A digest of what finds keypoints: equal where these mean the same."""
    digest = hashlib.sha256()
    for collection in self.variables.values():
      for name in ('detector', 'depth'):
        for leaf in jax.tree.leaves(collection.get(name)):
          digest.update(np.asarray(leaf).tobytes())
    return digest.hexdigest()[:16]

  def analyse(self, pictures: UInt8[np.ndarray, 'n s s 3']) -> Face:
    """What is found in pictures."""
    return self._analyse(self.variables, pictures)

  def encode(self, portrait: UInt8[np.ndarray, '1 s s 3']) -> SourceFeatures:
    """All that depends on the portrait alone."""
    return self._encode(self.variables, portrait)

  def render(
    self,
    source: SourceFeatures,
    driving: Keypoints,
    beginning: Beginning | None,
    strength: float,
    carried: Float[np.ndarray, '1 s s c'] | None = None,
  ) -> tuple[UInt8[Array, 'n s s 3'], Float[Array, 'n s s c'] | None]:
    """One source, moved as several frames' keypoints say.

    Args:
      source: as `encode` gives it.
      driving: of n frames.
      beginning: keypoints that relative motion starts from, and its scale; None
        for absolute motion.
      strength: see `transfer_motion`.
      carried: something that lies on the portrait and is moved with it.
    """
    return self._render(
      self.variables, source, driving, beginning, strength, carried
    )

  def look(
    self,
    source: SourceFeatures,
    driving: Keypoints,
    beginning: Beginning | None,
    strength: float,
  ) -> Rendering:
    """The same with all that led to it."""
    return self._look(self.variables, source, driving, beginning, strength)

  @functools.partial(jax.jit, static_argnums=0)
  def _analyse(self, variables, pictures):
    return self.reenactor.apply(variables, unit(pictures), method='analyse')

  @functools.partial(jax.jit, static_argnums=0)
  def _encode(self, variables, portrait):
    def encode(reenactor):
      return reenactor.encode_source(reenactor.analyse(unit(portrait)))

    return self.reenactor.apply(variables, method=encode)

  @functools.partial(jax.jit, static_argnums=0)
  def _render(self, variables, source, driving, beginning, strength, carried):
    rendering = self._rendering(variables, source, driving, beginning, strength)
    moved = None
    if carried is not None:
      many = jnp.broadcast_to(carried, (len(driving.value), *carried.shape[1:]))
      moved = self.reenactor.apply(
        variables,
        many,
        rendering.motion,
        method=lambda reenactor, *x: reenactor.generator.deform(*x),
      )
    return bytes_of(rendering.prediction), moved

  @functools.partial(jax.jit, static_argnums=0)
  def _look(self, variables, source, driving, beginning, strength):
    return self._rendering(variables, source, driving, beginning, strength)

  def _rendering(self, variables, source, driving, beginning, strength):
    count = len(driving.value)
    many = jax.tree.map(
      lambda x: jnp.broadcast_to(x, (count, *x.shape[1:])), source
    )
    if beginning is None:
      moved = towards(many.keypoints, driving, strength)
    else:
      moved = transfer_motion(source.keypoints, driving, *beginning, strength)
    return self.reenactor.apply(variables, many, moved, method='render')


def _described(config: ConfigDict, workdir: str) -> tuple[Reenactor, int]:
  """The network of a config, and the size of its pictures."""
  with of_this_version(workdir):
    if config.task != 'reenactment':
      raise UsageError(
        f'{workdir} was trained on {config.task!r}: it cannot animate'
      )
    return build_reenactor(config.model.to_dict()), config.data.image_size
