"""Batches of people who speak, made of seeded curves: no sound, no renderer."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy.ndimage import gaussian_filter1d

from data_pipelines.synthetic.speech import NUMBERS

EXPRESSION = 64  # numbers; the first 52 are weights of `anatomy.EXPRESSIONS`
_BANDS = np.arange(80)[:, None] / 80


def batch(
  count: int = 4, frames: int = 12, seed: int = 0
) -> dict[str, np.ndarray]:
  """Sequences whose mouths follow the sound, and whose heads nod with it."""
  made = [_sequence(frames, [seed, number]) for number in range(count)]
  stacked = {name: np.stack([x[name] for x in made]) for name in made[0]}
  places = np.arange(count, dtype=np.int32)
  return stacked | {'weight': np.ones(count, np.float32), 'place': places}


def _sequence(frames: int, seed: list[int]) -> dict[str, np.ndarray]:
  random = np.random.default_rng(seed)
  slow = gaussian_filter1d(random.standard_normal(frames + 40), 4)[20:-20]
  speaking = slow > -0.15
  quick = gaussian_filter1d(random.standard_normal(frames + 8), 1.5)[4:-4]
  loud = np.where(speaking, np.clip(0.5 + quick, 0.1, 1), 0)
  bilabial = speaking & (random.random(frames) < 0.2)
  loud = np.where(bilabial, 0.05, loud)
  spectrum = loud[:, None, None] * np.exp(-3 * _BANDS)
  windows = np.repeat(8 * spectrum - 4, 16, axis=2)
  # Of bilabials, the low bands alone sound.
  windows[bilabial] = np.where(_BANDS < 0.1, 1.0, -4.0)
  expression = np.zeros((frames, EXPRESSION))
  expression[:, NUMBERS['jawOpen']] = 0.4 * loud * ~bilabial
  blinks = gaussian_filter1d((random.random(frames) < 0.05) * 3.0, 1)
  for side in ('Left', 'Right'):
    expression[:, NUMBERS[f'eyeBlink{side}']] = np.clip(blinks, 0, 1)
    expression[:, NUMBERS[f'browOuterUp{side}']] = 0.3 * loud
  nod = gaussian_filter1d(loud, 2)[:, None]
  pose = 0.1 * nod * random.standard_normal(6) + 0.05 * slow[:, None]
  gaze = np.repeat(random.uniform(-0.2, 0.2, (frames // 8 + 1, 2)), 8, axis=0)
  arrays = {
    'mel_windows': windows,
    'pose_condition': np.tile((loud[:, None] * np.exp(-3 * _BANDS.T)), 4),
    'expression': expression,
    'pose': pose,
    'gaze': gaze[:frames],
  }
  return {name: np.float32(x) for name, x in arrays.items()} | {
    'speaking': speaking,
    'bilabial': bilabial,
  }


def face() -> dict[str, dict[str, jax.Array]]:
  """A face whose jaw, lids and brows those sequences move; decimetres."""
  mean = np.random.default_rng(0).uniform(-0.5, 0.5, (68, 3))
  mean[[61, 62, 63, 65, 66, 67], 1] = -0.3  # shut
  mean[[37, 38, 43, 44], 1], mean[[40, 41, 46, 47], 1] = 0.35, 0.25  # open
  moves = np.zeros((EXPRESSION, 68, 3))
  moves[NUMBERS['jawOpen'], [*range(4, 13), 65, 66, 67], 1] = -0.3
  for side, upper, brow in (('Left', (43, 44), 24), ('Right', (37, 38), 19)):
    moves[NUMBERS[f'eyeBlink{side}'], upper, 1] = -0.1
    moves[NUMBERS[f'browOuterUp{side}'], brow, 1] = 0.1
  face = {'mean': mean, 'expression': moves}
  return {'params': {name: jnp.float32(x) for name, x in face.items()}}
