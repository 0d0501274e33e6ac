import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.models.gohd.discriminators import (
  EyeDiscriminator,
  SequencePatches,
)

KEY = jax.random.key(0)
SEQUENCE = jax.random.normal(KEY, (2, 32, 3))


def test_patches_see_stretches_of_a_sequence_one_by_one():
  patches = SequencePatches(width=4)
  variables = jax.jit(patches.init)(KEY, SEQUENCE)

  @jax.jit
  def judge(sequence):
    return patches.apply(variables, sequence)

  scores = judge(SEQUENCE)
  assert scores.shape == (2, 4, 1)
  other = judge(SEQUENCE.at[1].set(0))
  np.testing.assert_allclose(other[0], scores[0], rtol=1e-5)
  assert abs(other[1] - scores[1]).max() > 1e-3


def test_the_judge_of_eyes_hears_the_voice():
  judge = EyeDiscriminator(width=8, blocks=1)
  voice = jnp.ones((2, 32, 4))
  found, variables = jax.jit(judge.init_with_output)(KEY, voice, SEQUENCE)
  assert found.shape == (2, 1)
  deaf = judge.apply(variables, 0 * voice, SEQUENCE)
  assert abs(found - deaf).max() > 1e-3
