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
from dagan_jax.weights.boxed_voice import open_voice_box
from data_pipelines.media.voice import expression_windows, read_voice
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
  voice = read_voice(path)
  network, variables = _open()
  found = []
  for frames, count in fill_chunks(range(len(speaking)), _CHUNK):
    frames = np.minimum(frames, voice.frames - 1)
    expression = _map(network, variables, expression_windows(voice, frames))
    found.append(np.asarray(expression)[:count, MOUTH])
  talking = find_talking(speaking)[:, None]
  expressive = np.clip(_EXPRESSIVE * np.concatenate(found), 0, 1)
  return np.float32(expressive * talking)


@functools.cache
def _open():
  box = open_voice_box()
  network = build_network(box.config.model.to_dict(), 'expression')
  return network, jax.device_put(box.variables)


@functools.partial(jax.jit, static_argnums=0)
def _map(network, variables, mel):
  still = jnp.zeros((len(mel), EXPRESSION))
  return network.apply(variables, mel, still, train=False)
