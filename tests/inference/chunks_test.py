import itertools

import numpy as np
import pytest

from dagan_jax.inference.chunks import (
  Samples,
  chunks,
)


@pytest.mark.parametrize('count', [0, 1, 7, 8, 9, 1000])
def test_samples_are_few_and_evenly_spaced_from_the_first(count):
  samples = Samples(8)
  for item in range(count):
    samples.add(item)
  assert min(count, 5) <= len(samples.items) <= 8
  assert samples.items[:1] == list(range(count))[:1]
  assert len(set(np.diff(samples.items))) <= 1
  # The end is missed by less than one more step.
  if count > 1:
    assert samples.items[-1] + np.diff(samples.items)[0] >= count


def test_chunks_hold_all_items_in_order_and_only_the_last_is_short():
  made = list(chunks(iter(range(7)), 3))
  assert made == [[0, 1, 2], [3, 4, 5], [6]]
  assert list(chunks([], 3)) == []


def test_chunks_ask_for_no_item_before_its_turn():
  assert next(chunks(itertools.count(), 2)) == [0, 1]
