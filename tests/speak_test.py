"""The command's flags are those of the library."""

import sys

import pytest

from dagan_jax import speak
from dagan_jax.app.origins import Signing
from dagan_jax.app.speaking import VoiceFiles
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice.settings import Acting


@pytest.fixture
def parse(monkeypatch):
  """What the command line asks for."""
  monkeypatch.setattr(speak.log, 'quiet', lambda: None)
  monkeypatch.setattr(speak.compile_cache, 'keep', lambda: None)
  monkeypatch.setattr(speak.memory, 'keep_freed_memory', lambda: None)
  asked = []
  monkeypatch.setattr(speak, 'speak_files', lambda *x: asked.append(x))

  def parse(*flags):
    monkeypatch.setattr(sys, 'argv', ['speak', *flags])
    with pytest.raises(SystemExit) as ended:
      speak.main()
    return asked.pop() if not ended.value.code else ended.value.code

  return parse


NEEDED = '--source=a.png', '--audio=b.wav', '--output=c.mp4'


def test_without_flags_options_are_those_of_the_library(parse):
  files = VoiceFiles(source='a.png', audio='b.wav', output='c.mp4')
  assert parse(*NEEDED) == (files, Acting(), Settings(), Signing())


def test_every_option_is_a_flag(parse):
  files, acting, settings, _ = parse(
    *NEEDED, '--samples=3', '--pose=still', '--gaze=10,-5', '--seed=7',
    '--paste_back', '--grid=driving,result', '--strength=1.5',
  )  # fmt: skip
  assert files.outputs == ['c-1.mp4', 'c-2.mp4', 'c-3.mp4']
  assert acting == Acting(pose='still', gaze='10,-5', seed=7)
  assert acting.look == (10, -5)
  assert settings.paste_back and settings.strength == 1.5


def test_what_is_missing_or_unknown_ends_with_2(parse):
  assert parse('--source=a.png') == 2
  assert parse(*NEEDED, '--seed=some') == 2
