"""What known landmarks teach: where eyelids and lips are, and how they move.

Keypoints that only have to explain pictures find heads, jaws and shoulders, and
pass over lids and lips, whose few pixels hardly count. So points of lids and
lips are learnt from landmarks [compare LivePortrait, arXiv:2407.03168, equation
2: the landmark-guided loss], and the flow is told where to look at landmarks,
of which more than half are of lids and lips.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from dagan_jax.geometry.guides import LIDS, Landmarks
from dagan_jax.geometry.keypoints import gaussian_maps
from dagan_jax.geometry.motion import look_up

_AWAY = 9.0  # in no picture
_INNER_LIPS = slice(60, 68)  # around the opening of the mouth
# How much more shut lids count, and how far lids are apart that are half open,
# in distances of the eyes: wide open ones are a sixth apart.
_SHUT, _HALF_OPEN = 10.0, 0.08
_LIPS = (62, 66)  # the middles of their inner edges
_EYES = ((slice(36, 42), (37, 41)), (slice(42, 48), (44, 46)))  # and two lids
_EYE = 0.0025  # variance of the mark of an eye: 3 pixels of 128
_OF_THE_FACE = 17  # the first landmark that is not of the jaw's outline


def guidance(
  guides: Float[Array, 'b g 2'], points: Float[Array, 'b g 2']
) -> Float[Array, '']:
  """How far the points are that were found: mean |difference|.

  Shut lids count more: eyes are shut in one frame of thirty, and lids that are
  found where they mostly are never close. Faces whose landmarks are not known
  count as if all were well.

  Args:
    guides: of `guide_points`.
    points: as found.
  """
  known = jnp.isfinite(guides)
  guides = jax.lax.stop_gradient(jnp.where(known, guides, 0))
  off = jnp.abs(points - guides) * _weigh_lids(guides)
  return jnp.mean(jnp.where(known, off, 0))


def _weigh_lids(guides: Float[Array, 'b g 2']) -> Float[Array, 'b g 1']:
  """1; up to `_SHUT` for lids that are shut."""
  eyes = [guides[:, lids].mean(axis=1) for lids in map(jnp.array, LIDS)]
  scale = jnp.linalg.norm(eyes[0] - eyes[1], axis=-1)
  weights = jnp.ones((*guides.shape[:2], 1))
  for upper, lower in LIDS:
    open_by = jnp.linalg.norm(guides[:, lower] - guides[:, upper], axis=-1)
    shut = jnp.clip(1 - open_by / (_HALF_OPEN * scale + 1e-6), 0, 1)
    more = 1 + (_SHUT - 1) * shut[:, None, None]
    weights = weights.at[:, jnp.array([upper, lower])].multiply(more)
  return weights


def flow_guidance(
  flow: Float[Array, 'b h w 2'], source: Landmarks, driving: Landmarks
) -> Float[Array, '']:
  """How far beside the source's landmarks the flow looks for the driving ones.

  The mean |difference| of a coordinate, of brows, nose, eyes and mouth: the
  jaw's outline may be behind the head. Faces whose landmarks are not known
  count as if all were well.

  Args:
    flow: for every pixel of the driving picture, where to look in the source,
      with aligned corners.
    source: its landmarks.
    driving: likewise.
  """
  pair = jnp.stack([source, driving])[:, :, _OF_THE_FACE:]
  known = jnp.isfinite(pair).all(axis=(0, -1), keepdims=True)[0]
  sides = np.float32(flow.shape[2:0:-1])
  places = (2 * jnp.where(known, pair, 0.5) - 1) * sides / (sides - 1)
  looked = look_up(flow, places[1])
  return jnp.mean(jnp.where(known, jnp.abs(looked - places[0]), 0))


def eyes_and_mouth(
  guides: Float[Array, 'b g 2'], height: int, width: int
) -> Float[Array, 'b h w 1']:
  """Marks eyes and mouth: 1 at the guides, falling off within a tenth.

  Of a face whose landmarks are not known nothing is marked.
  """
  guides = jnp.where(jnp.isfinite(guides), guides, _AWAY)
  maps = gaussian_maps(guides, height, width)
  return jnp.max(maps, axis=-1, keepdims=True)


def lids_and_lips(
  source: Landmarks, driving: Landmarks, height: int, width: int
) -> Float[Array, 'b h w 1']:
  """Marks what a source does not show: between lips that part, lids that shut.

  A mouth counts by how much farther its lips are apart than the source's, for
  most are a pixel or two apart, which is neither here nor there; an eye by how
  much nearer its lids are.
  """
  parted = jax.nn.relu(_apart(driving, _LIPS) - _apart(source, _LIPS))
  marks = parted * inner_mouth(driving, height, width)
  for eye, lids in _EYES:
    shut = jax.nn.relu(_apart(source, lids) - _apart(driving, lids))
    middle = 2 * jnp.mean(driving[:, eye], axis=1, keepdims=True) - 1
    marks += shut * gaussian_maps(middle, height, width, variance=_EYE)
  return jnp.nan_to_num(marks)  # NaN: landmarks that are not known


def _apart(
  landmarks: Landmarks, pair: tuple[int, int]
) -> Float[Array, 'b 1 1 1']:
  upper, lower = (landmarks[:, number] for number in pair)
  return jnp.linalg.norm(upper - lower, axis=-1)[:, None, None, None]


def inner_mouth(
  landmarks: Landmarks, height: int, width: int
) -> Float[Array, 'b h w 1']:
  """Marks what lies between the lips: 1 where teeth and tongue may show.

  A pixel is inside if an odd number of edges of the inner lips' outline lies to
  its left. Of a face whose landmarks are not known nothing is marked: no NaN is
  to the left of anything.
  """
  begin = landmarks[:, _INNER_LIPS] * jnp.array([width, height])
  begin = begin[:, None, None]  # b 1 1 n 2
  end = jnp.roll(begin, -1, axis=3)
  x, y = jnp.meshgrid(jnp.arange(width) + 0.5, jnp.arange(height) + 0.5)
  x, y = x[..., None], y[..., None]
  crosses = (begin[..., 1] <= y) != (end[..., 1] <= y)
  rise = jnp.where(crosses, end[..., 1] - begin[..., 1], 1)
  share = (y - begin[..., 1]) / rise
  crossing = begin[..., 0] + share * (end[..., 0] - begin[..., 0])
  count = jnp.sum(crosses & (crossing < x), axis=-1, keepdims=True)
  return jnp.float32(count % 2)
