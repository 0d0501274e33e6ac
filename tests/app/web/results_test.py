import asyncio

import pytest

from dagan_jax.app.web.limits import Limits
from dagan_jax.app.web.requests import Made
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures
from tests.support.encoded_videos import encode
from tests.support.page_work import open_page
from tests.support.tiny import video

pytest.importorskip('fastapi')

LIMITS = Limits()


@pytest.fixture
def root(tmp_path):
  (tmp_path / 'root').mkdir()
  return tmp_path / 'root'


def ask(page, task, files, values=None, secret=None):
  """All that the page shows of a job."""
  _, desk, visitors = page
  secret, visitor = visitors.greet(secret)

  async def follow():
    chosen = {
      place: {'token': visitor.keep(path, place), 'crop': crop}
      for place, (path, crop) in files.items()
    }
    cookies = {'dagan_jax_visitor': secret}
    return [
      told async for told in desk.run(task, cookies, chosen, values or {})
    ]

  return asyncio.run(follow()), visitor


def test_a_job_is_done_in_a_folder_of_its_own_with_the_crops_that_were_moved(
  root, tmp_path
):
  asked = []

  def do(request, tell):
    asked.append(request)
    output = request.files['portrait'].replace('portrait.png', 'made.mp4')
    open(output, 'w').close()
    return Made({'video': output}, ['a note'])

  (tmp_path / 'portrait.png').write_text('p')
  (tmp_path / 'driving.mp4').write_text('d')
  files = {
    'portrait': (tmp_path / 'portrait.png', '1,2,30,30'),
    'driving': (tmp_path / 'driving.mp4', None),
  }
  with open_page(root, LIMITS, do) as page:
    told, visitor = ask(page, 'animate', files, {'strength': 0.5})
  (request,) = asked
  assert request.values == {'strength': 0.5, 'crop': '1,2,30,30'}
  assert request.files['portrait'].endswith('/portrait.png')
  assert told[-1]['notes'] == ['a note']
  token = told[-1]['files']['video'].removeprefix('results/')
  assert visitor.find(token).path.exists()
  assert [path for path in root.iterdir()] == [visitor.folder]


def test_a_crop_is_that_of_both_videos_that_are_compared(root, tmp_path):
  asked = []

  def do(request, tell):
    asked.append(request.values)
    raise DataError('ended')

  (tmp_path / 'portrait.png').write_text('p')
  files = {'portrait': (tmp_path / 'portrait.png', 'none')}
  values = {'strength': 1.0, 'second.strength': 0.5}
  with open_page(root, LIMITS, do) as page:
    told, _ = ask(page, 'compare', files, values)
  assert asked == [{**values, 'crop': 'none', 'second.crop': 'none'}]
  assert told[-1] == {'error': 'ended'}


def test_without_a_file_or_a_visit_nothing_is_done(root):
  with open_page(root, LIMITS, lambda *_: None) as (_, desk, _):

    async def ask(files):
      return [told async for told in desk.run('animate', {}, files, {})]

    assert asyncio.run(ask({'portrait': None})) == [
      {'error': 'portrait: choose a file first'}
    ]
    (gone,) = asyncio.run(ask({'portrait': {'token': 'made up'}}))
    assert 'no longer here' in gone['error']


def test_who_goes_away_ends_his_job(root, tmp_path):
  (tmp_path / 'portrait.png').write_text('p')
  (tmp_path / 'other.png').write_text('p')

  async def go(desk, visitors):
    secret, visitor = visitors.greet(None)
    token = visitor.keep(tmp_path / 'portrait.png', 'portrait')
    cookies = {'dagan_jax_visitor': secret}
    files = {'portrait': {'token': token, 'crop': None}}
    async for _ in desk.run('animate', cookies, files, {}):
      break

  with open_page(root, LIMITS, lambda *_: Made({}, [])) as (_, desk, visitors):
    asyncio.run(go(desk, visitors))
    asyncio.run(asyncio.sleep(0))
    assert len(list(root.iterdir())) == 1


@pytest.mark.parametrize('task', ['animate', 'compare', 'depth'])
def test_every_task_makes_its_files(task, root, tmp_path, workdir):
  pictures.write_picture(tmp_path / 'portrait.png', video(9)[8])
  encode(tmp_path / 'driving.mp4', list(video(6)), sound=True)
  files = {
    'portrait': (tmp_path / 'portrait.png', 'none'),
    'driving': (tmp_path / 'driving.mp4', 'none'),
  }
  if task == 'depth':
    files = {'picture': (tmp_path / 'portrait.png', 'none')}
  values = {'strength': 1.0, 'second.strength': 0.5}
  with open_page(root, LIMITS, None, workdir) as page:
    told, visitor = ask(page, task, files, values)
  expected = {
    'animate': ['video'],
    'compare': ['video', 'second'],
    'depth': ['picture', 'cloud'],
  }
  assert list(told[-1]['files']) == expected[task], told[-1]
  for address in told[-1]['files'].values():
    held = visitor.find(address.removeprefix('results/'))
    assert held.path.stat().st_size > 100


def test_depth_is_found_by_the_packages_networks_whatever_animates(
  root, tmp_path, workdir_without_depth
):
  pictures.write_picture(tmp_path / 'portrait.png', video(9)[8])
  files = {'picture': (tmp_path / 'portrait.png', 'none')}
  with open_page(root, LIMITS, None, workdir_without_depth) as page:
    told, _ = ask(page, 'depth', files)
    pictures.write_picture(tmp_path / 'other.png', video(9)[8])
    beside = {'picture': (tmp_path / 'other.png', '900,0,9,9')}
    refused, _ = ask(page, 'depth', beside)
  assert 'beside the picture' in refused[-1]['error']
  assert list(told[-1]['files']) == ['picture', 'cloud']
