import pytest

from dagan_jax.app.files import Files, list_jobs
from dagan_jax.console.errors import UsageError


@pytest.fixture
def folders(tmp_path):
  """Two portraits, two videos and a folder of frames, all of them empty."""
  names = 'faces/p10.png', 'faces/p9.png', 'videos/b.mp4', 'videos/a.mp4'
  for name in (*names, 'videos/c/000000.png'):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
  return tmp_path


def jobs_of(**files):
  return list_jobs(Files(**{'workdir': 'w', 'output': 'out', **files}))


def test_every_portrait_meets_every_video(folders):
  faces, videos = str(folders / 'faces'), str(folders / 'videos')
  jobs = jobs_of(source=faces, driving=videos)
  assert [job.output for job in jobs] == [
    f'out/{p}_{v}.mp4' for p in ('p9', 'p10') for v in 'abc'
  ]
  assert jobs[0].source == str(folders / 'faces' / 'p9.png')
  assert jobs[2].driving == str(folders / 'videos' / 'c')
  one = str(folders / 'faces' / 'p9.png')
  jobs = jobs_of(source=one, driving=videos, format='png')
  assert [job.output for job in jobs] == ['out/p9_a', 'out/p9_b', 'out/p9_c']


@pytest.mark.parametrize('driving', ['videos/a.mp4', 'videos/c', 'nowhere'])
def test_one_portrait_and_one_video_or_folder_of_frames_are_one_job(
  folders, driving
):
  one = str(folders / 'faces' / 'p9.png')
  job = (one, str(folders / driving), 'out')
  assert jobs_of(source=one, driving=job[1]) == [job]


def test_a_file_names_pairs(folders):
  path = folders / 'pairs.csv'
  path.write_text('source,driving\nfaces/p9.png, videos/c\n\nfaces/p10.png,b\n')
  first, second = jobs_of(pairs=str(path))
  assert first.source == str(folders / 'faces/p9.png')
  assert first.driving == str(folders / 'videos/c')
  assert second.driving == str(folders / 'b')
  path.write_text('p9.png,b.mp4\n')
  (job,) = jobs_of(
    source=str(folders / 'faces'),
    driving=str(folders / 'videos'),
    pairs=str(path),
  )
  assert job.source == str(folders / 'faces' / 'p9.png')
  assert job.driving == str(folders / 'videos' / 'b.mp4')


@pytest.mark.parametrize(
  ('text', 'words'),
  [
    ('', 'names no pair'),
    ('a,b,c\n', 'pair 1'),
    ('a.png,b.mp4\nc\n', 'pair 2'),
    ('x/a.png,b.mp4\ny/a.png,b.mp4\n', 'both be called a_b'),
  ],
)
def test_what_is_no_list_of_pairs_is_one_line(folders, text, words):
  (folders / 'pairs.csv').write_text(text)
  with pytest.raises(UsageError, match=words) as caught:
    jobs_of(pairs=str(folders / 'pairs.csv'))
  assert '\n' not in str(caught.value)


def test_missing_lists_and_empty_folders_are_told(folders):
  with pytest.raises(UsageError, match='no CSV'):
    jobs_of(pairs=str(folders / 'nowhere.csv'))
  (folders / 'empty').mkdir()
  with pytest.raises(UsageError, match='no portrait'):
    jobs_of(source=str(folders / 'empty'), driving='a.mp4')


@pytest.mark.parametrize(
  ('files', 'words'),
  [
    ({'driving': 'a.mp4'}, '--source and --driving'),
    ({'source': 'FACES', 'contact_sheet': 's.png'}, 'alone'),
    ({'source': 'a.png', 'format': 'gif'}, '--format'),
    ({'source': 'FACES', 'driving': '-'}, 'one portrait'),
  ],
)
def test_options_that_do_not_go_together_are_refused(folders, files, words):
  files = {'driving': 'a.mp4', **files}
  if files.get('source') == 'FACES':
    files['source'] = str(folders / 'faces')
  with pytest.raises(UsageError, match=words):
    jobs_of(**files)
