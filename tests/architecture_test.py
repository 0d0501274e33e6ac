"""The house rules: which room a file lies in, and who may import whom."""

import ast
import functools
import pathlib
import sys

ROOT = pathlib.Path(__file__).parent.parent
FILES = sorted(
  path
  for folder in ('dagan_jax', 'data_pipelines', 'configs', 'scripts')
  for path in (ROOT / folder).rglob('*.py')
)

# Loose files are commands. Everything else lies in a room of FLOORS.
COMMANDS = (
  'dagan_jax.animate',
  'dagan_jax.convert',
  'dagan_jax.depth',
  'dagan_jax.doctor',
  'dagan_jax.evaluate',
  'dagan_jax.live',
  'dagan_jax.main',
  'dagan_jax.provenance',
  'dagan_jax.speak',
  'dagan_jax.web',
)
DATA_COMMANDS = ('data_pipelines.build', 'data_pipelines.inspect')

# From the bottom up: a room imports only from floors below its own. Rooms of
# one floor stand apart, but for those of BESIDE.
FLOORS = (
  ('data_pipelines.errors',),
  ('data_pipelines.provenance',),
  ('data_pipelines.media',),
  ('data_pipelines.faces', 'data_pipelines.speech'),
  (
    'data_pipelines.recorded',
    'data_pipelines.synthetic',
    'data_pipelines.compositing',
  ),
  ('data_pipelines.reading',),
  ('data_pipelines.builders',),
  DATA_COMMANDS,
  ('dagan_jax.console',),
  ('dagan_jax.geometry',),
  ('dagan_jax.models', 'dagan_jax.losses', 'dagan_jax.metrics'),
  ('dagan_jax.tasks',),
  ('dagan_jax.runs',),
  ('dagan_jax.weights',),
  ('dagan_jax.drawing',),
  ('dagan_jax.training', 'dagan_jax.evaluation', 'dagan_jax.inference'),
  ('dagan_jax.app',),
  COMMANDS,
  ('scripts',),
)
BESIDE = {('dagan_jax.training', 'dagan_jax.evaluation')}

# Of the network's side, these alone know data sets, videos and pictures.
KNOW_DATA = (
  'dagan_jax.runs',
  'dagan_jax.training',
  'dagan_jax.evaluation',
  'dagan_jax.inference',
  'dagan_jax.app',
  *COMMANDS,
  'scripts',
)
EVERYBODYS = 'data_pipelines.errors'

# What some rooms may import besides the standard library and this project.
LIBRARIES = {
  'dagan_jax.geometry': {'jax', 'jaxtyping', 'numpy', 'scipy'},
  'dagan_jax.weights.files': {'ml_collections', 'numpy', 'torch'},
  'dagan_jax.weights.names': {'numpy'},
}

# Open what libav reads: files of some formats, and cameras.
MAY_READ = ('data_pipelines.media.containers', 'data_pipelines.media.cameras')


def module(path: pathlib.Path) -> str:
  parts = path.relative_to(ROOT).with_suffix('').parts
  return '.'.join(part for part in parts if part != '__init__')


@functools.cache
def nodes(path: pathlib.Path) -> tuple[ast.AST, ...]:
  """All of a file's program, the whole of it first."""
  return tuple(ast.walk(ast.parse(path.read_text())))


@functools.cache
def imports(path: pathlib.Path) -> set[str]:
  """Every module that a file names in an import, anywhere in it."""
  names = set()
  for node in nodes(path):
    if isinstance(node, ast.Import):
      names |= {alias.name for alias in node.names}
    elif isinstance(node, ast.ImportFrom):
      assert node.level == 0, f'{path}: relative import'
      names |= {f'{node.module}.{alias.name}' for alias in node.names}
  return names


def inside(name: str, *rooms: str) -> bool:
  return any(name == room or name.startswith(f'{room}.') for room in rooms)


