import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models.gohd import diffusion
from dagan_jax.models.gohd.denoiser import Denoiser
from dagan_jax.models.gohd.position_bias import PositionBias, head_slopes
from dagan_jax.models.gohd.sampling import find_noise
from dagan_jax.models.gohd.solver import solve
from dagan_jax.weights.names.gohd import denoiser_variables
from tests.reference.gohd import recorded

KEY = jax.random.key(0)
NARROW = Denoiser(channels=2, width=16, blocks=3, embedding=8)


@functools.cache
def pose_variables():
  return denoiser_variables(recorded.tensors('pose'))


@functools.partial(jax.jit, static_argnums=0)
def predict(denoiser, variables, recording):
  return denoiser.apply(
    variables,
    recording['noisy'],
    recording['mel'],
    recording['initial'],
    recording['step'].astype(int),
  )


def test_noise_of_poses_is_that_of_the_reference():
  recording = recorded.arrays('pose_denoiser')
  noise = predict(Denoiser(), pose_variables(), recording)
  np.testing.assert_allclose(noise, recording['noise'], atol=1e-5)


@pytest.mark.slow
def test_noise_of_gazes_is_that_of_the_reference():
  recording = recorded.arrays('gaze_denoiser')
  variables = denoiser_variables(recorded.tensors('gaze'))
  noise = predict(Denoiser(channels=2), variables, recording)
  np.testing.assert_allclose(noise, recording['noise'], atol=1e-5)


@pytest.mark.slow
def test_a_sequence_of_poses_is_that_of_the_reference():
  recording = recorded.arrays('pose_sampler')
  denoiser = Denoiser()

  @jax.jit
  def sample(variables, mel, initial, start, noise):
    def predict(x, step):
      at = jnp.full(1, step)
      return denoiser.apply(variables, x, mel[None], initial[None, None], at)

    return diffusion.denoise(predict, start[None], lambda step: noise[step])

  names = ('mel', 'initial', 'start', 'noise')
  found = sample(pose_variables(), *(recording[name] for name in names))
  expected = recording['residual_before_clip']
  np.testing.assert_allclose(found[0], expected, atol=1e-3)


@pytest.mark.parametrize('value, frames', [(0.5, 1), (-2.0, 3)])
def test_without_noise_to_find_or_add_a_sequence_only_grows(value, frames):
  start = jnp.full((1, frames, 2), value)
  nothing = jnp.zeros_like(start)
  found = diffusion.denoise(lambda x, _: 0 * x, start, lambda _: nothing)
  growth = np.prod(1 - diffusion.BETAS) ** -0.5
  np.testing.assert_allclose(found, growth * start, rtol=1e-5)


def test_a_sequence_whose_noise_is_known_comes_out_of_it():
  sequence = jnp.linspace(-1, 1, 12).reshape(1, 6, 2)
  kept = jnp.asarray(np.cumprod(1 - diffusion.BETAS), jnp.float32)

  def know(x, step):
    return (x - kept[step] ** 0.5 * sequence) / (1 - kept[step]) ** 0.5

  def noise(step):
    return jax.random.normal(jax.random.key(step), sequence.shape)

  found = diffusion.denoise(know, noise(1000), noise)
  np.testing.assert_allclose(found, sequence, atol=1e-4)


def test_noise_grows_from_nearly_none_to_nearly_all():
  sequence, noise = jnp.ones((2, 3, 1)), jnp.zeros((2, 3, 1))
  kept = [
    float(diffusion.add_noise(sequence, noise, jnp.full(2, step))[0, 0, 0])
    for step in (0, 75, diffusion.STEPS - 1)
  ]
  np.testing.assert_allclose(np.square(kept), [0.9999, 0.38, 0.0219], atol=0.01)


def test_guidance_mixes_both_networks():
  found, without = jnp.ones((1, 2, 2)), jnp.zeros((1, 2, 2))
  np.testing.assert_allclose(diffusion.guide(found, without), 0.4)
  np.testing.assert_array_equal(diffusion.guide(found, without, 1.0), found)


def test_a_network_without_the_first_frame_listens_to_the_sound_alone():
  noisy, sound, step = jnp.ones((1, 5, 2)), jnp.ones((1, 5, 320)), jnp.ones(1)
  shapes = [
    jax.eval_shape(
      NARROW.init, jax.random.key(0), noisy, sound, initial, step.astype(int)
    )
    for initial in (noisy[:, :1], None)
  ]
  widths = [
    shape['params']['block_0']['condition']['kernel'].shape[0]
    for shape in shapes
  ]
  assert widths == [322, 320]


def test_one_network_tells_a_known_first_frame_from_an_unknown_one():
  network = Denoiser(2, 8, blocks=1, embedding=8, learns_without=True)
  noisy, sound, step = jnp.ones((1, 5, 2)), jnp.ones((1, 5, 4)), jnp.ones(1)
  shapes = jax.eval_shape(
    network.init, jax.random.key(0), noisy, sound, None, step.astype(int)
  )
  random = np.random.default_rng(0)
  variables = jax.tree.map(
    lambda x: np.float32(random.standard_normal(x.shape)), shapes
  )

  @jax.jit
  def find(initial):
    return network.apply(variables, noisy, sound, initial, step.astype(int))

  nowhere = find(jnp.full((1, 1, 2), jnp.nan))
  assert np.isfinite(nowhere).all()
  unknown = variables['params']['unknown']
  np.testing.assert_array_equal(nowhere, find(jnp.asarray(unknown[None, None])))
  assert abs(nowhere - find(jnp.zeros((1, 1, 2)))).max() > 1e-3


