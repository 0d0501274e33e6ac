"""Mouths that go with a voice, as a network has learnt it.

The network that the package brings learnt from rendered speakers, see
docs/speakers.md: what it does to a mouth are weights of the rendered people's
own expressions.
"""

import jax
import numpy as np
from jaxtyping import Float

from dagan_jax.inference.voice.mapped_voice import map_voice
from dagan_jax.models.gohd.expression import EXPRESSION
from dagan_jax.models.gohd.networks import build_network
from dagan_jax.weights.boxed import Trained
from dagan_jax.weights.boxed_voice import open_voice_box
from data_pipelines.media.voice import Voice
from data_pipelines.synthetic.anatomy import EXPRESSIONS
from data_pipelines.synthetic.lip_sync import find_talking

# Of the expressions: those of mouth, jaw and tongue. Cheeks and nose rest, eyes
# and brows do what they do by rule.
MOUTH = tuple(
  number
  for number, name in enumerate(EXPRESSIONS)
  if name.startswith(('jaw', 'mouth', 'tongue'))
)
# Larger than learnt, whose spread is seven eighths of the truth's: of what an
# actor does, networks that animate pass on about a half.
_EXPRESSIVE = 1.2


def hear_lips(
  voice: Voice, speaking: Float[np.ndarray, 'n']
) -> Float[np.ndarray, 'n m']:
  """Weights of MOUTH in each frame of a sound; 0 in silence.

  Args:
    voice: of n frames.
    speaking: how surely somebody speaks in each frame.

  Raises:
    UsageError: the package's network is missing or damaged.
  """
  if not speaking.any():
    return np.zeros((len(speaking), len(MOUTH)), np.float32)
  expression = hear_expressions(open_voice_box('expression'), voice)
  return make_expressive(expression, speaking)


def hear_expressions(
  mapper: Trained, voice: Voice
) -> Float[np.ndarray, 'n 64']:
  """Expressions of all frames, as a mapper has learnt them, from a rest."""
  network = build_network(mapper.config.model.to_dict(), 'expression')
  rest = np.zeros(EXPRESSION, np.float32)
  return map_voice(network, jax.device_put(mapper.variables), voice, rest)


def make_expressive(
  expression: Float[np.ndarray, 'n 64'], speaking: Float[np.ndarray, 'n']
) -> Float[np.ndarray, 'n m']:
  """Weights of MOUTH for an actor: larger than learnt, and 0 in silence.

  Args:
    expression: as learnt.
    speaking: how surely somebody speaks in each frame.
  """
  mouth = np.clip(_EXPRESSIVE * expression[:, MOUTH], 0, 1)
  return np.float32(mouth * find_talking(speaking)[:, None])
