import pytest

from dagan_jax.console import progress


def test_who_listens_hears_every_bar_whether_one_sees_it_or_not():
  heard = []
  with (
    progress.listen(lambda *told: heard.append(told)),
    progress.bar(3, unit='frame') as bar,
  ):
    bar.update()
    bar.update(2)
  assert heard == [('frame', 1, 3), ('frame', 3, 3)]
  with progress.bar(3) as bar:
    bar.update()
  assert len(heard) == 2


def test_what_a_listener_raises_ends_the_work():
  def stop(*_):
    raise KeyboardInterrupt

  with (
    pytest.raises(KeyboardInterrupt),
    progress.listen(stop),
    progress.bar(None) as bar,
  ):
    bar.update()
