import contextlib

import pytest

from data_pipelines.builders.work import job_files
from data_pipelines.builders.work.jobs import (
  FaceJob,
  Listing,
)
from data_pipelines.builders.writing import assembly
from data_pipelines.errors.mendable import DataError
from tests.support.drawn_faces import recipe

RECIPE = recipe('')
LISTING = Listing([FaceJob(1, 3, 'train')], {})


def state(
  name='videos', listing=LISTING, made=RECIPE, fraction=0.1, licence=''
):
  return assembly.state(name, listing, made, fraction, licence)


@pytest.mark.parametrize(
  'other',
  [
    {'name': 'hdtf'},
    {'listing': Listing([FaceJob(1, 3, 'test')], {})},
    {'listing': LISTING._replace(missing={'a': 'is not there'})},
    {'made': recipe('', size=32)},
    {'fraction': 0.2},
    {'licence': 'mine'},
  ],
)
def test_what_makes_another_data_set_is_another_state(other):
  assert state(**other) != state()
  assert state(made=recipe('/elsewhere')) == state()


def test_a_data_set_gets_into_its_place_and_another_one_goes(tmp_path):
  place = assembly.place(tmp_path, 'videos', str(RECIPE.size))
  with assembly.workplace(tmp_path) as work:
    for number in range(2):
      written = work / 'fresh' / 'somewhere'
      written.mkdir(parents=True)
      (written / f'{number}.txt').touch()
      assert not assembly.is_there(place, work, str(number))
      assembly.put(written, place, work, str(number))
      assert assembly.is_there(place, work, str(number))
      assert [path.name for path in place.iterdir()] == [f'{number}.txt']
    assert not assembly.is_there(place, work, '0')


@pytest.mark.parametrize('can_exchange', [True, False])
@pytest.mark.parametrize('moment', range(4))
def test_a_build_killed_while_it_replaces_a_data_set_leaves_a_whole_one(
  tmp_path, monkeypatch, can_exchange, moment
):
  if not can_exchange:
    monkeypatch.setattr(assembly, '_exchange', lambda *_: False)
  place = assembly.place(tmp_path, 'videos', str(RECIPE.size))
  place.mkdir(parents=True)
  (place / '0.txt').touch()
  calls = []

  def die_at(method):
    def call(*args, **more):
      calls.append(method)
      if len(calls) > moment:
        raise KeyboardInterrupt
      return method(*args, **more)

    return call

  with (
    contextlib.suppress(KeyboardInterrupt),
    assembly.workplace(tmp_path) as w,
  ):
    written = w / 'fresh' / 'somewhere'
    written.mkdir(parents=True)
    (written / '1.txt').touch()
    with monkeypatch.context() as patch:
      for name in ('rename', 'unlink', 'write_text'):
        patch.setattr(type(w), name, die_at(getattr(type(w), name)))
      assembly.put(written, place, w, '1')
  assert place.exists() or not can_exchange
  with assembly.workplace(tmp_path):
    assembly.recover(place)
  (name,) = (path.name for path in place.iterdir())
  assert name in ('0.txt', '1.txt')
  assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_a_data_set_that_lacks_what_could_not_be_read_is_not_done(tmp_path):
  place = assembly.place(tmp_path, 'videos', str(RECIPE.size))
  with assembly.workplace(tmp_path) as work:
    (work / 'fresh').mkdir()
    assembly.put(work / 'fresh', place, work, None)
    assert place.is_dir() and not assembly.is_there(place, work, '0')


def test_what_a_killed_build_left_is_removed_but_not_what_is_done(tmp_path):
  with assembly.workplace(tmp_path) as work:
    pass
  (work / 'a.zip').touch()
  killed = job_files.write(work / 'b.zip', 'png', 95)
  killed.__enter__()
  assert len(list(work.iterdir())) == 3
  (work / 'fresh').mkdir()
  with assembly.workplace(tmp_path) as work:
    assert sorted(p.name for p in work.iterdir()) == ['a.zip', 'lock']
    assembly.clean(work)
    assert [p.name for p in work.iterdir()] == ['lock']


def test_only_one_builds_in_a_place(tmp_path):
  with (
    assembly.workplace(tmp_path),
    pytest.raises(DataError, match=r'\A[^\n]*another build[^\n]*\Z'),
    assembly.workplace(tmp_path),
  ):
    pass


def test_a_place_that_cannot_be_is_one_clear_line(tmp_path):
  (tmp_path / 'file').touch()
  with (
    pytest.raises(DataError, match=r'\A[^\n]*cannot be written[^\n]*\Z'),
    assembly.workplace(tmp_path / 'file'),
  ):
    pass
