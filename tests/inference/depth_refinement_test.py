import pytest

from configs import face_depth, synthetic
from dagan_jax.inference.depth_refinement import describe_steps


@pytest.mark.parametrize('variant', ['depth', 'taught'])
def test_of_a_video_every_network_learns_from_pictures_alone(variant):
  steps = describe_steps(synthetic.get_config(variant), 7)
  weights = {name: x for name, x in steps.loss.items() if name[:5] == 'true_'}
  assert len(weights) == 3 and not any(weights.values())
  assert steps.loss.photometric > 0 and steps.camera.solver
  assert steps.steps == 7 and not steps.loss.convex_start


def test_what_the_truth_taught_is_held_to_what_it_was():
  for variant, held in (('depth', False), ('taught', True)):
    steps = describe_steps(synthetic.get_config(variant), 1)
    assert bool(steps.loss.given_depth) == held


def test_losses_of_a_training_that_saw_pictures_stay_as_they_are():
  trained = face_depth.get_config()
  trained.loss.smoothness = 0.3
  trained.camera.solver = False
  steps = describe_steps(trained, 1)
  assert steps.loss.smoothness == 0.3 and not steps.camera.solver
