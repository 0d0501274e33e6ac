"""GoHD's networks by their names in a config and in a workdir."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flax import linen as nn

from dagan_jax.models.gohd.denoiser import Denoiser
from dagan_jax.models.gohd.expression import (
  ExpressionMapper,
  TwoStageExpression,
)
from dagan_jax.models.gohd.face_animator import FaceAnimator
from dagan_jax.models.gohd.face_measures import (
  FaceCoefficients,
  GazeEstimator,
)
from dagan_jax.models.gohd.face_parser import FaceParser

NETWORKS = MappingProxyType(
  {
    'animator': FaceAnimator,
    'pose': Denoiser,
    'gaze': Denoiser,
    'expression': ExpressionMapper,
    'two_stage_expression': TwoStageExpression,
    'coefficients': FaceCoefficients,
    'gaze_estimator': GazeEstimator,
    'face_parser': FaceParser,
  }
)


def build_network(model: Mapping[str, Any], name: str) -> nn.Module:
  """The network of a name, from a config's `model` section."""
  return NETWORKS[name](**model[name])
