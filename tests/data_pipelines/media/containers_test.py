import av
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.containers import open_container
from data_pipelines.media.file_kinds import Kind, kind_of
from data_pipelines.media.video_reader import SteadyVideo
from data_pipelines.media.waveform import read_waveform
from tests.support.encoded_videos import encode, grey

# Each names another file, and libav would read that one.
LISTS = {
  'playlist.m3u8': '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{other}\n'
  '#EXT-X-ENDLIST\n',
  'list.ffconcat': 'ffconcat version 1.0\nfile {other}\n',
  'manifest.mpd': '<?xml version="1.0"?><MPD><Period><AdaptationSet>'
  '<Representation id="1" mimeType="video/mp4"><BaseURL>{other}</BaseURL>'
  '</Representation></AdaptationSet></Period></MPD>',
  'session.sdp': 'v=0\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n'
  'a=rtpmap:96 H264/90000\n',
}


@pytest.fixture
def other(tmp_path):
  return encode(tmp_path / 'other.ts', [grey(n) for n in range(30)])


@pytest.mark.parametrize('suffix', ['', '.mp4', '.mp3'])
@pytest.mark.parametrize('name', LISTS)
def test_a_list_of_other_files_opens_none_of_them(
  name, suffix, other, tmp_path
):
  path = tmp_path / (name + suffix)
  path.write_text(LISTS[name].format(other=other.name))
  with pytest.raises((av.FFmpegError, OSError)):
    open_container(path)
  with pytest.raises(DataError, match='not a video'):
    SteadyVideo(path)
  with pytest.raises(DataError, match='no sound'):
    list(read_waveform(path))


def test_a_list_on_a_stream_opens_no_file_either(other):
  text = LISTS['playlist.m3u8'].format(other=other)
  with (
    open(other.with_name('list'), 'w+b') as file,
    pytest.raises((av.FFmpegError, OSError)),
  ):
    file.write(text.encode())
    file.seek(0)
    open_container(file)


@pytest.mark.parametrize('suffix', ['.mp4', '.mkv', '.avi', '.ts', '.mov'])
def test_a_file_that_holds_its_pictures_is_opened(suffix, tmp_path):
  path = encode(tmp_path / f'video{suffix}', [grey(n) for n in range(30)])
  with open_container(path) as container:
    assert len(list(container.decode(video=0))) == 30
  assert kind_of(path) is Kind.VIDEO
