import pytest

from data_pipelines.builders.listings import hdtf
from data_pipelines.errors.mendable import DataError

LISTS = {
  'RD_video_url.txt': 'Radio1 https://www.youtube.com/watch?v=a\n'
  'Radio11 https://www.youtube.com/watch?v=b&t=6s\n',
  'RD_annotion_time.txt': 'Radio1.mp4 00:20-01:35\n'
  'Radio11.mp4 00:30-01:00 1:01:30-1:02:30 \n',
  'RD_crop_wh.txt': 'Radio11_0.mp4 412 599 0 599\n'
  'Radio11_1.mp4 557 478 10 478\nRadio1_0.mp4 466 535 0 535\n',
  'RD_resolution.txt': 'Radio1.mp4 720\nRadio11.mp4 1080\n',
  'WRA_video_url.txt': 'MittRomney https://www.youtube.com/watch?v=c\n',
  'WRA_annotion_time.txt': 'MittRomney.mp4 08:10-08:30 00:33-08:53\n',
  'WRA_crop_wh.txt': 'MittRomney_0.mp4 614 964 0 964\n',
}


@pytest.fixture
def raw(tmp_path):
  for name, text in LISTS.items():
    (tmp_path / name).write_text(text)
  (tmp_path / 'RD').mkdir()
  for name in ('Radio11.mp4', 'RD/Radio1.webm', 'MittRomney.mp4'):
    (tmp_path / name).touch()
  return tmp_path


def test_clips_are_those_of_the_lists(raw):
  jobs = {job.name: job for job in hdtf.list_jobs(raw, '').jobs}
  assert list(jobs) == ['Radio1_0', 'Radio11_0', 'Radio11_1', 'MittRomney_0']
  job = jobs['Radio11_1']
  assert (job.video, job.start, job.end) == ('Radio11.mp4', 3690, 3750)
  assert job.box == (557, 10, 557 + 478, 488) and job.box_size == (0, 1080)
  assert jobs['Radio1_0'].video == 'RD/Radio1.webm'
  assert jobs['MittRomney_0'].box_size is None


def test_a_person_is_a_name_without_its_number(raw):
  people = {job.identity for job in hdtf.list_jobs(raw, '').jobs}
  assert people == {'Radio', 'MittRomney'}
  assert {job.identity for job in hdtf.list_jobs(raw, 'cluster').jobs} == {None}


def test_what_is_missing_is_told(raw):
  (raw / 'Radio11.mp4').unlink()
  assert hdtf.list_jobs(raw, '').missing == {
    'Radio11_0': 'Radio11.mp4 is not there',
    'Radio11_1': 'Radio11.mp4 is not there',
    'MittRomney_1': 'HDTF lists no box for it',
  }


def test_the_lists_may_lie_in_their_own_folder(raw):
  whole = hdtf.list_jobs(raw, '')
  (raw / 'HDTF_dataset').mkdir()
  for name in LISTS:
    (raw / name).rename(raw / 'HDTF_dataset' / name)
  assert hdtf.list_jobs(raw, '') == whole


@pytest.mark.parametrize(
  'file, text, why',
  [
    ('RD_crop_wh.txt', None, 'there is no such list'),
    ('RD_crop_wh.txt', 'Radio1_0.mp4 466 535\n', 'Radio1_0 has an interval'),
    ('RD_annotion_time.txt', 'Radio1.mp4 0:2O-1:35\n', 'cannot be read'),
    ('RD_resolution.txt', 'Radio1.mp4 HD\n', 'cannot be read'),
  ],
)
def test_a_bad_list_is_one_clear_line(file, text, why, raw):
  (raw / file).unlink() if text is None else (raw / file).write_text(text)
  with pytest.raises(DataError, match=rf'\A[^\n]*{why}[^\n]*MRzzm[^\n]*\Z'):
    hdtf.list_jobs(raw, '')


def test_without_lists_or_videos_it_says_where_they_go(raw, tmp_path):
  for video in ('Radio11.mp4', 'RD/Radio1.webm', 'MittRomney.mp4'):
    (raw / video).unlink()
  with pytest.raises(DataError, match=r'\A[^\n]*put them there as[^\n]*\Z'):
    hdtf.list_jobs(raw, '')
  (tmp_path / 'empty').mkdir()
  with pytest.raises(DataError, match=r'\A[^\n]*holds no list[^\n]*\Z'):
    hdtf.list_jobs(tmp_path / 'empty', '')
