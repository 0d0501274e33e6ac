from data_pipelines.builders.listings.named_videos import find_named_videos


def make(root, *names):
  for name in names:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).touch()
  return root


def test_videos_are_found_by_name_in_any_format_and_folder(tmp_path):
  make(tmp_path, 'a.mp4', 'deep/er/b.wmv', 'deep/c.ts')
  assert find_named_videos(tmp_path, []).found == {
    'a': 'a.mp4',
    'b': 'deep/er/b.wmv',
    'c': 'deep/c.ts',
  }


def test_of_two_videos_of_one_name_an_mp4_is_taken_and_the_other_named(
  tmp_path,
):
  make(tmp_path, 'a.avi', 'deep/a.mp4')
  videos = find_named_videos(tmp_path, [])
  assert videos.found == {'a': 'deep/a.mp4'}
  assert videos.passed_over['second videos of one name'] == ['a.avi']


def test_all_that_no_list_names_is_named(tmp_path):
  make(tmp_path, 'list.csv', 'a.mp4', 'b.mp4', 'x.txt', 'x.mp3', 'x.png')
  videos = find_named_videos(tmp_path, [tmp_path / 'list.csv'])
  told = videos.leave_out_unlisted(['a', 'c'])
  named = {name for names in told.values() for name in names}
  assert named == {'b.mp4', 'x.txt', 'x.mp3', 'x.png'}
