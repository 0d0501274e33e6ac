import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.tasks.gohd.voices import hide_parts, vary_voices

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


def test_throats_are_up_to_a_quarter_longer_or_shorter():
  band = 40
  peak = 6 * jnp.exp(-(((jnp.arange(80) - band) / 2) ** 2)) - 3
  mel = jnp.broadcast_to(peak[:, None], (64, 1, 80, 16))
  varied = vary_voices(KEY, jnp.arange(64), mel, 1.0)
  places = np.asarray(varied[:, 0, :, 0]).argmax(axis=1)
  least, most = (band - 3) / 1.25 - 1, (band + 3) / 0.75 + 1
  assert places.min() >= least and places.max() <= most
  assert places.min() < band / 1.15 and places.max() > band / 0.85


def test_at_share_0_nothing_is_hidden():
  assert hide_parts(KEY, NUMBERS, MEL, 0.0) is MEL


def test_what_is_hidden_is_silent_and_all_else_stays():
  mel = jnp.ones((3, 60, 80, 16))
  heard = np.asarray(hide_parts(KEY, NUMBERS, mel, 0.4))
  assert set(np.unique(heard)) == {-4.0, 1.0}
  assert 0.05 < np.mean(heard == -4) < 0.64
  assert (heard[0] != heard[1]).any()


def test_a_moment_is_hidden_from_all_frames_that_hear_it():
  mel = jnp.ones((1, 60, 80, 16))
  hidden = np.asarray(hide_parts(KEY, NUMBERS[:1], mel, 0.5))[0] == -4
  rows = hidden[:, ~hidden.all(axis=(0, 2))][:, 0]
  times = 3.2 * np.arange(60)[:, None] + np.arange(16)
  in_order = rows.ravel()[np.argsort(times, axis=None)]
  assert 1 <= np.sum(in_order[1:] != in_order[:-1]) <= 6
