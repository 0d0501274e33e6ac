"""How far two faces are from being one person's."""

import numpy as np
from jaxtyping import Float

# dlib's 128 have lengths near 1.4, those of ArcFace are given length 1.
Embeddings = Float[np.ndarray, 'b c']


def identity_distance(a: Embeddings, b: Embeddings) -> Float[np.ndarray, 'b']:
  """Distance of the two faces' embeddings; 0 is best.

  Below 0.6 dlib takes two photographs for one person's. Computed on the host;
  NaN where one of the two holds NaN.
  """
  return np.linalg.norm(a - b, axis=1)


def squared_identity_distance(
  a: Embeddings, b: Embeddings
) -> Float[np.ndarray, 'b']:
  """Sum of the squared differences of the embeddings; 0 is best.

  What the code of this field's papers prints as AED, average Euclidean
  distance. NaN where one of the two holds NaN.
  """
  return np.sum((a - b) ** 2, axis=1)


def identity_similarity(
  source: Embeddings, prediction: Embeddings
) -> Float[np.ndarray, 'b']:
  """Cosine between two faces' embeddings, in [-1, 1]; 1 is best.

  The field calls it CSIM; its numbers depend on the network, and are
  comparable only between embeddings of one. NaN where one of the two holds NaN.
  """
  lengths = np.linalg.norm(source, axis=1) * np.linalg.norm(prediction, axis=1)
  return np.sum(source * prediction, axis=1) / lengths
