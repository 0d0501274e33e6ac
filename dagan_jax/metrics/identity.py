"""How far two faces are from being one person's."""

import numpy as np
from jaxtyping import Float

Embeddings = Float[np.ndarray, 'b 128']  # dlib's, which have length near 1


def identity_distance(a: Embeddings, b: Embeddings) -> Float[np.ndarray, 'b']:
  """Distance of the two faces in dlib's embedding; 0 is best.

  Below 0.6 dlib takes two photographs for one person's. Computed on the host;
  NaN where one of the two holds NaN.
  """
  return np.linalg.norm(a - b, axis=1)
