"""Expressions of a whole voice, by a mapper that hears some frames at once."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from dagan_jax.inference.kept_programs import keep_program
from dagan_jax.models.gohd.expression import ExpressionMapper
from data_pipelines.media.voice import QUIET, Voice, expression_windows

_CHUNK = 250  # frames that are heard together


def map_voice(
  mapper: ExpressionMapper,
  variables: dict[str, Any],
  voice: Voice,
  initial: Float[np.ndarray, '64'],
) -> Float[np.ndarray, 'n 64']:
  """Expressions of all frames of a voice.

  Chunks are heard with as many frames around them as matter; before the voice
  begins and after it ends it is quiet. One program serves all.

  Args:
    mapper: which is told nothing of eyes.
    variables: what it has learnt.
    voice: of n frames.
    initial: the expression of the source.
  """
  reach, found = mapper.reach, []
  for begin in range(0, voice.frames, _CHUNK):
    frames = np.arange(begin - reach, begin + _CHUNK + reach)
    mel = expression_windows(voice, frames)
    mel[(frames < 0) | (frames >= voice.frames)] = QUIET
    expression = _map(mapper, variables, mel, initial)
    found.append(np.asarray(expression)[reach : reach + _CHUNK])
  return np.concatenate(found)[: voice.frames]


@keep_program('mapper')
def _map(mapper, variables, mel, initial):
  initial = jnp.broadcast_to(initial, (len(mel), *initial.shape))
  return mapper.apply(variables, mel, initial, train=False)
