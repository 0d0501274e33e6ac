"""Index to identity: the numbers that make one person unlike the others."""

from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.anatomy import anatomy
from data_pipelines.synthetic.surface import linear, mix

SEED = 20_200_417
SKINS = np.array(
  [  # sRGB, very light to very dark
    (250, 218, 198),
    (240, 196, 168),
    (222, 170, 134),
    (196, 142, 104),
    (160, 108, 76),
    (122, 79, 56),
    (92, 60, 44),
  ]
)
HAIRS = np.array(
  [  # sRGB, black to blond, then red
    (22, 18, 18),
    (38, 27, 23),
    (62, 42, 30),
    (92, 62, 40),
    (134, 98, 62),
    (186, 150, 100),
    (136, 66, 34),
  ]
)
IRISES = np.array(
  [
    (58, 36, 22),
    (78, 48, 28),
    (112, 82, 44),
    (96, 110, 72),
    (84, 112, 140),
    (118, 132, 140),
  ]
)
STYLES = ('crop', 'short', 'quiff', 'bald', 'curly', 'bob', 'long', 'bun')
MALE_STYLES = (0.24, 0.30, 0.16, 0.12, 0.12, 0.02, 0.03, 0.01)
FEMALE_STYLES = (0.03, 0.07, 0.03, 0.0, 0.16, 0.26, 0.28, 0.17)
# How far the shape's details reach, by the first word of their names.
SPREADS = {
  'head': 0.32, 'measure': 0.3, 'neck': 0.3, 'forehead': 0.45,
  'eyebrows': 0.5, 'eye': 0.36, 'nose': 0.42, 'cheek': 0.5, 'mouth': 0.38,
  'chin': 0.4, 'ear': 0.45, 'asym': 0.4,
}  # fmt: skip


class Traits(NamedTuple):
  """One person, one place, one camera. Colours are linear light."""

  masculine: float  # 0 to 1
  age: float  # 0 young to 1 old
  weight: float  # -1 thin to 1 heavy
  origin: dict[str, float]  # shares of the shared head's three, sum 1
  shape: np.ndarray  # (d,) weights of the shared head's details
  skin: np.ndarray
  darkness: float  # of the skin, 0 to 1
  hair_colour: np.ndarray
  hair_style: str
  hair_volume: float
  hair_length: float
  fringe: float
  recede: float
  hairline: float  # mm, lower or higher than usual
  part: float
  beard: float
  moustache: float
  stubble: float
  glasses: float  # 0 none, else the rim's thickness in mm
  glasses_shape: float
  hat: str
  iris: np.ndarray
  brow_y: float  # mm, lower or higher than usual
  brow_thick: float
  brow_tilt: float
  brow_dark: float
  makeup: float
  freckles: float
  blush: float  # how red cheeks, nose and ears are
  creases: float  # of the skin
  seed: int  # of the textures
  wall: int  # seeds the background


def _between(rng, low: float, high: float) -> float:
  return float(low + (high - low) * rng.random())


def _draw_centred(rng, middle: float, spread: float) -> float:
  """middle ± spread, the middle likelier."""
  return float(middle + spread * (rng.random() + rng.random() - 1))


def _palette(colours: np.ndarray, at: float) -> np.ndarray:
  low = min(int(at), len(colours) - 2)
  return mix(colours[low], colours[low + 1], at - low)


def _hair(rng, darkness: float, age: float) -> np.ndarray:
  at = _between(rng, 0, 5.0 if darkness < 0.45 else 1.5)
  if darkness < 0.4 and rng.random() < 0.08:
    at = 6.0
  grey = np.clip((age - 0.45) * 2.2, 0, 1) * rng.random() ** 0.6
  silver = np.full(3, _between(rng, 140, 205))
  return mix(_palette(HAIRS, at), silver, grey)


def _origin(rng, darkness: float) -> dict[str, float]:
  """Shares of three origins, of which the skin's colour tells something."""
  usual = np.array([darkness**2, 0.5 - abs(darkness - 0.45), 1 - darkness])
  share = (np.maximum(usual, 0.05) * -np.log(1 - rng.random(3))) ** 1.5
  names = ('african', 'asian', 'caucasian')
  return dict(zip(names, (share / share.sum()).tolist(), strict=True))


def _shape(rng) -> np.ndarray:
  """Weights of the shared head's details, the middle likelier."""
  names = list(anatomy().details)
  spread = np.array([SPREADS[name.split('-')[0]] for name in names])
  weights = spread * (rng.random(len(names)) + rng.random(len(names)) - 1)
  # The shared head's eyes are half shut.
  return weights + 0.22 * np.array(['eye-height' in name for name in names])


def traits(index: int) -> Traits:
  """The person behind an index: a pure function, the same everywhere."""
  rng = np.random.default_rng((SEED, index))
  male = rng.random() < 0.5
  masculine = _between(rng, 0.65, 1) if male else _between(rng, 0, 0.3)
  age = rng.random() ** 1.4
  darkness = rng.random() ** 1.2
  skin = _palette(SKINS, darkness * (len(SKINS) - 1))
  skin = skin * (1 + 0.05 * (np.array([rng.random() for _ in range(3)]) - 0.5))
  weights = np.cumsum(MALE_STYLES if male else FEMALE_STYLES)
  style = STYLES[int((rng.random() > weights[:-1]).sum())]
  bearded = male and rng.random() < 0.4
  iris = _between(rng, 0, 5.0 if darkness < 0.4 else 1.2)
  hat = rng.random()
  return Traits(
    masculine=masculine,
    age=age,
    weight=_draw_centred(rng, -0.05, 0.75),
    origin=_origin(rng, darkness),
    shape=_shape(rng),
    skin=linear(*np.clip(skin, 0, 255)),
    darkness=darkness,
    hair_colour=linear(*_hair(rng, darkness, age)),
    hair_style=style,
    hair_volume=rng.random(),
    hair_length=rng.random(),
    fringe=rng.random(),
    hairline=_draw_centred(rng, 0.0, 8.0),
    recede=rng.random() * age * masculine,
    part=_between(rng, -1, 1),
    beard=rng.random() if bearded and rng.random() < 0.6 else 0.0,
    moustache=0.4 + 0.6 * rng.random() if bearded else 0.0,
    stubble=rng.random() if male else 0.0,
    glasses=_between(rng, 1.2, 3.2) if rng.random() < 0.2 else 0.0,
    glasses_shape=rng.random(),
    hat='beanie' if hat < 0.05 else 'cap' if hat < 0.09 else '',
    iris=linear(*_palette(IRISES, iris)),
    brow_y=_draw_centred(rng, masculine - 0.5, 1.5),
    brow_thick=_draw_centred(rng, 2.3 + 1.9 * masculine, 1.3),
    brow_tilt=_draw_centred(rng, -0.04 * masculine, 0.08),
    brow_dark=_between(rng, 0.5, 1.0),
    makeup=0.0 if male else rng.random() ** 1.5,
    freckles=rng.random() if darkness < 0.45 and rng.random() < 0.25 else 0.0,
    blush=rng.random(),
    creases=rng.random(),
    seed=int(rng.integers(1 << 31)),
    wall=int(rng.integers(1 << 31)),
  )
