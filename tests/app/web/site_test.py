import asyncio
import io
import threading
import time
import zipfile

import av
import pytest
from PIL import Image

from dagan_jax.app.web.limits import Limits, Serving
from dagan_jax.app.web.requests import Made
from dagan_jax.console.errors import UsageError
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures
from data_pipelines.media.comment_reader import read_comment
from tests.support.encoded_videos import encode
from tests.support.page_work import open_page
from tests.support.tiny import video

testclient = pytest.importorskip('starlette.testclient')
pytest.importorskip('python_multipart')

Gate = pytest.importorskip('dagan_jax.app.web.gate').Gate

LIMITS = Limits(most_megabytes=1.0, most_waiting=2, most_seconds=5.0)


@pytest.fixture
def files(tmp_path):
  pictures.write_picture(tmp_path / 'portrait.png', video(9)[8])
  encode(tmp_path / 'driving.mp4', list(video(6)), sound=True)
  return tmp_path


@pytest.fixture
def root(tmp_path):
  (tmp_path / 'root').mkdir()
  return tmp_path / 'root'


@pytest.fixture
def browse(root):
  """Opens the page for a browser; `do` does the jobs."""
  opened = []

  def browse(do=lambda request, tell: Made({}, []), limits=LIMITS, **more):
    page = open_page(root, limits, do, **more)
    app, *_ = page.__enter__()
    opened.append(page)
    return lambda: testclient.TestClient(app, 'http://localhost')

  yield browse
  for page in opened:
    page.__exit__(None, None, None)


def send(browser, path, kind='picture', place='animate-portrait', **more):
  query = {'kind': kind, 'place': place, 'name': path.name, **more}
  return browser.post('/files', params=query, content=path.read_bytes())


def call(browser, files, **fields):
  sent = {
    'source': ('me.png', (files / 'portrait.png').read_bytes()),
    'driving': ('film.mp4', (files / 'driving.mp4').read_bytes()),
  }
  return browser.post('/animate', files=sent, data=fields)


def test_a_call_gives_a_marked_video_with_sound_and_leaves_nothing(
  browse, files, root, workdir
):
  browser = browse(None, workdir=workdir)()
  none = {'crop': 'none', 'crop_driving': 'none'}
  answer = call(browser, files, strength='0.5', **none)
  assert answer.status_code == 200, answer.text
  made = files / 'made.mp4'
  made.write_bytes(answer.content)
  with av.open(str(made)) as opened:
    assert len(list(opened.decode(video=0))) == 6
    assert opened.streams.audio
  assert read_comment(made).startswith('synthetic')
  assert not list(root.iterdir())


def test_a_call_that_is_wrong_is_one_line_of_json(browse, files, root):
  browser = browse()()
  wrong = [
    call(browser, files, strength='much'),
    call(browser, files, provenance='false'),
    call(browser, files, workdir='/etc'),
    browser.post('/animate', files={'source': b'x'}),
    browser.post('/animate', files={'source': b'x', 'driving': b''}),
    browser.post('/animate', files={'passwd': b'x'}),
    browser.post('/animate', data={'source': '/etc/passwd'}),
    browser.post('/animate', content=b'no form'),
  ]
  for answer in wrong:
    assert answer.status_code == 400
    assert (
      list(answer.json()) == ['error'] and '\n' not in answer.json()['error']
    )
    assert answer.text.endswith('}\n')
  assert not list(root.iterdir())


def test_a_failed_job_says_why_and_leaves_nothing(browse, files, root):
  def fail(request, tell):
    raise DataError(f'{request.files["portrait"]}: no face is found in it')

  answer = call(browse(fail)(), files)
  assert answer.status_code == 400
  assert answer.json() == {'error': 'portrait.png: no face is found in it'}
  assert not list(root.iterdir())


