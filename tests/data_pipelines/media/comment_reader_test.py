import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.comment_reader import read_comment
from data_pipelines.media.video_writer import VideoWriter
from data_pipelines.provenance.origin import Origin
from tests.support.encoded_videos import grey


@pytest.mark.parametrize('name', ['none.png', 'text.mp4'])
def test_what_says_nothing_at_all_is_one_clear_line(name, tmp_path):
  (tmp_path / 'text.mp4').write_text('no video')
  with pytest.raises(DataError, match=rf'\A{tmp_path / name}: [^\n]+\Z'):
    read_comment(tmp_path / name)


def test_a_list_of_other_files_tells_nothing_of_them(tmp_path):
  with VideoWriter(tmp_path / 'a.mp4', 25, origin=Origin('secret')) as video:
    video.write(grey(0))
  (tmp_path / 'list.mp4').write_text('ffconcat version 1.0\nfile a.mp4\n')
  with pytest.raises(DataError, match='neither a video nor a picture'):
    read_comment(tmp_path / 'list.mp4')


def test_a_picture_that_is_a_program_is_not_run(tmp_path):
  (tmp_path / 'a.png').write_text(
    '%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n'
  )
  with pytest.raises(DataError, match='neither a video nor a picture'):
    read_comment(tmp_path / 'a.png')
