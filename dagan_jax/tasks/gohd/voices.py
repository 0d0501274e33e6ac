"""Voices as others might have them, in other rooms: one draw for each example.

Whoever learns from few voices must not learn whose they are.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

_SILENCE, _LOUDEST = -4.0, 4.0  # of a mel spectrum, see `data_pipelines.media`
# Of the bands: a share of their number, and bands. With an eighth, a held-out
# man's throat was longer than any that was learnt from (docs/speak.md).
_STRETCH, _SHIFT = 0.25, 3.0
_GAIN, _TILT, _WAVE = 0.6, 0.8, 0.4  # of the spectrum, deviations
_NOISE = 2.2  # above silence, at most; half of the rooms have none
_SHARP = 4.0  # how sharply noise hides what is less loud
_ROWS = 3.2  # of a spectrum from one frame to the next, 80 a second
_MOMENTS, _BANDS = 3, 2  # so many stretches of each are hidden in an example


def vary_voices(
  key: jax.Array,
  numbers: Int[Array, 'b'],
  mel: Float[Array, 'b t n m'],
  strength: float,
) -> Float[Array, 'b t n m']:
  """Mel spectra as of other throats, microphones and rooms.

  Throats shift and stretch the spectrum, microphones and rooms bend it, and
  noise hides what is not louder.

  Args:
    key: a JAX random key.
    numbers: of the examples; each has its own draw.
    mel: n bands of m rows in t frames.
    strength: 1 as voices of people differ; 0: nothing changes.
  """
  return _change_each(_vary, key, numbers, mel, strength)


def hide_parts(
  key: jax.Array,
  numbers: Int[Array, 'b'],
  mel: Float[Array, 'b t n m'],
  share: float,
) -> Float[Array, 'b t n m']:
  """Mel spectra with some moments and some bands silent [Park et al. 2019].

  A moment is hidden in the windows of all frames that hear it.

  Args:
    key: a JAX random key.
    numbers: of the examples; each has its own draw.
    mel: n bands of m rows in t frames, whose windows overlap.
    share: of the time, and of the bands, at most; 0: nothing changes.
  """
  return _change_each(_hide, key, numbers, mel, share)


def _change_each(change, key, numbers, mel, amount):
  """`change(key, mel, amount)` of each example, by a draw of its own."""
  if not amount:
    return mel
  keys = jax.vmap(jax.random.fold_in, (None, 0))(key, numbers)
  return jax.vmap(change, (0, 0, None))(keys, mel, amount)


def _hide(key, mel, share):
  frames, bands, rows = mel.shape
  times = _ROWS * jnp.arange(frames)[:, None] + jnp.arange(rows)
  in_time, in_bands = jax.random.split(key)
  span = _ROWS * frames + rows
  quiet = _draw_stretches(in_time, times, span, _MOMENTS, share)
  empty = _draw_stretches(in_bands, jnp.arange(bands), bands, _BANDS, share)
  hidden = quiet[:, None] | empty[:, None]
  return jnp.where(hidden, _SILENCE, mel)


def _draw_stretches(key, places, span, count, share):
  """Whether each of places lies in one of so many stretches of a span."""
  where, size = jax.random.uniform(key, (2, count))
  begin = span * where
  end = begin + span * share / count * size
  places = places[..., None]
  return ((places >= begin) & (places < end)).any(-1)


def _vary(key, mel, strength):
  keys = jax.random.split(key)
  count = mel.shape[1]
  stretch, shift, phase, loud = jax.random.uniform(keys[0], (4,), minval=-1)
  bands = jnp.arange(count)
  places = bands * (1 + strength * _STRETCH * stretch)
  places = jnp.clip(places + strength * _SHIFT * shift, 0, count - 1)
  below = jnp.minimum(places.astype(int), count - 2)
  share = (places - below)[:, None]
  mel = (1 - share) * mel[:, below] + share * mel[:, below + 1]
  gain, tilt, wave = jax.random.normal(keys[1], (3,))
  along = bands / count
  bent = _GAIN * gain + _TILT * tilt * (along - 0.5)
  bent += _WAVE * wave * jnp.cos(2 * jnp.pi * (along + phase))
  mel = mel + strength * bent[:, None]
  noise = _SILENCE + strength * _NOISE * jnp.maximum(loud, 0)
  mel = jnp.logaddexp(_SHARP * mel, _SHARP * noise) / _SHARP
  return jnp.clip(mel, _SILENCE, _LOUDEST)
