import dataclasses

import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment.settings import Settings


@pytest.mark.parametrize(
  ('settings', 'words'),
  [
    ({'motion': 'sideways'}, 'motion=sideways: choose from relative'),
    ({'background': 'none'}, 'background=none: choose from moving'),
    ({'precision': 'int8'}, 'precision=int8: choose from float32'),
    ({'strength': -1.0}, 'strength=-1.0'),
    ({'smooth': float('nan')}, 'smooth=nan'),
    ({'strength': float('inf')}, 'strength=inf'),
    ({'start': 'last'}, 'start=last: give best, first or a number'),
    ({'start': -1}, 'start=-1: give best, first or a number'),
    ({'grid': 'depths'}, "'depths' is no panel; choose from source"),
    ({'size': -1}, 'size=-1: give a number of pixels'),
    ({'grid': ''}, 'is no panel'),
    ({'grid': 'flow,result,flow'}, 'flow is named twice'),
  ],
)
def test_what_means_nothing_is_refused_in_one_line(settings, words):
  with pytest.raises(UsageError, match=words) as caught:
    Settings(**settings)
  assert '\n' not in str(caught.value)
  with pytest.raises(UsageError, match=words):
    Settings().change(**settings)


def test_a_change_leaves_all_else_and_the_original_as_they_are():
  settings = Settings(smooth=2.0)
  changed = settings.change(grid='flow,result')
  assert changed == Settings(smooth=2.0, grid='flow,result')
  assert changed.panels == ('flow', 'result')
  assert settings.panels == ('result',)
  with pytest.raises(TypeError):
    settings.change(speed=2)


def test_every_option_says_what_it_means():
  for field in dataclasses.fields(Settings):
    assert len(field.metadata['help']) > 30, field.name