def room(name: str) -> str | None:
  """The entry of FLOORS that a module belongs to."""
  rooms = (entry for floor in FLOORS for entry in floor)
  return next((entry for entry in rooms if inside(name, entry)), None)


def floor(entry: str) -> int:
  return next(i for i, rooms in enumerate(FLOORS) if entry in rooms)


def ours(path: pathlib.Path) -> set[str]:
  roots = ('dagan_jax', 'data_pipelines', 'configs', 'scripts')
  return {name for name in imports(path) if inside(name, *roots)}


def test_every_file_lies_in_a_room_that_the_house_knows():
  for name in map(module, FILES):
    packages = ('dagan_jax', 'data_pipelines')
    assert name in packages or room(name) or inside(name, 'configs'), name


def test_arrows_point_down():
  for path in FILES:
    here = room(module(path))
    for name in ours(path):
      there = room(name)
      if here is None or there is None or here == there:
        continue
      lower = floor(there) < floor(here) or (here, there) in BESIDE
      assert lower, f'{module(path)} imports {name}'


def test_who_learns_and_computes_knows_no_data_and_who_reads_data_no_network():
  for path in FILES:
    name = module(path)
    theirs = {other for other in ours(path) if inside(other, 'data_pipelines')}
    theirs -= {'data_pipelines'}  # where the package lies
    if inside(name, 'dagan_jax') and not inside(name, *KNOW_DATA):
      assert all(inside(other, EVERYBODYS) for other in theirs), name
    if inside(name, 'data_pipelines'):
      roots = {other.split('.')[0] for other in imports(path)}
      assert not roots & {'jax', 'flax', 'dagan_jax'}, name


def test_some_rooms_take_few_libraries():
  known = {*sys.stdlib_module_names, 'dagan_jax', 'data_pipelines'}
  for path in FILES:
    name = module(path)
    roots = {other.split('.')[0] for other in imports(path)}
    for entry, libraries in LIBRARIES.items():
      if inside(name, entry):
        assert roots - known <= libraries, name
    if inside(name, 'dagan_jax.losses', 'dagan_jax.models'):
      reads = f'{name}: a network or loss reads no config'
      assert 'ml_collections' not in roots, reads
    if not inside(name, 'configs'):
      assert 'configs' not in roots, f'{name}: configs are read by path'


def test_a_command_alone_ends_the_process():
  for path in FILES:
    ends = [
      node.lineno
      for node in nodes(path)
      if (isinstance(node, ast.Name) and node.id == 'SystemExit')
      or (
        isinstance(node, ast.Attribute)
        and node.attr in ('exit', '_exit')
        and isinstance(node.value, ast.Name)
        and node.value.id in ('sys', 'os')
      )
    ]
    name = module(path)
    if not inside(name, *COMMANDS, *DATA_COMMANDS, 'scripts', EVERYBODYS):
      where = f'{name}, lines {ends}'
      assert not ends, f'{where}: raise an error that the command explains'


def test_what_opens_a_file_is_told_of_which_formats_it_may_be():
  """Else a stranger's file is read as what it likes: a list, a program."""
  for path in FILES:
    for node in nodes(path):
      if not isinstance(node, ast.Call):
        continue
      name, given = ast.unparse(node.func), {k.arg for k in node.keywords}
      where = f'{path}, line {node.lineno}'
      if name == 'Image.open':
        assert 'formats' in given, where
      if name == 'av.open' and module(path) not in MAY_READ:
        written = node.args[1:2] and ast.literal_eval(node.args[1]) == 'w'
        assert written, f'{where}: read by containers.open_container'


def test_a_file_says_in_its_name_and_docstring_what_it_holds():
  for path in FILES:
    assert path.stem not in {'utils', 'helpers', 'common', 'misc'}
    text = path.read_text()
    assert not text.strip() or ast.get_docstring(nodes(path)[0]), path
    assert len(text.splitlines()) <= 350, f'{path}: still one subject?'