def test_a_portrait_too_large_to_be_pasted_back_into_is_told(
  browse, files, root, workdir
):
  limits = Limits(most_pasted_megapixels=1e-4)
  browser = browse(None, limits, workdir=workdir)()
  answer = call(browser, files, paste_back='true')
  assert answer.status_code == 400
  told = '32 x 32 pixels; with paste_back at most 0.0001 million are taken'
  assert told in answer.json()['error']
  assert not list(root.iterdir())


def test_a_file_that_is_sent_is_seen_by_who_sent_it(browse, files):
  browser = browse()()
  answer = send(browser, files / 'portrait.png')
  assert answer.status_code == 200
  seen = answer.json()
  assert (seen['width'], seen['height']) == (32, 32)
  assert seen['preview'].startswith('data:image/jpeg;base64,')
  cookie = answer.headers['set-cookie'].lower()
  assert 'httponly' in cookie and 'samesite=strict' in cookie
  again = send(browser, files / 'driving.mp4', 'video', 'animate-driving')
  assert again.status_code == 200 and 0.2 < again.json()['seconds'] < 0.3


def test_hostile_files_are_one_sentence_and_leave_nothing(browse, files, root):
  browser = browse()()
  bomb = io.BytesIO()
  with zipfile.ZipFile(bomb, 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('value.npy', bytes(50_000_000))
  large = io.BytesIO()
  Image.new('1', (20_000, 10_000)).save(large, 'PNG')
  hostile = {
    'bomb.npz': bomb.getvalue(),
    'large.png': large.getvalue(),
    'tool.mp4': b'\x7fELF' + bytes(99),
    'list.m3u8': b'#EXTM3U\n#EXTINF:9,\n/etc/passwd\n#EXT-X-ENDLIST\n',
    'drawing.svg': b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    '../../../etc/cron.d/x.png': b'no picture',
    'much.mp4': bytes(1_000_001),
    'nothing.mp4': b'',
  }
  for name, data in hostile.items():
    for kind in 'video', 'picture':
      query = {'kind': kind, 'place': 'animate-driving', 'name': name}
      answer = browser.post('/files', params=query, content=data)
      assert answer.status_code in (400, 413), name
      line = answer.json()['error']
      assert 20 < len(line) < 200 and '\n' not in line, line
      assert str(root) not in line and 'root' not in line, line
  assert not [path for path in root.rglob('*') if path.is_file()]


def test_results_are_given_to_no_other_browser(browse, files, root, tmp_path):
  page = open_page(root, LIMITS, lambda request, tell: None)
  with page as (app, _, visitors):
    own = testclient.TestClient(app, 'http://localhost')
    other = testclient.TestClient(app, 'http://localhost')
    for browser in (own, other):
      assert send(browser, files / 'portrait.png').status_code == 200
    visitor = visitors.know(own.cookies['dagan_jax_visitor'])
    token = visitor.keep(files / 'driving.mp4', 'animate-video')
    answer = own.get(f'/results/{token}')
    assert answer.status_code == 200
    assert answer.headers['cache-control'] == 'private, no-store'
    download = own.get(f'/results/{token}?download=1')
    assert 'attachment' in download.headers['content-disposition']
    assert other.get(f'/results/{token}').status_code == 400
    nobody = testclient.TestClient(app, 'http://localhost')
    assert nobody.get(f'/results/{token}').status_code == 400
    assert own.get('/results/made-up').status_code == 400
    assert own.get('/results/../../etc/passwd').status_code in (400, 404)


@pytest.mark.parametrize(
  'path',
  ['/gradio_api/file=/etc/passwd', '/gradio_api/upload', '/gradio_api/file/x',
   '/gradio_api/proxy=http://example.org', '/gradio_api/call/run', '/docs',
   '/gradio_api/run/run', '/gradio_api/component_server', '/monitoring',
   '/openapi.json', '/gradio_api/stream/x', '/gradio_api/vibe-code',
   '/gradio_api/process_recording', '/login', '/files/../../etc/passwd'],
)  # fmt: skip
def test_what_gradio_offers_and_the_page_does_not_use_is_not_there(
  path, browse
):
  browser = browse()()
  for answer in (browser.get(path), browser.post(path, content=b'{}')):
    assert answer.status_code == 404
    assert answer.json() == {'error': 'there is no such page'}


def test_other_sites_and_other_names_are_refused(browse, files):
  browser = browse()()
  evil = {'origin': 'http://evil.example'}
  query = {'kind': 'picture', 'place': 'animate-portrait', 'name': 'x.png'}
  answer = browser.post('/files', params=query, content=b'x', headers=evil)
  assert answer.status_code == 403
  rebound = browser.get('/', headers={'host': 'evil.example:7860'})
  assert rebound.status_code == 421
  own = {'origin': 'http://localhost'}
  assert browser.post('/files', headers=own).status_code == 400
  for host in ('127.0.0.1:7860', '[::1]:7860', 'localhost', '192.168.0.7'):
    assert (
      browser.get('/page/page.js', headers={'host': host}).status_code == 200
    )


def test_every_answer_forbids_the_browser_to_call_others(browse):
  browser = browse()()
  for path in ('/page/page.js', '/nowhere', '/results/x'):
    policy = browser.get(path).headers['content-security-policy']
    assert "default-src 'self'" in policy and 'http' not in policy


def test_a_body_is_refused_before_it_is_read(browse):
  browser = browse()()
  for path, most in (('/files', 1.1e6), ('/gradio_api/queue/join', 2e6)):
    answer = browser.post(path, content=bytes(int(most)))
    assert answer.status_code == 413

  def drip():
    for _ in range(30):
      yield bytes(100_000)

  query = {'kind': 'video', 'place': 'animate-driving', 'name': 'x.mp4'}
  answer = browser.post('/files', params=query, content=drip())
  assert 'more than 1 megabytes' in answer.json()['error']


def test_too_many_jobs_are_refused_at_once(browse, files, root):
  go = threading.Event()

  def wait(request, tell):
    go.wait(30)
    raise DataError('ended')

  browse = browse(wait)
  answers = []
  threads = [
    threading.Thread(target=lambda: answers.append(call(browse(), files)))
    for _ in range(3)
  ]
  for number, thread in enumerate(threads, 1):
    thread.start()
    while len(list(root.iterdir())) < number:
      time.sleep(0.01)
  time.sleep(0.3)
  refused = call(browse(), files)
  go.set()
  for thread in threads:
    thread.join()
  assert 'jobs are waiting, which is the most' in refused.json()['error']
  assert [a.json()['error'] for a in answers] == 3 * ['ended']
  assert not list(root.iterdir())


def test_files_of_all_together_have_their_limit_while_they_come(
  browse, files, root
):
  limits = Limits(most_gigabytes=0.012)
  browser = browse(limits=limits)()
  query = {'kind': 'video', 'place': 'animate-driving', 'name': 'x.mp4'}
  answer = browser.post('/files', params=query, content=bytes(20_000_000))
  assert 'no room' in answer.json()['error']
  assert not list(root.iterdir())
  assert send(browser, files / 'portrait.png').status_code == 200


def test_who_hangs_up_ends_his_job(monkeypatch):
  from dagan_jax.app.web import site

  monkeypatch.setattr(site, '_LISTENS', 0.01)
  ended = []

  class Gone:
    async def is_disconnected(self):
      return True

  async def work():
    try:
      await asyncio.sleep(60)
    finally:
      ended.append(True)

  with pytest.raises(UsageError, match='hung up'):
    asyncio.run(site._unless_gone(Gone(), work()))
  assert ended


def test_a_server_that_ends_says_so_to_who_waits():
  async def wait(scope, receive, send):
    raise asyncio.CancelledError

  browser = testclient.TestClient(
    Gate(wait, Serving(), LIMITS), 'http://localhost'
  )
  answer = browser.get('/')
  assert answer.status_code == 503
  assert answer.json() == {'error': 'the page is being closed'}
