import jax
import numpy as np
import pytest

from dagan_jax.models.vgg import VGG, needed_layers, tap_names
from tests.reference import recorded
from tests.support import judges


def test_taps_are_the_original_networks():
  expected = recorded.arrays('vgg19')
  taps = jax.jit(VGG().apply)(
    judges.variables(recorded.tensors('vgg19')), recorded.source(64)
  )
  for stage, tap in enumerate(taps, start=1):
    np.testing.assert_allclose(
      tap[..., ::16], expected[f'relu{stage}_1'], atol=1e-4
    )


@pytest.mark.parametrize(('kind', 'count'), [('vgg16', 13), ('vgg19', 16)])
def test_a_network_has_as_many_convolutions_as_its_name_says(kind, count):
  # Its name counts three layers more, which only classify.
  assert len(tap_names(kind)) == count
  layers = needed_layers(kind, tap_names(kind))
  assert tuple(layers) == tap_names(kind)


def test_a_network_ends_at_its_last_tap():
  taps = ('relu3_2', 'relu1_2')
  image = jax.ShapeDtypeStruct((1, 32, 32, 3), np.float32)
  vgg = VGG('vgg16', 2, taps)
  found, shapes = jax.eval_shape(vgg.init_with_output, jax.random.key(0), image)
  assert set(shapes['params']) == {f'conv_{i}' for i in (0, 2, 5, 7, 10, 12)}
  assert [tap.shape[1:] for tap in found] == [(8, 8, 8), (32, 32, 2)]


def test_vgg_16_and_19_differ_from_their_third_stage_on():
  image = recorded.source(64)
  both = [
    jax.jit(VGG(kind, 2, ('relu3_1', 'relu4_1')).apply)(
      judges.variables(judges.tensors(kind, 2), ('relu4_1',)), image
    )
    for kind in ('vgg16', 'vgg19')
  ]
  (early, late), (early_too, late_too) = both
  np.testing.assert_array_equal(early, early_too)
  assert abs(late - late_too).max() > 0.01
