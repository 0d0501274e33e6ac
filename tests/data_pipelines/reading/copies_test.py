import os
import pathlib
import shutil

from data_pipelines.reading.copies import NamedVideo, describe_copies


def make(folder, **contents):
  """Files of two people, a and b, by the first letter of their names."""
  for name, content in contents.items():
    (folder / name).write_bytes(content)
  return [NamedVideo(folder / name, name, name[0]) for name in contents]


def test_the_same_file_under_two_names_is_told_with_both(tmp_path):
  content = os.urandom(20_000)
  videos = make(tmp_path, a1=content, b1=content, a2=content[::-1])
  (line,) = describe_copies(videos)
  assert line.startswith('a1, b1 are the same video') and '(a, b)' in line
  (tmp_path / 'c').symlink_to('a1')
  (line,) = describe_copies([*videos, NamedVideo(tmp_path / 'c', 'c', 'c')])
  assert line.startswith('a1, b1, c are the same')


def test_copies_of_one_person_and_empty_files_are_nobodys_trouble(tmp_path):
  assert not describe_copies(make(tmp_path, a1=b'1', a2=b'1', b1=b'', c1=b''))
  lost = NamedVideo(tmp_path / 'nowhere', 'nowhere', 'x')
  assert not describe_copies([lost, lost._replace(name='y', identity='y')])


def test_files_that_differ_in_one_byte_are_two_videos(tmp_path):
  content = bytearray(20_000)
  videos = make(tmp_path, a=bytes(content))
  for place in (0, 10_000, 19_999):
    content[place] = 1
    videos += make(tmp_path, **{f'b{place}': bytes(content)})
    content[place] = 0
  assert not describe_copies(videos)


def test_folders_of_the_same_frames_are_the_same_video(tmp_path):
  (tmp_path / 'a').mkdir()
  make(tmp_path / 'a', frame1=b'1', frame2=b'2')
  shutil.copytree(tmp_path / 'a', tmp_path / 'b')
  videos = [NamedVideo(tmp_path / name, name, name) for name in 'ab']
  assert len(describe_copies(videos)) == 1
  pathlib.Path(tmp_path / 'b' / 'frame2').write_bytes(b'3')
  assert not describe_copies(videos)
