"""What is measured in most frames of a video, for all of them."""

import numpy as np
from jaxtyping import Float


def bridge_gaps(values: Float[np.ndarray, 't ...']) -> np.ndarray:
  """The same with straight lines where frames hold NaN.

  Before the first frame that is known, and after the last one, they go on.
  """
  flat = values.reshape(len(values), -1)
  known = np.flatnonzero(np.isfinite(flat).all(1))
  every = np.arange(len(flat))
  columns = [np.interp(every, known, column[known]) for column in flat.T]
  return np.stack(columns, 1).reshape(values.shape)
