import itertools
import threading

import pytest

from dagan_jax.inference.chunks import fill_chunks, map_beside


def test_chunks_hold_all_items_in_order_and_the_last_is_filled_up():
  assert list(fill_chunks(iter(range(7)), 3)) == [
    ([0, 1, 2], 3),
    ([3, 4, 5], 3),
    ([6, 6, 6], 1),
  ]
  assert list(fill_chunks('abcd', 2)) == [(['a', 'b'], 2), (['c', 'd'], 2)]
  assert list(fill_chunks([], 3)) == []


def test_chunks_ask_for_no_item_before_its_turn():
  assert next(fill_chunks(itertools.count(), 2)) == ([0, 1], 2)


def test_results_come_in_order_and_so_many_are_in_the_making():
  asked = []

  def items():
    for number in range(5):
      asked.append(number)
      yield number

  for count in (1, 2, 3, 9):
    asked.clear()
    for number, made in enumerate(map_beside(lambda x: 10 * x, items(), count)):
      assert made == 10 * number
      assert len(asked) == min(number + count, 5)
    assert asked == [*range(5)]


def test_two_are_made_at_once():
  meet = threading.Barrier(2, timeout=5)
  assert len([*map_beside(lambda _: meet.wait(), range(4), 2)]) == 4


def test_what_is_not_there_yet_is_not_waited_for():
  asked, is_there = [], []

  def items():
    for number in range(3):
      asked.append(number)
      yield number

  made = map_beside(lambda x: x, items(), 2, lambda: bool(is_there))
  assert next(made) == 0 and asked == [0]
  is_there.append(True)
  assert next(made) == 1 and asked == [0, 1, 2]
  assert next(made) == 2


def test_what_goes_wrong_beside_is_raised_here():
  def work(number):
    if number == 1:
      raise ValueError('no')
    return number

  made = map_beside(work, range(3))
  assert next(made) == 0
  with pytest.raises(ValueError, match='no'):
    next(made)
