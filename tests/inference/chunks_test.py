import itertools

from dagan_jax.inference.chunks import fill_chunks, run_ahead


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


def test_items_come_in_order_once_so_many_later_ones_are_asked_for():
  asked = []

  def items():
    for number in range(4):
      asked.append(number)
      yield number

  for ahead in (0, 1, 2, 9):
    asked.clear()
    for number in run_ahead(items(), ahead):
      assert len(asked) == min(number + 1 + ahead, 4)
    assert asked == [0, 1, 2, 3]
