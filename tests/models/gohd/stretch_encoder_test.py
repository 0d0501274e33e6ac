import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.models.gohd.expression import ExpressionMapper
from dagan_jax.models.gohd.stretch_encoder import subtract_mean

MAPPER = ExpressionMapper(8, hears='stretches', dilations=(1, 3, 2))
MEL = jnp.float32(np.random.default_rng(0).uniform(-3, 3, (1, 40, 80, 16)))
REST = jnp.zeros((1, 40, 64))


def test_a_frame_knows_its_neighbours_up_to_the_reach_and_no_more():
  variables = MAPPER.init(jax.random.key(0), MEL, REST, train=False)
  # Neighbours change places in frequency, and the mean over time stays.
  other = MEL.at[:, 20].set(MEL[:, 21]).at[:, 21].set(MEL[:, 20])
  both = jnp.concatenate([MEL, other])
  found = MAPPER.apply(variables, both, REST.repeat(2, 0), train=False)
  changed = np.flatnonzero(abs(found[0] - found[1]).max(-1) > 1e-5)
  assert changed.min() == 20 - MAPPER.reach
  assert changed.max() == 21 + MAPPER.reach


def test_a_louder_or_duller_microphone_changes_nothing():
  bent = MEL + jnp.linspace(0.5, -0.5, 80)[:, None]
  loud = jnp.maximum(MEL, -2.0)
  np.testing.assert_allclose(
    subtract_mean(loud), subtract_mean(loud + 0.5), atol=0.02
  )
  np.testing.assert_allclose(
    subtract_mean(bent).mean((1, 3)), subtract_mean(MEL).mean((1, 3)), atol=0.2
  )


def test_silence_around_a_voice_hardly_moves_its_mean():
  quiet = jnp.full((1, 200, 80, 16), -4.0)
  longer = subtract_mean(jnp.concatenate([MEL, quiet], axis=1))
  np.testing.assert_allclose(longer[:, :40], subtract_mean(MEL), atol=0.05)
