import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.pair_lists import (
  Pair,
  find_below,
  read_pairs,
  write_pairs,
)


def write(path, text):
  path.write_text(text, encoding='utf-8')
  return path


def test_the_list_of_the_authors_is_read_by_its_header(tmp_path):
  text = (
    'source,driving,frame\n'
    '/data/vox/test/id1#a.mp4/0000013.png,/data/vox/test/id1#a.mp4/48.png\n'
    '\n'
    '/data/vox/test/id2#b.mp4/7.png,/data/vox/test/id2#b.mp4/9.png,0.0\n'
  )
  assert read_pairs(write(tmp_path / 'vox.csv', text)) == [
    Pair(
      '000000',
      '/data/vox/test/id1#a.mp4/0000013.png',
      '/data/vox/test/id1#a.mp4/48.png',
    ),
    Pair(
      '000001',
      '/data/vox/test/id2#b.mp4/7.png',
      '/data/vox/test/id2#b.mp4/9.png',
    ),
  ]


def test_columns_may_stand_in_any_order_or_have_no_header(tmp_path):
  swapped = write(tmp_path / 'a.csv', '\ufeffdistance,driving,source\n0,d,s\n')
  plain = write(tmp_path / 'b.csv', 's, d\n')
  assert read_pairs(swapped) == read_pairs(plain) == [Pair('000000', 's', 'd')]


@pytest.mark.parametrize(
  'text, told',
  [
    ('', 'empty'),
    ('source,driving\n', 'names no pair'),
    ('a,b,c\n', 'source,driving, which names the columns'),
    ('source,driving\na\n', "pair 0: 'a' is not source,driving"),
    ('source,driving\na,b\na,\n', "pair 1: 'a,' is not source,driving"),
  ],
)
def test_a_line_that_is_no_pair_is_named(tmp_path, text, told):
  with pytest.raises(UsageError, match=told):
    read_pairs(write(tmp_path / 'a.csv', text))


def test_a_list_that_cannot_be_read_is_told_in_one_line(tmp_path):
  (tmp_path / 'a.csv').write_bytes(b'\xff\xfe\x00\x00\x81')
  for name in ('a.csv', 'none.csv'):
    with pytest.raises(UsageError, match='no CSV file that can be read'):
      read_pairs(tmp_path / name)


def test_what_counts_of_a_path_is_how_it_ends(tmp_path):
  frames = tmp_path / 'id1#a.mp4'
  frames.mkdir()
  picture = write(frames / '0000013.png', '')
  (tmp_path / 'b').mkdir()
  said = '/data/vox/test/id1#a.mp4/0000013.png'
  assert find_below(tmp_path, said) == picture
  assert find_below(tmp_path, 'id1#a.mp4') == frames
  assert find_below(tmp_path, '/data/test/b.mp4') == tmp_path / 'b'
  assert find_below(tmp_path, '/data/test/c.mp4') is None
  assert find_below(tmp_path, '../b.mp4') == tmp_path / 'b'


def test_a_list_comes_back_as_it_was_written(tmp_path):
  pairs = [Pair('000000', 'a,b.mp4', 'c "d".mp4'), Pair('000001', 'é', 'f')]
  write_pairs(tmp_path / 'pairs.csv', pairs)
  assert read_pairs(tmp_path / 'pairs.csv') == pairs
