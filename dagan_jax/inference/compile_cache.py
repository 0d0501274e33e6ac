"""Compiled programs are kept on disk: only the first start has to compile."""

import os
import pathlib

import jax

from data_pipelines.errors.buckets import scheme_of

MOST_BYTES = 256 * 2**20  # some hundred programs; the longest unused go first
_LEAST_SECONDS = 0.1  # of compiling: what takes less is not worth a file


def folder() -> pathlib.Path:
  """Where they are kept: in the user's own cache."""
  home = os.environ.get('XDG_CACHE_HOME') or '~/.cache'
  return pathlib.Path(home).expanduser() / 'dagan_jax' / 'programs'


def keep() -> None:
  """Keeps what is compiled from now on, unless JAX was told a place before.

  This is for the whole process: commands call it at their start.

  That place is the variable JAX_COMPILATION_CACHE_DIR, or the option of JAX
  with this name; JAX_ENABLE_COMPILATION_CACHE=false keeps nothing.
  """
  if jax.config.jax_compilation_cache_dir is None:
    jax.config.update('jax_compilation_cache_dir', str(folder()))
    jax.config.update('jax_compilation_cache_max_size', MOST_BYTES)
    jax.config.update(
      'jax_persistent_cache_min_compile_time_secs', _LEAST_SECONDS
    )


def traced_folder() -> pathlib.Path | None:
  """Where traced programs are kept, beside compiled ones; None: nowhere.

  In a bucket, where JAX may keep compiled ones, these are not kept.
  """
  place = jax.config.jax_compilation_cache_dir
  if not place or not jax.config.jax_enable_compilation_cache:
    return None
  return None if scheme_of(place) else pathlib.Path(place) / 'traced'
