"""The command's flags are those of the library."""

import sys

import pytest

from dagan_jax import live
from dagan_jax.app.live import DEFAULTS, LiveFiles
from dagan_jax.inference.reenactment.settings import Settings


@pytest.fixture
def parse(monkeypatch):
  """What the command line asks for."""
  monkeypatch.setattr(live.log, 'quiet', lambda: None)
  monkeypatch.setattr(live.compile_cache, 'keep', lambda: None)
  monkeypatch.setattr(live.memory, 'keep_freed_memory', lambda: None)
  asked = []
  monkeypatch.setattr(live, 'show_live', lambda *x: asked.append(x))

  def parse(*flags):
    monkeypatch.setattr(sys, 'argv', ['live', *flags])
    with pytest.raises(SystemExit) as ended:
      live.main()
    return asked.pop() if not ended.value.code else ended.value.code

  return parse


def test_without_flags_it_is_small_and_smooth(parse):
  files, settings = parse('--source=a.png')
  assert files == LiveFiles(source='a.png')
  assert settings == Settings(**DEFAULTS)


def test_every_option_is_a_flag(parse):
  files, settings = parse(
    '--source=a.png', '--camera=2', '--output=virtual_camera', '--mirror',
    '--size=128', '--grid=driving,result', '--noprovenance',
  )  # fmt: skip
  assert (files.camera, files.output) == ('2', 'virtual_camera')
  assert files.mirror and settings.size == 128 and not settings.provenance


def test_what_is_wrong_ends_with_2(parse):
  assert parse('--camera=0') == 2
  assert parse('--source=a.png', '--output=out.mp4') == 2
  assert parse('--source=a.png', '--camera=0', '--driving=b.mp4') == 2
