import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models.gohd.expression import (
  ExpressionMapper,
  TwoStageExpression,
)
from dagan_jax.weights.names.gohd import mapper_variables, two_stage_variables
from tests.reference.gohd import recorded

MAPPER, TWO_STAGE = ExpressionMapper(), TwoStageExpression()


@pytest.fixture(scope='module')
def two_stages():
  """What the two-stage network makes of mel, expression, eyes and latent."""
  variables = two_stage_variables(recorded.tensors('two_stage'))
  return jax.jit(functools.partial(TWO_STAGE.apply, variables, train=False))


def given():
  recording = recorded.arrays('two_stage')
  names = ('mel', 'initial_expression', 'initial_eye_motion', 'latent')
  return [recording[name][None] for name in names]


def test_expressions_frame_by_frame_are_those_of_the_reference():
  recording = recorded.arrays('expression')
  variables = mapper_variables(recorded.tensors('expression'))
  initial = jnp.tile(recording['initial'], (len(recording['mel']), 1))

  @jax.jit
  def run(variables, mel):
    features = MAPPER.apply(variables, mel, train=False, method=MAPPER.hear)
    return features, MAPPER.apply(variables, mel, initial, train=False)

  features, expression = run(variables, recording['mel'])
  np.testing.assert_allclose(features, recording['audio_features'], atol=1e-5)
  np.testing.assert_allclose(expression, recording['expression'], atol=1e-5)
  assert features.min() == 0


def test_eye_motion_and_expressions_are_those_of_the_reference(two_stages):
  recording = recorded.arrays('two_stage')
  eyes, expression = two_stages(*given())
  np.testing.assert_allclose(eyes[0], recording['eye_motion'], atol=1e-5)
  np.testing.assert_allclose(expression[0], recording['expression'], atol=1e-5)


def test_eyes_know_the_voice_up_to_now_and_not_what_follows(two_stages):
  mel, expression, eyes, latent = given()
  other = mel.at[:, 4:].set(0.0)
  usual, _ = two_stages(mel, expression, eyes, latent)
  changed, _ = two_stages(other, expression, eyes, latent)
  np.testing.assert_allclose(changed[:, :4], usual[:, :4], atol=1e-6)
  assert abs(changed - usual)[:, 4:].max(2).min() > 1e-4


def test_other_noise_moves_the_eyes_otherwise(two_stages):
  mel, expression, eyes, latent = given()
  usual, _ = two_stages(mel, expression, eyes, latent)
  changed, _ = two_stages(mel, expression, eyes, -latent)
  np.testing.assert_array_equal(changed[:, 0], eyes)
  assert abs(changed - usual)[:, 1:].max(2).min() > 1e-4


def test_in_which_portions_a_voice_comes_changes_no_expression(two_stages):
  variables = two_stage_variables(recorded.tensors('two_stage'))

  @jax.jit
  def go_on(mel, expression, eyes, latent, memory):
    given = mel, expression, eyes, latent, memory
    return TWO_STAGE.apply(variables, *given, method='go_on')

  mel, expression, eyes, latent = given()
  _, whole = two_stages(mel, expression, eyes, latent)
  memory, parts = None, []
  for here in (slice(0, 2), slice(2, 4)):
    later = mel[:, 1:][:, here]
    part, memory = go_on(later, expression, eyes, latent[:, here], memory)
    parts.append(part)
  found = np.concatenate(parts, axis=1)
  np.testing.assert_allclose(found, whole[:, 1:5], atol=1e-5)
