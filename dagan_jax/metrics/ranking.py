"""How well a map orders its pixels, example by example.

Only the order of values counts, so a prediction needs no alignment with the
truth. Pixels outside the mask are left out and change nothing.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from dagan_jax.geometry.shapes import Values

Map = Float[Array, 'b h w 1']
Mask = Bool[Array, 'b h w 1']


def rank_correlation(truth: Map, prediction: Map, mask: Mask) -> Values:
  """Spearman's correlation over the mask, in [-1, 1]; 1 is best.

  Equal values share their average rank. Where there is no order, in a constant
  truth or prediction or an empty mask, the score is 0.
  """
  ours, theirs = _centred_ranks(prediction, mask), _centred_ranks(truth, mask)
  spread = jnp.sqrt(jnp.sum(ours**2, axis=1) * jnp.sum(theirs**2, axis=1))
  ordered = spread > 0
  common = jnp.sum(ours * theirs, axis=1)
  return jnp.where(ordered, common / jnp.where(ordered, spread, 1.0), 0.0)


def auroc(labels: Mask, scores: Map, mask: Mask) -> Values:
  """How often a pixel with the label scores above one without; 1 is best.

  The area under the ROC curve [Mann and Whitney 1947] over the mask; a tie
  counts half. Where all pixels have the label, or none has it, the area is
  undefined: we return that of a guess, 0.5, so that a mean over examples stays
  a number and such an example helps no prediction.
  """
  # For P pixels with the label and N without, of ranks r from 1 to P + N, the
  # area is (sum of r with the label - P (P + 1) / 2) / (P N). With ranks that
  # have mean 0 and are divided by P + N it is 1/2 + their sum (P + N) / (P N).
  labelled = (labels & mask).reshape(len(mask), -1)
  total = jnp.sum(mask, axis=(1, 2, 3), dtype=jnp.float32)
  positive = jnp.sum(labelled, axis=1, dtype=jnp.float32)
  share = positive / jnp.maximum(total, 1.0)
  excess = jnp.sum(_centred_ranks(scores, mask) * labelled, axis=1)
  pairs = share * (total - positive)
  return 0.5 + excess / jnp.maximum(pairs, 0.5)


def _centred_ranks(values: Map, mask: Mask) -> Float[Array, 'b n']:
  """Ranks among the masked pixels, of mean 0 and in [-0.5, 0.5]; 0 outside."""
  values, mask = (a.reshape(len(a), -1) for a in (values, mask))
  count = jnp.sum(mask, axis=1, keepdims=True)
  in_order = jnp.sort(jnp.where(mask, values, jnp.inf), axis=1)
  below = jax.vmap(jnp.searchsorted)(in_order, values)
  upto = jax.vmap(lambda a, v: jnp.searchsorted(a, v, side='right'))
  # Infinity stands for pixels outside; a masked infinity must not tie with it.
  not_above = jnp.minimum(upto(in_order, values), count)
  # Rank (below + 1 + not_above) / 2 less the mean rank (count + 1) / 2.
  ranks = (below + not_above - count) / (2.0 * jnp.maximum(count, 1))
  return jnp.where(mask, ranks, 0.0)
