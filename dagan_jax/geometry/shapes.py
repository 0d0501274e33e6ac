"""Names for shapes of arrays that many functions share."""

from jaxtyping import Array, Float

Images = Float[Array, 'b h w 3']  # in [0, 1]
Frames = Float[Array, 'b t h w 3']  # in [0, 1], in the order of time
Depths = Float[Array, 'b h w 1']  # along the optical axis
Features = tuple[Float[Array, 'b _ _ _'], ...]  # of a network's layers
Values = Float[Array, 'b']  # one number for each example
