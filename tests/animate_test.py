import dataclasses
import pathlib
import subprocess
import sys

import pytest

from dagan_jax import animate
from dagan_jax.app.files import Files
from dagan_jax.app.origins import Signing
from dagan_jax.console.options import name_flag
from dagan_jax.inference.reenactment.settings import Settings


@pytest.fixture
def parse(monkeypatch):
  """What the command line asks for: files and settings."""
  monkeypatch.setattr(animate.log, 'quiet', lambda: None)
  monkeypatch.setattr(animate.compile_cache, 'keep', lambda: None)
  monkeypatch.setattr(animate.memory, 'keep_freed_memory', lambda: None)
  asked = []
  monkeypatch.setattr(animate, 'animate_files', lambda *x: asked.append(x))

  def parse(*flags):
    places = '--workdir=w', '--source=a.png', '--driving=b.mp4', '--output=c'
    monkeypatch.setattr(sys, 'argv', ['animate', *places, *flags])
    with pytest.raises(SystemExit) as ended:
      animate.main()
    return asked.pop() if not ended.value.code else ended.value.code

  return parse


def test_without_flags_settings_are_those_of_the_library(parse):
  files, settings, signing = parse()
  assert settings == Settings() and signing == Signing()
  assert files == Files(
    workdir='w', source='a.png', driving='b.mp4', output='c'
  )


def test_every_option_is_a_flag(parse):
  values = {
    'motion': 'absolute',
    'start': '3',
    'strength': '0.5',
    'smooth': '2',
    'crop': 'none',
    'crop_driving': '1,2,3,4',
    'person': 'first',
    'size': '512',
    'background': 'static',
    'grid': 'driving,result',
    'precision': 'bfloat16',
    'save': 'motion',
    'contact_sheet': 's.png',
  }
  switches = ['--paste_back', '--debug_identity', '--noprovenance']
  flags = [f'--{name}={value}' for name, value in values.items()]
  signed = '--provenance.certificate=a.pem', '--provenance.key=k.pem'
  files, settings, signing = parse(*flags, *switches, *signed)
  assert signing == Signing(certificate='a.pem', key='k.pem')
  assert settings == Settings(
    motion='absolute',
    start=3,
    strength=0.5,
    smooth=2.0,
    crop='none',
    crop_driving='1,2,3,4',
    person='first',
    size=512,
    background='static',
    grid='driving,result',
    precision='bfloat16',
    paste_back=True,
    debug_identity=True,
    provenance=False,
  )
  assert (files.save, files.contact_sheet) == ('motion', 's.png')
  changed = dataclasses.asdict(settings).items()
  defaults = dataclasses.asdict(Settings())
  assert not [name for name, value in changed if value == defaults[name]]


@pytest.mark.parametrize(
  'flag', ['--strength=-1', '--start=last', '--grid=x', '--format=gif']
)
def test_a_flag_that_means_nothing_is_one_line_and_exit_code_2(
  flag, parse, capsys
):
  assert parse(flag) == 2
  (line,) = capsys.readouterr().err.splitlines()
  assert line.startswith('error: ')


def test_animating_and_depth_start_without_what_only_few_programs_need():
  code = (
    'import sys, dagan_jax.animate, dagan_jax.depth; '
    'print(*sys.modules.keys() & '
    "{'tensorflow', 'tensorflow_datasets', 'clu', 'grain', 'torch',"
    " 'scipy', 'orbax', 'tifffile'})"
  )
  done = subprocess.run(
    [sys.executable, '-c', code], capture_output=True, text=True, check=True
  )
  assert done.stdout.strip() == ''


def test_the_table_in_the_documents_lists_every_flag_and_its_default():
  text = (
    pathlib.Path(animate.__file__).parents[1] / 'docs' / 'animate.md'
  ).read_text()
  table = text[text.index('## All flags') : text.index('## Crops')]
  rows = [line.split('|') for line in table.splitlines() if '| `--' in line]
  listed = {row[1].strip(' `'): row[2].strip(' `') for row in rows}
  fields = [
    field for x in (Files, Settings, Signing) for field in dataclasses.fields(x)
  ]
  assert set(listed) == {name_flag(field) for field in fields}
  for field in fields:
    default, shown = field.default, listed[name_flag(field)]
    if isinstance(default, str):
      assert shown == default, field.name
    elif isinstance(default, float):
      assert float(shown) == default, field.name
    elif default is dataclasses.MISSING:
      assert shown == 'required', field.name
