import json

import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.pair_lists import Pair
from dagan_jax.evaluation.protocol import (
  SAME,
  Protocol,
  draw_pairs,
  list_folder,
  read_protocol,
  write_protocol,
)
from data_pipelines.errors.mendable import DataError
from data_pipelines.media.pictures import write_picture
from tests.support import tiny

PROTOCOL = Protocol(SAME, (Pair('a', '', 'a.mp4'),), size=64, skip=1)


def make_clips(folder, *names):
  for name in names:
    path = folder / name / '0.png'
    path.parent.mkdir(parents=True, exist_ok=True)
    write_picture(path, tiny.video(1)[0])


def test_a_protocol_comes_back_as_it_was_written(tmp_path):
  write_protocol(tmp_path / 'p.json', PROTOCOL)
  read = read_protocol(tmp_path / 'p.json')
  assert read == PROTOCOL
  assert read.digest == PROTOCOL.digest


def test_every_part_of_a_protocol_changes_its_digest():
  changed = (
    PROTOCOL._replace(pairs=(Pair('a', '', 'b.mp4'),)),
    PROTOCOL._replace(size=65),
    PROTOCOL._replace(skip=0),
    PROTOCOL._replace(every=2),
    PROTOCOL._replace(most=3),
    PROTOCOL._replace(seed=1),
  )
  digests = {protocol.digest for protocol in (PROTOCOL, *changed)}
  assert len(digests) == 1 + len(changed)


def test_a_protocol_that_was_changed_by_hand_is_refused(tmp_path):
  path = tmp_path / 'p.json'
  write_protocol(path, PROTOCOL)
  said = json.loads(path.read_text()) | {'size': 128}
  path.write_text(json.dumps(said))
  with pytest.raises(UsageError, match='was changed since it was written'):
    read_protocol(path)


@pytest.mark.parametrize('text', ['', '[]', '{}', '{"kind": "another"}'])
def test_another_file_is_no_protocol(tmp_path, text):
  (tmp_path / 'p.json').write_text(text)
  with pytest.raises(UsageError, match='no protocol; give'):
    read_protocol(tmp_path / 'p.json')
  with pytest.raises(UsageError, match='cannot be read'):
    read_protocol(tmp_path / 'none.json')


def test_a_folder_gives_a_pair_for_each_clip_in_natural_order(tmp_path):
  make_clips(tmp_path, 'b10', 'b9', 'x/id1#v.mp4')
  assert list_folder(tmp_path, '--truth') == [
    Pair('b9', '', 'b9'),
    Pair('b10', '', 'b10'),
    Pair('x/id1#v', '', 'x/id1#v.mp4'),
  ]


def test_a_folder_of_frames_is_one_video(tmp_path):
  make_clips(tmp_path, '.')
  assert list_folder(tmp_path, '--truth') == [Pair('.', '', '.')]


def test_an_empty_folder_is_told_by_its_flag(tmp_path):
  with pytest.raises(DataError, match='holds no clips; --truth is'):
    list_folder(tmp_path, '--truth')


def test_drawn_pairs_are_of_different_people_and_always_the_same(tmp_path):
  make_clips(tmp_path, 'id1#a', 'id1#b', 'id2#c', 'id3#d')
  pairs = draw_pairs(tmp_path, 10, seed=3)
  assert len({(pair.source, pair.driving) for pair in pairs}) == 10
  assert all(pair.source[:3] != pair.driving[:3] for pair in pairs)
  assert pairs == draw_pairs(tmp_path, 10, seed=3)
  assert pairs != draw_pairs(tmp_path, 10, seed=4)
  with pytest.raises(UsageError, match='make 10 pairs of different people'):
    draw_pairs(tmp_path, 11, seed=3)
