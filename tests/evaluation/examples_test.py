import pathlib

import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.examples import (
  Example,
  Folders,
  LeftOut,
  check_folder,
  find_examples,
)
from dagan_jax.evaluation.pair_lists import Pair
from data_pipelines.media.pictures import write_picture
from tests.support import tiny

PAIRS = (
  Pair('000000', '/far/id1#a.mp4/3.png', '/far/id1#a.mp4/9.png'),
  Pair('000001', '/far/id2#b.mp4/4.png', '/far/id1#a.mp4/9.png'),
)


def fill(root, *names):
  for name in names:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_picture(path, tiny.video(1)[0])


@pytest.fixture
def folders(tmp_path):
  fill(tmp_path / 'true', 'id1#a.mp4/3.png', 'id1#a.mp4/9.png')
  fill(tmp_path / 'true', 'id2#b.mp4/4.png')
  (tmp_path / 'made').mkdir()
  return Folders(tmp_path / 'made', tmp_path / 'true', None)


@pytest.mark.parametrize(
  'answers',
  [
    ('0.png', '1.png'),
    ('000000.webp', '000001.png'),
    ('3_9.png', '4_9.png'),
  ],
)
def test_answers_to_a_list_are_found_by_number_or_by_both_names(
  folders, answers
):
  fill(folders.generated, *answers)
  true = folders.driving / 'id1#a.mp4' / '9.png'
  assert find_examples(PAIRS, folders) == [
    Example(pair.name, folders.generated / answer, true, None)
    for pair, answer in zip(PAIRS, answers, strict=True)
  ]


def test_an_answer_may_be_called_as_what_drives(folders):
  fill(folders.generated, 'id1#a.mp4/9.png')
  found, _ = find_examples(PAIRS, folders)
  assert found.generated == folders.generated / 'id1#a.mp4' / '9.png'


def test_frames_and_videos_of_one_name_belong_together(folders):
  fill(folders.generated, 'id1#a/0.png', 'id2#b/0.png')
  pairs = [Pair(name, '', f'{name}.mp4') for name in ('id1#a', 'id2#b')]
  found = find_examples(pairs, folders)
  assert [example.generated.name for example in found] == ['id1#a', 'id2#b']
  assert [example.driving.name for example in found] == [
    'id1#a.mp4',
    'id2#b.mp4',
  ]


def test_two_folders_of_frames_are_one_example(tmp_path):
  fill(tmp_path / 'a', '0.png', '1.png')
  fill(tmp_path / 'b', '0.png', '1.png')
  folders = Folders(tmp_path / 'a', tmp_path / 'b', None)
  (example,) = find_examples([Pair('.', '', '.')], folders)
  assert example == Example('.', tmp_path / 'a', tmp_path / 'b', None)


def test_a_missing_answer_truth_or_source_leaves_its_example_out(folders):
  fill(folders.generated, '0.png', '1.png', '3.png')
  fill(folders.driving.parent / 'source', 'id1#a.mp4/3.png')
  pairs = [*PAIRS, PAIRS[0]._replace(name='000002')]
  pairs.append(Pair('000003', PAIRS[0].source, '/far/id9.mp4/1.png'))
  with_source = folders._replace(source=folders.driving.parent / 'source')
  found = find_examples(pairs, with_source)
  assert isinstance(found[0], Example)
  assert [type(one) for one in found[1:]] == [LeftOut] * 3
  source, answer, truth = (one.why for one in found[1:])
  assert 'its source /far/id2#b.mp4/4.png is not there' in source
  assert 'has no answer below' in answer
  assert '/far/id9.mp4/1.png is not there' in truth


def test_portraits_go_by_the_names_of_the_examples(folders):
  fill(folders.generated, 'id1#a/0.png', 'id2#b/0.png')
  source = folders.driving.parent / 'source'
  fill(source, 'id1#a.png')
  pairs = [Pair(name, '', f'{name}.mp4') for name in ('id1#a', 'id2#b')]
  found, lost = find_examples(pairs, folders._replace(source=source))
  assert found.source == source / 'id1#a.png'
  assert 'its source id2#b is not there' in lost.why
  one = folders._replace(source=source / 'id1#a.png')
  assert [e.source for e in find_examples(pairs, one)] == [one.source] * 2


def test_where_nothing_is_answered_the_names_are_told(folders):
  with pytest.raises(UsageError, match='holds no video and no frames'):
    find_examples(PAIRS, folders)
  fill(folders.generated, 'another.png')
  with pytest.raises(UsageError) as caught:
    find_examples(PAIRS, folders)
  told = str(caught.value)
  assert "answers none of 2 examples; it holds '.'" in told
  assert "'0' or '3_9' or 'id1#a/9'" in told.replace('id1#a.mp4', 'id1#a')


def test_two_answers_of_one_name_are_told(folders):
  fill(folders.generated, '0.png', '00.webp')
  with pytest.raises(UsageError, match='both called 0'):
    find_examples(PAIRS, folders)


def test_a_flag_that_names_no_folder_is_told(tmp_path):
  fill(tmp_path, 'a.png')
  with pytest.raises(UsageError, match=r'--truth=.*: there is no such folder'):
    check_folder(str(tmp_path / 'none'), '--truth')
  with pytest.raises(UsageError, match='not a folder'):
    check_folder(str(tmp_path / 'a.png'), '--truth')
  assert check_folder(str(tmp_path), '--truth') == pathlib.Path(tmp_path)
