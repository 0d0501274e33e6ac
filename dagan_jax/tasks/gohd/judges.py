"""Frozen networks that compare what GoHD's animator draws with the truth."""

import functools
from typing import Any

import jax
from flax import linen as nn
from jaxtyping import Array, Float
from ml_collections import ConfigDict

from dagan_jax.geometry.shapes import Images
from dagan_jax.losses.expression import mean_distance
from dagan_jax.losses.features import perceptual_distance
from dagan_jax.losses.parsing import parsing_distance
from dagan_jax.models.gohd.face_measures import FEATURES
from dagan_jax.models.gohd.networks import build_network
from dagan_jax.models.vgg import VGG
from dagan_jax.tasks.task import Variables, zeros_for

# Who judges by which loss.
MEASURES = {
  'expression': 'coefficients',
  'gaze': 'gaze_estimator',
  'parsing': 'face_parser',
}
# Pixels that each sees; whole pictures are scaled to them.
_SEEN = {'coefficients': 224, 'gaze_estimator': 448, 'face_parser': 512}


class Judges:
  """Those whose losses weigh something in a config.

  None of them is learnt or saved: `training.starts` puts them in place.
  """

  def __init__(self, config: ConfigDict):
    """Of a config's `loss`, `model.vgg` and `model.judges`."""
    self._weights = config.loss
    self._networks: dict[str, nn.Module] = {}
    if config.loss.perceptual:
      self._networks['vgg'] = VGG(**config.model.vgg)
    for loss, name in MEASURES.items():
      if config.loss[loss]:
        model = config.model.judges.to_dict()
        self._networks[name] = build_network(model, name)

  def init(self, key: jax.Array, picture: Images) -> dict[str, Variables]:
    """Zeros of the shapes that must be given, by the networks' names."""
    return {
      name: zeros_for(
        network, key, picture, **({} if name == 'vgg' else {'train': False})
      )
      for name, network in self._networks.items()
    }

  def compare(
    self,
    variables: dict[str, Variables],
    truth: Images,
    made: Images,
    weight: Float[Array, 'b h w 1'],
  ) -> dict[str, Float[Array, '']]:
    """Every loss that somebody judges by and that weighs something.

    Args:
      variables: with those of the judges.
      truth: the pictures as they should be.
      made: as they are, in about [0, 1].
      weight: how much each pixel counts; only 'perceptual' can tell.
    """
    losses = {}
    if 'vgg' in self._networks:
      losses['perceptual'] = perceptual_distance(
        functools.partial(self._networks['vgg'].apply, variables['vgg']),
        truth,
        made,
        self._weights.perceptual_scales,
        weight,
      )
    for loss, name in MEASURES.items():
      if name in self._networks:
        distance = parsing_distance if loss == 'parsing' else mean_distance
        losses[loss] = distance(
          *(self._see(name, variables[name], x) for x in (truth, made))
        )
    return losses

  def _see(self, name: str, variables: Variables, picture: Images) -> Any:
    """What a network measures by: features, or scores of parts."""
    side = _SEEN[name]
    shape = len(picture), side, side, 3
    _, seen = self._networks[name].apply(
      variables,
      jax.image.resize(picture, shape, 'linear'),
      train=False,
      mutable=[FEATURES],
    )
    (features,) = seen[FEATURES]['seen']
    return features
