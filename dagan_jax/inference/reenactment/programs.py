"""The programs of a network that animates, compiled: arrays in, arrays out."""

import functools
import hashlib
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt8

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.geometry.motion import Motion, interpolate, transfer_motion
from dagan_jax.geometry.pixels import bytes_of, unit
from dagan_jax.inference import fast_convolution
from dagan_jax.inference.fast_convolution import Weights
from dagan_jax.inference.kept_programs import keep_program, tell_of
from dagan_jax.inference.reenactment.fine_pictures import (
  add_detail,
  move_finely,
)
from dagan_jax.models.dagan.generator import Blend, Encoding, Layer
from dagan_jax.models.dagan.reenactor import (
  Face,
  Reenactor,
  Rendering,
  SourceFeatures,
  build_reenactor,
)
from dagan_jax.models.layers.precision import Precision
from dagan_jax.runs import checkpoints
from dagan_jax.runs.workdirs import of_this_version
from dagan_jax.weights.boxed import open_trained

Beginning = tuple[Keypoints, float]


class Rendered(NamedTuple):
  """What comes of some frames' keypoints; it may still be being computed."""

  pictures: UInt8[Array, 'n s s 3']
  carried: Float[Array, 'n s s c'] | None  # what lay on the portrait, moved
  rendering: Rendering | None  # all that led to the pictures


