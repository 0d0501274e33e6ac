import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.tasks.gohd.voices import vary_voices

KEY, NUMBERS = jax.random.key(0), jnp.arange(3)
MEL = jnp.float32(np.random.default_rng(0).uniform(-4, 3, (3, 2, 80, 16)))


def test_at_strength_0_nothing_changes():
  assert vary_voices(KEY, NUMBERS, MEL, 0.0) is MEL


def test_every_example_has_its_own_draw_wherever_it_stands_in_a_batch():
  varied = vary_voices(KEY, NUMBERS, MEL[:1].repeat(3, 0), 1.0)
  assert abs(varied[0] - varied[1]).max() > 0.1
  alone = vary_voices(KEY, NUMBERS[1:2], MEL[:1], 1.0)
  np.testing.assert_allclose(alone[0], varied[1], atol=1e-5)


def test_all_frames_of_an_example_change_alike():
  same = MEL[:, :1].repeat(2, 1)
  varied = vary_voices(KEY, NUMBERS, same, 1.0)
  np.testing.assert_allclose(varied[:, 0], varied[:, 1], atol=1e-5)
  assert abs(varied - same).max() > 0.5


def test_spectra_stay_in_their_range():
  varied = vary_voices(KEY, jnp.arange(3), MEL, 3.0)
  assert varied.min() >= -4 and varied.max() <= 4
