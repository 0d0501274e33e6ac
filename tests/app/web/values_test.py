import dataclasses
import os

import pytest

from dagan_jax.app.web.values import (
  HELD,
  check_names,
  list_fields,
  read_options,
)
from dagan_jax.console.errors import UsageError
from dagan_jax.console.options import option
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice.settings import Acting


@dataclasses.dataclass(frozen=True)
class Grown(Settings):
  """Settings of a later day."""

  warmth: float = option(0.5, parse=float, help='how warm it looks')
  film: str = option('none', parse=os.path.expanduser, help='a path')


def test_texts_and_numbers_make_the_options_of_a_command():
  values = {
    'strength': '0.5',
    'smooth': 3,
    'paste_back': 'true',
    'grid': ['source', 'result'],
    'start': 7.0,
    'size': 256.0,
    'background': None,
  }
  expected = Settings(
    strength=0.5,
    smooth=3.0,
    paste_back=True,
    grid='source,result',
    start=7,
    size=256,
  )
  assert read_options(Settings, values) == expected


def test_a_new_option_is_there_by_itself():
  assert read_options(Grown, {'warmth': '0.7'}).warmth == 0.7
  assert 'warmth' in [field.name for field in list_fields(Grown)]


@pytest.mark.parametrize(
  'path', ['/etc/passwd', 'film.mp4', '~', '..', 'http://example.org/a', '-']
)
def test_no_value_becomes_a_path(path):
  for options, name in ((Acting, 'pose'), (Acting, 'gaze'), (Grown, 'film')):
    try:
      made = read_options(options, {name: path})
    except UsageError:
      continue
    assert not any(c.isalpha() or c in '/~' for c in getattr(made, name))


def test_words_and_numbers_stand_where_a_path_might():
  acting = read_options(Acting, {'pose': 'still', 'gaze': '5,-3'})
  assert acting.pose == 'still' and acting.look == (5.0, -3.0)
  assert not acting.videos


def test_whether_results_are_marked_is_not_a_visitors_to_decide():
  values = {'provenance': False, 'precision': 'bfloat16'}
  assert read_options(Settings, values) == Settings()
  with pytest.raises(UsageError, match="'provenance' is no option"):
    check_names(values, Settings)
  assert {'provenance', 'precision'} <= HELD


@pytest.mark.parametrize(
  ('name', 'value'),
  [('strength', 'much'), ('strength', '-1'), ('strength', 'nan'),
   ('paste_back', 'perhaps'), ('grid', 'result,secret'), ('motion', 'odd'),
   ('start', 'x'), ('size', '1.5'), ('crop', 300 * '1')],
)  # fmt: skip
def test_a_value_that_means_nothing_is_one_clear_line(name, value):
  with pytest.raises(UsageError) as refused:
    read_options(Settings, {name: value})
  assert '\n' not in str(refused.value)
