import pytest

from data_pipelines.builders.listings import voxceleb
from data_pipelines.errors.mendable import DataError

HEADER = 'video_id,start,end,bbox,fps,width,height,partition,person_id\n'
ROWS = (
  'WMh3ye5tBsE,3657,3994,624-48-1018-553,25,1280,720,train,id10005\n'
  'WMh3ye5tBsE,3657,3994,624-48-1018-553,25,1280,720,train,id10005\n'
  '-A_b,0,250,113-6-383-355,25,640,360,test,id10270\n'
)


def write(raw, text, videos=('WMh3ye5tBsE.mp4', 'deep/-A_b.mkv')):
  (raw / 'vox-metadata.csv').write_text(text)
  for video in videos:
    (raw / video).parent.mkdir(exist_ok=True)
    (raw / video).touch()
  return raw


def test_clips_are_those_of_the_list_and_told_once(tmp_path):
  first, other = voxceleb.list_jobs(write(tmp_path, HEADER + ROWS), '').jobs
  assert first.name == 'id10005#WMh3ye5tBsE#003657#003994'
  assert (first.video, first.identity) == ('WMh3ye5tBsE.mp4', 'id10005')
  assert (first.start, first.end) == (146.28, 159.76)
  assert first.box == (624, 48, 1018, 553) and first.box_size == (1280, 720)
  assert (first.split, other.split) == ('train', 'test')
  assert other.video == 'deep/-A_b.mkv'


def test_what_crop_vox_writes_is_read_too(tmp_path):
  text = (
    'video_id,start,end,bbox,fps,width,height\n'
    'WMh3ye5tBsE#id7,50,100,1-2-31-42,25,64,48\n'
    '-A_b,50,100,1-2-31-42,25,64,48\n'
  )
  first, other = voxceleb.list_jobs(write(tmp_path, text), '').jobs
  assert (first.identity, first.split) == ('id7', '')
  assert other.identity == '-A_b'


def test_faces_may_tell_who_it_is(tmp_path):
  jobs = voxceleb.list_jobs(write(tmp_path, HEADER + ROWS), 'cluster').jobs
  assert {job.identity for job in jobs} == {None}


def test_videos_that_no_list_names_are_named(tmp_path):
  raw = write(tmp_path, HEADER + ROWS, ['WMh3ye5tBsE.mp4', 'other.webm'])
  told = voxceleb.list_jobs(raw, '').passed_over
  assert [names for names in told.values() if names] == [['other.webm']]


def test_what_is_missing_is_told(tmp_path):
  raw = write(tmp_path, HEADER + ROWS, ['WMh3ye5tBsE.mp4'])
  missing = voxceleb.list_jobs(raw, '').missing
  assert missing == {'id10270#-A_b#000000#000250': '-A_b.mp4 is not there'}


@pytest.mark.parametrize(
  'text, videos, why',
  [
    (HEADER + 'a,1,2,3-4-5,25,9,9,train,me\n', ['a.mp4'], 'cannot be read'),
    (HEADER + 'a,1,2,3-4-1-9,25,9,9,train,me\n', ['a.mp4'], 'cannot be read'),
    (HEADER + 'a,1,2,3-4-5-9,25,9,9,dev,me\n', ['a.mp4'], 'cannot be read'),
    (HEADER + 'a,1\n', ['a.mp4'], 'cannot be read'),
    ('some,other,list\n1,2,3\n', ['a.mp4'], 'cannot be read'),
    (HEADER + ROWS, [], 'none of the videos'),
  ],
)
def test_a_bad_list_is_one_clear_line(text, videos, why, tmp_path):
  with pytest.raises(DataError, match=rf'\A[^\n]*{why}[^\n]*\Z'):
    voxceleb.list_jobs(write(tmp_path, text, videos), '')


def test_without_a_list_it_says_where_to_get_it(tmp_path):
  with pytest.raises(DataError, match=r'\A[^\n]*get vox-metadata.csv[^\n]*\Z'):
    voxceleb.list_jobs(tmp_path, '')
