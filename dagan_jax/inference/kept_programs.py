"""Programs that are traced once and kept on disk, for all later starts.

Before JAX finds a compiled program it runs the network's Python, which takes
longer at the start of a command than all that the network computes. What that
gives, StableHLO, is kept beside the compiled programs, wherever
`compile_cache.keep` keeps those. Where nothing is kept, or `flatbuffers`, which
writes it, is missing, functions are jitted and nothing else.
"""

import contextlib
import functools
import hashlib
import importlib.metadata
import importlib.util
import inspect
import os
import pathlib
import threading
from collections.abc import Callable
from typing import Any

import jax
from absl import logging
from jax import export

import dagan_jax
from dagan_jax.console.errors import UsageError
from dagan_jax.inference import compile_cache
from data_pipelines.errors.whole_files import write_whole

MOST = 100  # programs; the longest unused go first
_SUFFIX = '.stablehlo'
_CAN_WRITE = importlib.util.find_spec('flatbuffers') is not None


def keep_program(*static: str) -> Callable[[Callable], Callable]:
  """Compiles a function, and keeps what it was traced to.

  All NamedTuples among its arguments and results must have been told to
  `tell_of`. It is called with positional arguments alone.

  Args:
    *static: names of arguments that are no arrays. Their `repr` tells all of
      them.
  """

  def decorate(function: Callable) -> Callable:
    names = list(inspect.signature(function).parameters)
    files, lock = [], threading.Lock()

    def trace(folder, *given):
      """What JAX calls once for all arguments of the same shapes."""
      if folder is None:
        files.append(None)
        return function(*given)
      arrays = dict(zip(names, given, strict=True))
      fixed = {name: arrays.pop(name) for name in static}
      name = f'{function.__module__}.{function.__qualname__}'
      path = folder / (_digest(name, fixed, arrays) + _SUFFIX)
      files.append(path)
      whole = jax.jit(functools.partial(function, **fixed))
      with lock:
        return _open(path, whole, arrays).call(**arrays)

    numbers = (0, *(1 + names.index(name) for name in static))
    jitted = jax.jit(trace, static_argnums=numbers)

    @functools.wraps(function)
    def call(*given):
      folder = compile_cache.traced_folder() if _CAN_WRITE else None
      return jitted(folder, *given)

    call.files = files  # one for each program; None where it is not kept
    return call

  return decorate


def tell_of(*kinds: type) -> None:
  """Tells how NamedTuples of these kinds are written, once for each."""
  for kind in kinds:
    name = f'{kind.__module__}.{kind.__qualname__}'
    export.register_namedtuple_serialization(kind, serialized_name=name)


def _open(
  path: pathlib.Path, whole: Callable, arrays: dict[str, Any]
) -> export.Exported:
  """The program of that file, or the function's, which is written there."""
  try:
    program = export.deserialize(bytearray(path.read_bytes()))
    with contextlib.suppress(OSError):  # gone by now, or not ours to touch
      os.utime(path)
  except FileNotFoundError:
    program = None
  except Exception as error:  # of JAX, in any way: a file that was cut short
    logging.info('%s is made anew: %s', path, error)
    program = None
  if program is None:
    program = export.export(whole)(**jax.tree.map(_describe, arrays))
    _write(path, program.serialize())
  return program


def _write(path: pathlib.Path, program: bytearray) -> None:
  """A disk that takes nothing costs time at the next start, and no more."""
  try:
    with write_whole(path, UsageError) as partial:
      partial.write_bytes(program)
    kept = sorted(
      path.parent.glob('*' + _SUFFIX), key=lambda file: file.stat().st_mtime
    )
    for file in kept[:-MOST]:
      file.unlink(missing_ok=True)
  except (UsageError, OSError) as error:
    logging.info('%s is not kept: %s', path, error)


def _describe(array: Any) -> jax.ShapeDtypeStruct:
  kind = jax.typeof(array)
  return jax.ShapeDtypeStruct(kind.shape, kind.dtype, weak_type=kind.weak_type)


def _digest(name: str, fixed: dict[str, Any], arrays: dict[str, Any]) -> str:
  """Equal only where tracing comes to the same program."""
  leaves, structure = jax.tree.flatten(arrays)
  told = [name, fixed, structure]
  told += [(kind, kind.weak_type) for kind in map(jax.typeof, leaves)]
  told += [_environment(), jax.default_backend()]
  told += [
    getattr(jax.config, setting)
    for setting in (
      'jax_default_matmul_precision',
      'jax_enable_x64',
      'jax_numpy_dtype_promotion',
    )
  ]
  return hashlib.sha256(repr(told).encode()).hexdigest()[:40]


@functools.cache
def _environment() -> str:
  """A digest of this package's code and of the libraries that trace it."""
  digest = hashlib.sha256()
  for library in ('jax', 'jaxlib', 'flax'):
    digest.update(importlib.metadata.version(library).encode())
  root = pathlib.Path(dagan_jax.__file__).parent
  for path in sorted(root.rglob('*.py')):
    digest.update(str(path.relative_to(root)).encode())
    digest.update(path.read_bytes())
  return digest.hexdigest()
