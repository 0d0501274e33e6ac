import pytest

from dagan_jax.app.files import Files, list_jobs
from dagan_jax.console.errors import UsageError


@pytest.fixture
def folders(tmp_path):
  """Two portraits, two videos and a folder of frames, all of them empty."""
  names = 'faces/p10.png', 'faces/p9.png', 'videos/b.mp4', 'videos/a.mp4'
  make(tmp_path, *names, 'videos/c/000000.png')
  return tmp_path


def jobs_of(**files):
  return list_all(**files).jobs


def list_all(**files):
  return list_jobs(Files(**{'workdir': 'w', 'output': 'out', **files}))


def make(folder, *names):
  for name in names:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).touch()
  return str(folder)


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


def test_a_thumbnail_beside_videos_is_passed_over_and_named(tmp_path):
  videos = make(tmp_path, 'a.mp4', 'b.mp4', 'a.webp', 'notes.txt', 'a.wav')
  found = list_all(source='p.png', driving=videos)
  assert [job.driving for job in found.jobs] == [
    str(tmp_path / name) for name in ('a.mp4', 'b.mp4')
  ]
  told = {path for paths in found.passed_over.values() for path in paths}
  assert told == {str(tmp_path / x) for x in ('a.webp', 'notes.txt', 'a.wav')}


@pytest.mark.parametrize('suffix', ['ts', 'wmv', 'flv', '3gp', 'MTS'])
def test_videos_of_any_format_drive(suffix, tmp_path):
  videos = make(tmp_path, 'a.mp4', f'b.{suffix}')
  assert len(jobs_of(source='p.png', driving=videos)) == 2


def test_portraits_of_any_format_move_and_all_else_is_named(tmp_path):
  names = 'a.jfif', 'b.avif', 'c.heic'
  faces = make(tmp_path, *names, 'film.mp4', 'song.mp3', 'deep/d.png')
  found = list_all(source=faces, driving='d.mp4')
  assert [job.source for job in found.jobs] == [
    str(tmp_path / name) for name in names
  ]
  told = {path for paths in found.passed_over.values() for path in paths}
  assert told == {str(tmp_path / x) for x in ('film.mp4', 'song.mp3', 'deep')}


def test_one_folder_may_hold_portraits_and_videos(tmp_path):
  both = make(tmp_path, 'p.png', 'd.mp4')
  found = list_all(source=both, driving=both)
  assert [job[:2] for job in found.jobs] == [
    (str(tmp_path / 'p.png'), str(tmp_path / 'd.mp4'))
  ]
  assert not any(found.passed_over.values())


def test_names_of_which_one_begins_the_other_have_an_order(tmp_path):
  videos = make(tmp_path, 'video2.mp4', 'video.mp4')
  jobs = jobs_of(source='p.png', driving=videos)
  assert [job.output for job in jobs] == ['out/p_video.mp4', 'out/p_video2.mp4']


def test_dots_in_names_are_kept(tmp_path):
  make(tmp_path, 'john.smith.png', 'take.1/0.png', 'take.2/0.png')
  jobs = jobs_of(
    source=str(tmp_path / 'john.smith.png'),
    driving=make(tmp_path / 'films', 'take.1/0.png', 'take.2/0.png'),
    format='png',
  )
  assert [job.output for job in jobs] == [
    'out/john.smith_take.1',
    'out/john.smith_take.2',
  ]


def test_where_results_go_is_no_video_the_next_time(tmp_path):
  make(tmp_path, 'a.mp4', 'out/p_a.mp4', 'out/p_a/0.png', 'old/p_a.mp4')
  found = list_all(
    source='p.png', driving=str(tmp_path), output=str(tmp_path / 'out')
  )
  assert [job.driving for job in found.jobs] == [str(tmp_path / 'a.mp4')]
  assert found.passed_over['folders without frames'] == [str(tmp_path / 'old')]
  make(tmp_path, 'frames/0.png', 'out2/0.png')
  files = dict(source='p.png', driving=str(tmp_path))
  for output in ('out2', './out2', 'frames/../out2'):
    jobs = jobs_of(**files, output=f'{tmp_path}/{output}')
    assert [job.driving for job in jobs] == [
      str(tmp_path / 'a.mp4'),
      str(tmp_path / 'frames'),
    ]


def test_what_lies_beside_frames_is_named(tmp_path):
  frames = make(tmp_path, '0.png', 'song.wav', 'notes.txt', 'deep/1.png')
  found = list_all(source='p.png', driving=frames)
  assert found.jobs == [('p.png', frames, 'out')]
  told = {path for paths in found.passed_over.values() for path in paths}
  assert told == {
    str(tmp_path / name) for name in ('song.wav', 'notes.txt', 'deep')
  }


def test_a_folder_without_a_video_is_told_with_what_it_holds(tmp_path):
  videos = make(tmp_path, 'deep/er/a.mp4', 'notes.txt')
  with pytest.raises(UsageError, match='no video, only notes'):
    jobs_of(source='p.png', driving=videos)
