"""The programs of a network that animates, compiled: arrays in, arrays out."""

import functools
import hashlib
import typing
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt8
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.geometry.motion import towards, transfer_motion
from dagan_jax.geometry.pixels import (
  bytes_of,
  unit,
)
from dagan_jax.inference import compile_cache
from dagan_jax.inference.memory import keep_freed_memory
from dagan_jax.models.dagan.reenactor import (
  Face,
  Reenactor,
  Rendering,
  SourceFeatures,
  build_reenactor,
)
from dagan_jax.runs import checkpoints
from dagan_jax.runs.workdirs import of_this_version

Beginning = tuple[Keypoints, float]
Precision = Literal['float32', 'bfloat16']
PRECISIONS = typing.get_args(Precision)


class Engine:
  """A trained network on a device, and what it does with pictures.

  What it gives stays on the device, and may still be being computed. On a
  processor convolutions take fast forms, whose weights are made here, once (see
  `models.fast_convolution`).

  Attributes:
    size: width and height in pixels of all pictures.
    variables: what the network has learnt.
    weights: the same, ready for this device: what the programs compute with.
  """

  def __init__(
    self,
    reenactor: Reenactor,
    variables: dict[str, Any],
    size: int,
    *,
    precision: Precision | None = None,
    fast: bool | None = None,
  ):
    """Makes a network ready.

    Args:
      reenactor: the network.
      variables: what it has learnt.
      size: that it was trained at.
      precision: of convolutions that move and draw. Keypoints, depth and every
        place in a picture stay float32, and so does SPADE's generator, whose
        many normalisations multiply roundings. None: float32 on processors,
        where bfloat16 gains nothing, bfloat16 on accelerators.
      fast: whether convolutions take fast forms. None: on processors.
    """
    self.size = size
    self.reenactor = reenactor
    self.variables = jax.device_put(variables)
    on_processor = jax.default_backend() == 'cpu'
    if on_processor:
      keep_freed_memory()
    self.weights = self.variables
    if on_processor if fast is None else fast:
      self.weights = self.weights | self._prepared(self.weights)
    if precision == 'bfloat16' or not (precision or on_processor):
      is_spade = reenactor.generator.decoder == 'spade'
      halved = ('motion',) if is_spade else ('motion', 'generator')
      self.weights = _halved(self.weights, halved)

  @classmethod
  def open(cls, workdir: str, precision: Precision | None = None) -> 'Engine':
    """The network of the latest checkpoint in a workdir.

    Programs compiled from now on are kept, see `compiled_programs`.

    Args:
      workdir: of a trained or converted network.
      precision: as for a new engine.

    Raises:
      UsageError: no such workdir, no checkpoint in it, or none that animates.
    """
    compile_cache.keep()
    config = checkpoints.read_config(workdir)
    reenactor, size = _described(config, workdir)
    variables = checkpoints.read_network(workdir, 'reenactor')
    image = jax.ShapeDtypeStruct((1, size, size, 3), jnp.float32)
    expected = jax.eval_shape(reenactor.init, jax.random.key(0), image, image)
    checkpoints.check_equal_shapes(variables, expected, workdir)
    return cls(reenactor, variables, size, precision=precision)

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
    return self._analyse(self.weights, pictures)

  def encode(self, portrait: UInt8[np.ndarray, '1 s s 3']) -> SourceFeatures:
    """All that depends on the portrait alone."""
    return self._encode(self.weights, portrait)

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
      self.weights, source, driving, beginning, strength, carried
    )

  def look(
    self,
    source: SourceFeatures,
    driving: Keypoints,
    beginning: Beginning | None,
    strength: float,
  ) -> Rendering:
    """The same with all that led to it."""
    return self._look(self.weights, source, driving, beginning, strength)

  @functools.partial(jax.jit, static_argnums=0)
  def _prepared(self, variables):
    """Weights of fast forms, for every module that has one."""
    picture = jnp.zeros((1, self.size, self.size, 3))
    _, made = self.reenactor.apply(
      variables, picture, picture, mutable=['prepared']
    )
    return made

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


def _halved(
  variables: dict[str, Any], networks: tuple[str, ...]
) -> dict[str, Any]:
  """With the kernels of some networks in bfloat16."""

  def halved(path, leaf):
    _, network, *_, name = (part.key for part in path)
    kernel = name == 'kernel' or name.startswith('weights')
    return leaf.astype(jnp.bfloat16) if kernel and network in networks else leaf

  return jax.tree_util.tree_map_with_path(halved, variables)


def _described(config: ConfigDict, workdir: str) -> tuple[Reenactor, int]:
  """The network of a config, and the size of its pictures."""
  with of_this_version(workdir):
    if config.task != 'reenactment':
      raise UsageError(
        f'{workdir} was trained on {config.task!r}: it cannot animate'
      )
    return build_reenactor(config.model.to_dict()), config.data.image_size
