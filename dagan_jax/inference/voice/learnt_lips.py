"""Mouths that go with a voice, as a network has learnt it.

The network that the package brings learnt from rendered speakers, see
docs/speakers.md: what it does to a mouth are weights of the rendered people's
own expressions.
"""

import functools
import os

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from dagan_jax.inference.chunks import fill_chunks
from dagan_jax.models.gohd.expression import EXPRESSION
from dagan_jax.models.gohd.networks import build_network
from dagan_jax.weights.boxed import Trained
from dagan_jax.weights.boxed_voice import open_voice_box
from data_pipelines.media.voice import Voice, expression_windows, read_voice
from data_pipelines.synthetic.anatomy import EXPRESSIONS
from data_pipelines.synthetic.lip_sync import find_talking

# Of the expressions: those of mouth, jaw and tongue. Cheeks and nose rest, eyes
# and brows do what they do by rule.
MOUTH = tuple(
  number
  for number, name in enumerate(EXPRESSIONS)
  if name.startswith(('jaw', 'mouth', 'tongue'))
)
# Larger than learnt: of what an actor does, networks that animate pass on about
# a half.
_EXPRESSIVE = 1.5
_CHUNK = 250  # frames that are heard together


def hear_lips(
  path: str | os.PathLike, speaking: Float[np.ndarray, 'n']
) -> Float[np.ndarray, 'n m']:
  """Weights of MOUTH in each frame of a sound; 0 in silence.

  Args:
    path: a sound file, or a video with a sound.
    speaking: how surely somebody speaks in each frame.

  Raises:
    DataError: it cannot be heard, or lasts hardly at all.
    UsageError: the package's network is missing or damaged.
  """
  if not speaking.any():
    return np.zeros((len(speaking), len(MOUTH)), np.float32)
  expression = map_voice(open_voice_box(), read_voice(path))
  return make_expressive(expression, speaking)


def map_voice(mapper: Trained, voice: Voice) -> Float[np.ndarray, 'n 64']:
  """Expressions of all frames, as a mapper has learnt them."""
  network = build_network(mapper.config.model.to_dict(), 'expression')
  variables = jax.device_put(mapper.variables)
  found = []
  for frames, count in fill_chunks(range(voice.frames), _CHUNK):
    mel = expression_windows(voice, np.array(frames))
    found.append(np.asarray(_map(network, variables, mel))[:count])
  return np.concatenate(found)


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


@functools.partial(jax.jit, static_argnums=0)
def _map(network, variables, mel):
  still = jnp.zeros((len(mel), EXPRESSION))
  return network.apply(variables, mel, still, train=False)