class Programs:
  """A trained network on a device, and what it does with pictures.

  Its results stay on the device, and may still be being computed. On a
  processor convolutions take fast forms, whose weights are made here, once (see
  `inference.fast_convolution`). Networks with equal fields share what is
  compiled.

  Attributes:
    size: width and height in pixels of all pictures that the network sees.
    reenactor: the network.
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
    """Puts a network on the device.

    Args:
      reenactor: the network.
      variables: what it has learnt.
      size: that it was trained at.
      precision: of convolutions that move and draw. Keypoints, depth and every
        place in a picture stay float32, and so does SPADE's generator, whose
        many normalisations multiply roundings. None: float32 on processors,
        where bfloat16 gains nothing, bfloat16 on accelerators.
      fast: whether convolutions take fast forms. None: on processors.

    Raises:
      UsageError: the variables are those of another network.
    """
    self.size = size
    self.reenactor = reenactor
    self.variables = jax.device_put(variables)
    on_processor = jax.default_backend() == 'cpu'
    fast = on_processor if fast is None else fast
    forms = _prepare(reenactor, size, fast, self.variables)
    self.weights = Weights(self.variables, forms)
    if precision == 'bfloat16' or not (precision or on_processor):
      is_spade = reenactor.generator.decoder == 'spade'
      halved = ('motion',) if is_spade else ('motion', 'generator')
      self.weights = _halve(self.weights, halved)
    self._finding = self.weights.narrow('depth', 'detector', 'guides')
    self._drawing = self.weights.narrow('motion', 'generator')

  @classmethod
  def open(
    cls, workdir: str | None = None, precision: Precision | None = None
  ) -> 'Programs':
    """The network of a workdir's latest checkpoint, or of a box.

    Args:
      workdir: of a trained or converted network, or a model's file; None: the
        model that the package brings along.
      precision: as for the class itself.

    Raises:
      UsageError: no such workdir or file, or no network in it that animates.
    """
    where, config, variables = open_trained(workdir)
    with of_this_version(where):
      reenactor = build_reenactor(config.model.to_dict())
      size = config.data.image_size
    try:
      return cls(reenactor, variables, size, precision=precision)
    except UsageError as error:
      raise UsageError(f'{where}: {error}') from None

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
    return _analyse(self.reenactor, self._finding, pictures)

  def encode(self, portrait: UInt8[np.ndarray, '1 s s 3']) -> SourceFeatures:
    """All that depends on the portrait alone."""
    return _encode(self.reenactor, self.weights, portrait)

  def render(
    self,
    source: SourceFeatures,
    driving: Keypoints,
    beginning: Beginning | None,
    strength: float,
    carried: Float[np.ndarray, '1 s s c'] | None = None,
    inside: bool = False,
    fine: UInt8[np.ndarray, '1 s s 3'] | None = None,
  ) -> Rendered:
    """One source, moved as several frames' keypoints say; one program does all.

    Args:
      source: as `encode` gives it.
      driving: of n frames.
      beginning: keypoints that relative motion starts from, and its scale; None
        for absolute motion.
      strength: see `transfer_motion`.
      carried: something that lies on the portrait and is moved with it; in the
        size of `fine`, if that is given.
      inside: whether all that led to the pictures is wanted too.
      fine: the portrait in more pixels, for a network that blends: pictures of
        that size are made.
    """
    return _render(
      self.reenactor,
      self._drawing,
      source,
      driving,
      beginning,
      strength,
      carried,
      inside,
      fine,
    )


tell_of(
  *(Face, Keypoints, Motion, SourceFeatures, Encoding, Layer, Blend),
  *(Rendering, Rendered, Weights),
)


@keep_program('reenactor', 'size', 'fast')
def _prepare(reenactor, size, fast, variables):
  """Fast forms of weights whose shapes are right, which is seen on the way."""
  picture = jax.ShapeDtypeStruct((1, size, size, 3), jnp.float32)
  plans, expected = fast_convolution.plan_forms(reenactor, picture, picture)
  checkpoints.check_equal_shapes(variables, expected, 'what was learnt')
  return fast_convolution.prepare(plans if fast else (), variables)


@keep_program('reenactor')
def _analyse(reenactor, weights, pictures):
  return fast_convolution.apply(
    reenactor, weights, unit(pictures), method='analyse'
  )


@keep_program('reenactor')
def _encode(reenactor, weights, portrait):
  def encode(reenactor):
    return reenactor.encode_source(reenactor.analyse(unit(portrait)))

  return fast_convolution.apply(reenactor, weights, method=encode)


@keep_program('reenactor', 'inside')
def _render(
  reenactor,
  weights,
  source,
  driving,
  beginning,
  strength,
  carried,
  inside,
  fine,
):
  count = len(driving.value)

  def repeat(x):
    return jnp.broadcast_to(x, (count, *x.shape[1:]))

  def render(reenactor):
    many = jax.tree.map(repeat, source)
    if beginning is None:
      moved = interpolate(many.keypoints, driving, strength)
    else:
      moved = transfer_motion(source.keypoints, driving, *beginning, strength)
    made = reenactor.render(many, moved)
    if carried is None or fine is not None:
      return made, None
    return made, reenactor.generator.deform(repeat(carried), made.motion)

  made, moved = fast_convolution.apply(reenactor, weights, method=render)
  pictures = made.prediction
  if fine is not None:
    large = unit(fine)
    if carried is not None:
      large = jnp.concatenate([large, carried], axis=-1)
    large = move_finely(
      large, made, align_corners=reenactor.generator.align_corners
    )
    pictures = add_detail(made, large[..., :3])
    moved = None if carried is None else large[..., 3:]
  return Rendered(bytes_of(pictures), moved, made if inside else None)


def _halve(weights: Weights, networks: tuple[str, ...]) -> Weights:
  """The same with the kernels of some networks in bfloat16."""

  def halve(leaf):
    return leaf.astype(jnp.bfloat16)

  def halve_kernel(path, leaf):
    network, *_, name = (part.key for part in path)
    return halve(leaf) if name == 'kernel' and network in networks else leaf

  params = jax.tree_util.tree_map_with_path(
    halve_kernel, weights.variables['params']
  )
  fast = {
    path: jax.tree.map(halve, kernels)
    if path.split('/')[0] in networks
    else kernels
    for path, kernels in weights.fast.items()
  }
  return Weights({**weights.variables, 'params': params}, fast)
