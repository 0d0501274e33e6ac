import dataclasses

import pytest

from dagan_jax.app.web.values import list_fields, read_options
from dagan_jax.console.options import option
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice.settings import Acting

gr = pytest.importorskip('gradio')


@dataclasses.dataclass(frozen=True)
class Grown(Settings):
  """Settings of a later day."""

  warmth: float = option(
    0.5, parse=float, span=(0.0, 1.0), help='how warm it looks'
  )
  quick: bool = option(False, help='whether it is quick')
  weather: str = option('dry', choices=('dry', 'wet'), help='outside')


def make(options):
  from dagan_jax.app.web.controls import make_controls

  return make_controls(options)


def test_every_option_that_a_visitor_may_fill_in_has_a_control():
  for options in Settings, Acting:
    fields = [field.name for field in list_fields(options)]
    assert list(make(options)) == fields
  assert not {'provenance', 'precision'} & set(make(Settings))


def test_a_new_option_appears_by_itself_as_what_it_is():
  made = make(Grown)
  assert isinstance(made['warmth'], gr.Slider) and made['warmth'].value == 0.5
  assert isinstance(made['quick'], gr.Checkbox)
  assert isinstance(made['weather'], gr.Radio)
  assert made['warmth'].info == 'how warm it looks'


@pytest.mark.parametrize('options', [Settings, Acting, Grown])
def test_untouched_controls_make_the_defaults(options):
  values = {
    name: control.preprocess(control.postprocess(control.value))
    for name, control in make(options).items()
  }
  assert read_options(options, values) == options()
