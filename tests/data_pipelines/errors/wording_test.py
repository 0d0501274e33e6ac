import pytest

from data_pipelines.errors.wording import describe, list_few, list_passed_over


def test_a_list_of_names_stays_short_and_counts_the_rest():
  assert list_few([]) == '' and list_few('abc') == 'a, b, c'
  assert list_few(map(str, range(12))).endswith('8, 9 and 2 more')
  assert list_few('abcd', most=2) == 'a, b and 2 more'


def test_what_is_passed_over_is_counted_and_named_by_its_reason():
  assert list_passed_over({'sound': ['a', 'b'], 'other': []}) == [
    'passed over, sound: 2 (a, b)'
  ]


@pytest.mark.parametrize(
  ('error', 'says'),
  [
    (ValueError('one\ntwo'), 'one'),
    (ValueError('\n\n  three \n'), 'three'),
    (ValueError(), 'ValueError'),
    (AssertionError('  '), 'AssertionError'),
    (KeyError('k'), "'k'"),
  ],
)
def test_any_error_is_described_in_one_line(error, says):
  assert describe(error) == says
