"""The house rules of CONTRIBUTING.md: who may import whom."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parent.parent
FILES = sorted(
  path
  for folder in ('dagan_jax', 'data_pipelines', 'configs', 'scripts')
  for path in (ROOT / folder).rglob('*.py')
)

# From the bottom up: each may import what stands beside or below it.
# Siblings in one row of `APART` never import one another.
FLOORS = (
  ('dagan_jax.errors', 'data_pipelines.errors'),
  ('dagan_jax.geometry',),
  (
    'dagan_jax.models',
    'dagan_jax.losses',
    'dagan_jax.metrics',
    'dagan_jax.augment',
    'dagan_jax.pixels',
  ),
  (
    'dagan_jax.tasks',
    'dagan_jax.allocation',
    'dagan_jax.checkpoints',
    'dagan_jax.compiled_programs',
    'dagan_jax.devices',
    'dagan_jax.reports',
    'dagan_jax.drawing',
    'dagan_jax.fitting',
    'dagan_jax.inside',
    'dagan_jax.outputs',
    'dagan_jax.point_cloud',
    'dagan_jax.samples',
    'dagan_jax.config_checks',
    'dagan_jax.convert',
    'dagan_jax.screen',
    'dagan_jax.workdirs',
    'data_pipelines',
  ),
  ('dagan_jax.engine',),
  (
    'dagan_jax.animation',
    'dagan_jax.crops',
    'dagan_jax.driving_video',
    'dagan_jax.driving_motion',
    'dagan_jax.portraits',
    'dagan_jax.tracks',
  ),
  (
    'dagan_jax.animator',
    'dagan_jax.byproducts',
    'dagan_jax.contact_sheets',
    'dagan_jax.conversion_outputs',
    'dagan_jax.depth_estimator',
  ),
  ('dagan_jax.performance',),
  (
    'dagan_jax.animate',
    'dagan_jax.conversion',
    'dagan_jax.depth',
    'dagan_jax.doctor',
    'dagan_jax.evaluate',
    'dagan_jax.pairs',
    'dagan_jax.train',
  ),
  ('dagan_jax.main', 'dagan_jax.convert.__main__', 'scripts'),
)
APART = FLOORS[2]


def module(path: pathlib.Path) -> str:
  parts = path.relative_to(ROOT).with_suffix('').parts
  return '.'.join(part for part in parts if part != '__init__')


def imports(path: pathlib.Path) -> set[str]:
  """Every module that a file names in an import, anywhere in it."""
  names = set()
  for node in ast.walk(ast.parse(path.read_text())):
    if isinstance(node, ast.Import):
      names |= {alias.name for alias in node.names}
    elif isinstance(node, ast.ImportFrom):
      assert node.level == 0, f'{path}: relative import'
      names |= {f'{node.module}.{alias.name}' for alias in node.names}
  return names


def unit(name: str) -> str | None:
  """The entry of FLOORS that a module belongs to, the longest one."""
  entries = [
    entry
    for floor in FLOORS
    for entry in floor
    if name == entry or name.startswith(f'{entry}.')
  ]
  return max(entries, key=len, default=None)


def floor(entry: str) -> int:
  return next(i for i, entries in enumerate(FLOORS) if entry in entries)


@pytest.mark.parametrize('path', FILES, ids=module)
def test_arrows_point_down(path):
  here = unit(module(path))
  for name in imports(path):
    there = unit(name)
    if here is None or there is None or here == there:
      continue
    assert floor(there) <= floor(here), f'{here} imports {name}'
    if here in APART:
      assert there not in APART, f'{here} imports its sibling {name}'


@pytest.mark.parametrize('path', FILES, ids=module)
def test_nobody_imports_what_is_not_theirs(path):
  here, names = module(path), imports(path)
  roots = {name.split('.')[0] for name in names}
  if here.startswith('data_pipelines'):
    assert not roots & {'jax', 'flax', 'dagan_jax'}
  if unit(here) == 'dagan_jax.convert':
    foreign = {name for name in names if name.startswith('dagan_jax.')}
    allowed = ('dagan_jax.convert', 'dagan_jax.errors')
    assert all(name.startswith(allowed) for name in foreign)
    assert 'jax' not in roots
  if here.startswith('dagan_jax.geometry'):
    assert roots <= {
      'dagan_jax',
      'functools',
      'jax',
      'jaxtyping',
      'numpy',
      'scipy',
      'typing',
    }
  if here.startswith(('dagan_jax.losses', 'dagan_jax.models')):
    assert 'ml_collections' not in roots, 'a network or loss reads no config'
  if not here.startswith('configs'):
    assert 'configs' not in roots, 'configs are read by path'


@pytest.mark.parametrize('path', FILES, ids=module)
def test_a_file_says_in_its_name_and_docstring_what_it_holds(path):
  assert path.stem not in {'utils', 'helpers', 'common', 'misc'}
  text = path.read_text()
  assert not text.strip() or ast.get_docstring(ast.parse(text))
  assert len(text.splitlines()) <= 350, 'still one subject?'
