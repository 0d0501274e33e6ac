import pytest

from dagan_jax.app.web.limits import Limits
from dagan_jax.app.web.visitors import Visitors
from dagan_jax.console.errors import UsageError


def write(folder, text='data'):
  path = folder / 'sent.mp4'
  path.write_text(text)
  return path


def test_a_file_is_its_visitors_alone(tmp_path):
  visitors = Visitors(tmp_path, Limits())
  secret, one = visitors.greet(None)
  other_secret, other = visitors.greet('made up')
  assert secret != other_secret and other_secret != 'made up'
  token = one.keep(write(tmp_path), 'animate-driving')
  assert visitors.know(secret).find(token).path.read_text() == 'data'
  with pytest.raises(UsageError, match='no longer here'):
    other.find(token)
  for nobody in (None, '', 'made up'):
    with pytest.raises(UsageError, match='no longer here'):
      visitors.know(nobody)


def test_of_each_place_the_last_file_is_kept(tmp_path):
  visitors = Visitors(tmp_path, Limits())
  _, visitor = visitors.greet(None)
  first = visitor.keep(write(tmp_path, 'first'), 'animate-driving')
  other = visitor.keep(write(tmp_path, 'other'), 'speak-voice')
  second = visitor.keep(write(tmp_path, 'second'), 'animate-driving')
  with pytest.raises(UsageError):
    visitor.find(first)
  assert visitor.find(second).path.read_text() == 'second'
  assert visitor.find(other).path.read_text() == 'other'
  assert len(list(visitor.folder.iterdir())) == 2


def test_who_was_away_for_long_is_forgotten_with_all_files(tmp_path):
  visitors = Visitors(tmp_path, Limits(keep_minutes=1.0))
  secret, visitor = visitors.greet(None)
  visitor.keep(write(tmp_path), 'animate-driving')
  visitors.sweep()
  assert visitors.know(secret) is visitor
  visitor.seen -= 61
  visitors.sweep()
  assert not list(tmp_path.iterdir())
  with pytest.raises(UsageError):
    visitors.know(secret)


def test_all_files_together_have_a_limit(tmp_path):
  visitors = Visitors(tmp_path, Limits(most_gigabytes=1e-6))
  visitors.check_room()
  (tmp_path / 'large').write_bytes(bytes(2000))
  with pytest.raises(UsageError, match='no room'):
    visitors.check_room()
