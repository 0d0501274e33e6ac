import argparse
import dataclasses

import pytest

from dagan_jax.console.options import add_flags, option, take_flags


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cake:
  """Options of a cake."""

  flour: str = option(help='what kind')
  eggs: int = option(3, parse=int, help='how many')
  topping: str = option('none', choices=('none', 'cream'), help='on top')
  vegan: bool = option(False, help='replace the eggs')
  oven_heat: int = option(200, parse=int, flag='oven.heat', help='degrees')
  baked: bool = option(True, help='put it into the oven')


def parse(*line) -> Cake:
  parser = argparse.ArgumentParser()
  add_flags(parser, Cake)
  parser.add_argument('--oven')
  return take_flags(parser.parse_args(line), Cake)


def test_flags_give_the_fields_and_defaults_are_those_of_the_class():
  assert parse('--flour=rye') == Cake(flour='rye')
  assert parse('--flour=rye', '--eggs=2', '--vegan', '--oven=x') == Cake(
    flour='rye', eggs=2, vegan=True
  )


def test_a_flag_may_be_called_otherwise_than_its_field():
  assert parse('--flour=rye', '--oven.heat=180').oven_heat == 180


def test_what_is_on_by_default_is_put_out_by_no_and_its_name():
  assert parse('--flour=rye').baked
  assert not parse('--flour=rye', '--nobaked').baked


@pytest.mark.parametrize(
  'line', [[], ['--flour=rye', '--eggs=two'], ['--flour=rye', '--topping=tar']]
)
def test_what_is_missing_or_of_another_kind_is_refused(line, capsys):
  with pytest.raises(SystemExit):
    parse(*line)
  assert 'error' in capsys.readouterr().err


def test_help_tells_what_each_option_means_and_its_default(capsys):
  with pytest.raises(SystemExit):
    parse('--help')
  text = ' '.join(capsys.readouterr().out.split())
  for words in ('what kind', 'how many (default: 3)', '{none,cream}'):
    assert words in text
