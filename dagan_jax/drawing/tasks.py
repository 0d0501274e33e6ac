"""What each task shows of itself while it trains, by the name of the task."""

from dagan_jax.drawing.face_depth import draw_face_depth
from dagan_jax.drawing.gohd import draw_animator, draw_expression, draw_motion
from dagan_jax.drawing.reenactment import draw_reenactment

# Each takes what `images` of its task returns, as arrays on the host, and gives
# rows of pictures uint8 'b h w 3' by name.
DRAWINGS = {
  'face_depth': draw_face_depth,
  'gohd_animator': draw_animator,
  'gohd_diffusion': draw_motion,
  'gohd_expression': draw_expression,
  'gohd_mapper': draw_expression,
  'imitation': draw_reenactment,
  'reenactment': draw_reenactment,
}