def test_a_fresh_network_of_velocities_makes_sequences_of_its_unit():
  network = Denoiser(2, 8, 1, embedding=8, steps=240, predicts='velocity')
  sound, initial = jnp.zeros((1, 50, 4)), jnp.zeros((1, 1, 2))
  noisy, step = jnp.zeros((1, 50, 2)), jnp.zeros(1, int)
  variables = jax.jit(network.init)(KEY, noisy, sound, initial, step)

  def make(variables, sound):
    def noise(step):
      return jax.random.normal(jax.random.fold_in(KEY, step), noisy.shape)

    find = find_noise(network, variables, sound, initial, guidance=1.0)
    return solve(find, noise(240), noise, 240)

  made = jax.jit(make)(variables, sound)
  assert 0.5 < made.std() < 1.5
  # Of an error of the velocity as large as the unit little becomes of it, even
  # where a noise that is a bit wrong would mean a sequence of many units.
  output = variables['params']['output']
  wrong = {**output, 'bias': jnp.ones_like(output['bias'])}
  params = {**variables['params'], 'output': wrong}
  assert abs(jax.jit(make)({'params': params}, sound)).max() < 6


def test_dropout_is_for_training_alone():
  network = Denoiser(2, 8, blocks=1, embedding=8, dropout=0.5)
  noisy, sound, step = jnp.ones((1, 5, 2)), jnp.ones((1, 5, 4)), jnp.ones(1)
  shapes = jax.eval_shape(
    network.init, jax.random.key(0), noisy, sound, None, step.astype(int)
  )
  random = np.random.default_rng(0)
  variables = jax.tree.map(
    lambda x: np.float32(random.standard_normal(x.shape)), shapes
  )

  @functools.partial(jax.jit, static_argnums=1)
  def find(key, train):
    return network.apply(
      variables,
      noisy,
      sound,
      None,
      step.astype(int),
      train=train,
      rngs={'dropout': key},
    )

  one, other = jax.random.key(1), jax.random.key(2)
  np.testing.assert_array_equal(find(one, False), find(other, False))
  np.testing.assert_array_equal(find(one, True), find(one, True))
  assert abs(find(one, True) - find(other, True)).max() > 1e-3


def test_a_start_of_training_finds_no_noise():
  noisy, sound = jnp.ones((1, 5, 2)), jnp.ones((1, 5, 8))
  init = jax.jit(NARROW.init_with_output)
  found, _ = init(jax.random.key(0), noisy, sound, None, jnp.array([3]))
  assert abs(found).max() < 0.3  # only the bias of the last layer


def test_the_bias_of_positions_falls_along_its_slopes_at_its_start():
  slopes = head_slopes(8)
  np.testing.assert_allclose(slopes[[0, -1]], [7.368, 0.4912], rtol=1e-3)
  np.testing.assert_allclose(np.ptp(np.diff(np.log(slopes))), 0, atol=1e-5)
  bias, _ = PositionBias().init_with_output(jax.random.key(0), 6, train=False)
  assert bias.shape == (8, 6, 6)
  away = abs(np.arange(6)[:, None] - np.arange(6))
  np.testing.assert_allclose(bias, -slopes[:, None, None] * away, atol=0.4)


def test_the_bias_of_positions_depends_on_the_distance_alone():
  variables = PositionBias().init(jax.random.key(0), 4, train=False)
  variables = jax.tree.map(lambda x: x + 1.0, variables)  # no symmetry
  large = PositionBias().apply(variables, 9, train=False)
  np.testing.assert_allclose(large[:, :4, :4], large[:, 5:, 5:], rtol=1e-6)
  small = PositionBias().apply(variables, 4, train=False)
  np.testing.assert_allclose(large[:, :4, :4], small, rtol=1e-6)
  assert abs(large - large.swapaxes(1, 2)).max() > 1e-3


@pytest.mark.parametrize('few', [False, True])
def test_frames_come_out_nearly_as_they_are_known_and_others_go_with_them(few):
  frames, count = 40, 20
  apart = np.arange(frames)[:, None] - np.arange(frames)
  smooth = np.exp(-((apart / 8) ** 2)) + 1e-3 * np.eye(frames)
  kept = np.cumprod(1 - diffusion.BETAS)

  def guess(n):  # the best guess of the noise in what is so smooth
    return (1 - kept[n]) ** 0.5 * np.linalg.inv(
      kept[n] * smooth + (1 - kept[n]) * np.eye(frames)
    )

  guesses = jnp.float32(np.stack([guess(n) for n in range(diffusion.STEPS)]))
  known = 1.5 * jnp.sin(jnp.arange(frames) / 9)[None, :, None]

  def noise(step):
    return jax.random.normal(jax.random.key(step), known.shape)

  def predict(x, n):
    return jnp.einsum('ij,bjc->bic', guesses[n], x)

  told = known, jnp.arange(frames) < count
  if few:
    found = solve(predict, noise(1000), noise, diffusion.STEPS, *told)
  else:
    found = diffusion.denoise(predict, noise(1000), noise, *told)
  found = found[0, :, 0]
  off = np.abs(found - known[0, :, 0])
  assert off[: count // 2].max() < 0.3 and off[:count].mean() < 0.2
  assert off[count + 10 :].mean() > 0.3  # what is not told is free
  bends = np.abs(np.diff(found, 2))
  assert bends[count - 3 : count + 1].max() < 0.3
