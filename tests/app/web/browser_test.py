"""The whole page in Chromium, with real uploads and a pretended camera."""

import contextlib
import os
import re
import shutil
import subprocess
import sys

import av
import pytest

from data_pipelines.media import pictures
from tests.support.encoded_videos import encode
from tests.support.tiny import video

pytest.importorskip('gradio')
pytest.importorskip('aiortc')
playwright = pytest.importorskip('playwright.sync_api')

CHROMIUM = next(
  filter(
    None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))
  ),
  None,
)
pytestmark = [
  pytest.mark.slow,
  pytest.mark.skipif(not CHROMIUM, reason='there is no Chromium here'),
]

TABS = 'Animate', 'Speak', 'Depth', 'Live', 'Compare'
SIZES = {'wide': (1280, 900), 'phone': (390, 844)}
PATIENCE = 240_000  # milliseconds


@pytest.fixture(scope='module')
def files(tmp_path_factory):
  folder = tmp_path_factory.mktemp('files')
  pictures.write_picture(folder / 'portrait.png', video(9)[8])
  encode(folder / 'driving.mp4', list(video(6)), sound=True)
  (folder / 'drawing.png').write_text(
    '<svg xmlns="http://www.w3.org/2000/svg"/>'
  )
  encode(folder / 'camera.y4m', list(video(30)), 'wrapped_avframe')
  return folder


@pytest.fixture(scope='module')
def address(workdir, tmp_path_factory):
  """Where the page is served; it leaves no file."""
  place = tmp_path_factory.mktemp('place')
  command = [
    sys.executable, '-m', 'dagan_jax.web', '--port=0', f'--workdir={workdir}',
  ]  # fmt: skip
  server = subprocess.Popen(
    command, stdout=subprocess.PIPE, text=True,
    env={**os.environ, 'TMPDIR': str(place)},
  )  # fmt: skip
  try:
    line = server.stdout.readline()
    yield re.search(r'http://[\d.:]+', line)[0]
  finally:
    server.terminate()
    assert server.wait(60) == 128 + 15
  assert not list(place.glob('dagan_jax_page*'))


@pytest.fixture(scope='module')
def chromium(files):
  with playwright.sync_playwright() as play:
    yield play.chromium.launch(
      executable_path=CHROMIUM,
      args=[
        '--no-sandbox',
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        f'--use-file-for-fake-video-capture={files / "camera.y4m"}',
      ],
    )


@contextlib.contextmanager
def visit(chromium, address, size='wide'):
  """A visitor's page; nothing goes elsewhere, and no script fails."""
  width, height = SIZES[size]
  context = chromium.new_context(viewport={'width': width, 'height': height})
  context.set_default_timeout(PATIENCE)
  page = context.new_page()
  asked, failed = [], []
  page.on('request', lambda request: asked.append(request.url))
  page.on('pageerror', lambda error: failed.append(str(error)))
  page.goto(address)
  page.wait_for_selector('.file')
  yield page
  own = (address, f'blob:{address}', 'data:')
  assert not [url for url in asked if not url.startswith(own)]
  assert not failed
  context.close()


def open_tab(page, name):
  """Opens a tab; on a phone the last ones are in a menu."""
  tab = page.get_by_role('tab', name=name)
  if not (tab.count() and tab.first.is_visible()):
    page.locator('.overflow-menu > button').first.click()
    tab = page.locator('.overflow-dropdown button', has_text=name)
  tab.first.click()


def choose(page, place, path):
  page.set_input_files(f'#{place} input', path)
  page.wait_for_selector(f'#{place} .box')


def test_files_that_are_sent_become_a_video_with_sound(
  chromium, address, files
):
  with visit(chromium, address) as page:
    for name in 'portrait.png', 'driving.mp4':
      place = f'animate-{name.partition(".")[0]}'
      choose(page, place, files / name)
      page.locator(f'#{place} button', has_text='Centre').click()
    page.click('#animate-go')
    made = page.wait_for_selector(
      '#animate-result video, #animate-result .error'
    )
    source = made.get_attribute('src')
    assert source, page.inner_text('#animate-result')
    answer = page.request.get(f'{address}/{source}')
    path = files / 'made.mp4'
    path.write_bytes(answer.body())
    assert page.get_by_text('Download the video').is_visible()
    with visit(chromium, address) as other:
      assert other.request.get(f'{address}/{source}').status == 400
  with av.open(str(path)) as opened:
    assert len(list(opened.decode(video=0))) == 6 and opened.streams.audio


def test_the_box_is_moved_by_hand_and_by_keys(chromium, address, files):
  with visit(chromium, address) as page:
    choose(page, 'animate-portrait', files / 'portrait.png')
    box = page.locator('#animate-portrait .box')
    before = box.bounding_box()
    page.mouse.move(before['x'] + 4, before['y'] + 4)
    page.mouse.down()
    page.mouse.move(before['x'] + 12, before['y'] + 9)
    page.mouse.up()
    moved = box.bounding_box()
    assert moved['x'] > before['x'] + 3 and moved['y'] > before['y'] + 3
    box.press('ArrowLeft')
    assert box.bounding_box()['x'] < moved['x']


def test_a_file_of_no_use_is_one_sentence(chromium, address, files):
  with visit(chromium, address) as page:
    page.set_input_files('#animate-portrait input', files / 'drawing.png')
    said = page.wait_for_selector('#animate-portrait .said.error')
    assert 'not a picture' in said.inner_text()
    page.click('#animate-go')
    told = page.wait_for_selector('#animate-result .error')
    assert told.inner_text() == 'portrait: choose a file first'


@pytest.mark.parametrize('size', SIZES)
def test_every_tab_fits_its_window(size, chromium, address):
  with visit(chromium, address, size) as page:
    for tab in TABS:
      open_tab(page, tab)
      page.wait_for_selector(f'#{tab.lower()}-result')
      settings = page.locator('button:has-text("Settings"):visible')
      for one in settings.all():
        one.click()
      page.wait_for_timeout(300)
      width = page.evaluate('document.documentElement.scrollWidth')
      assert width <= SIZES[size][0], tab


def test_a_camera_moves_a_portrait(chromium, address, files):
  with visit(chromium, address) as page:
    open_tab(page, 'Live')
    choose(page, 'live-portrait', files / 'portrait.png')
    page.locator('#live-portrait button', has_text='Centre').click()
    # What is quick with the package's network is too large for a tiny one.
    page.locator('button:has-text("Settings"):visible').click()
    size = page.get_by_label('size').locator('visible=true').first
    size.fill('0')
    size.press('Tab')  # whoever leaves the field has told it
    page.click('#live-go')
    page.wait_for_selector('#live-result video, #live-result .error')
    told = page.inner_text('#live-result')
    assert page.locator('#live-result video').count() == 2, told
    told = page.locator('#live-result .pace', has_text='frames/s')
    told.wait_for()
    page.wait_for_function(
      "document.querySelectorAll('#live-result video')[1].videoWidth > 0"
    )
    page.get_by_text('This pose is rest').click()
    page.locator('#live-result button', has_text='Stop').click()
    page.wait_for_selector('text=Stopped.')
