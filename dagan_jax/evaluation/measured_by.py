"""What scores were measured by: versions, files and the commit."""

import pathlib
import subprocess
from collections.abc import Iterable
from importlib import metadata
from typing import Any

import dagan_jax
from dagan_jax.weights import installed


def describe_package() -> dict[str, str]:
  """Versions of this package and of JAX, and the commit, if it is known."""
  return {
    'dagan_jax': metadata.version('dagan_jax'),
    'commit': _find_commit(),
    'jax': metadata.version('jax'),
  }


def describe_networks(networks: Iterable[str]) -> list[dict[str, Any]]:
  """Name, version and sha256 of those that packages carry."""
  files = ((name, installed.FILES[name]) for name in networks)
  return [
    {
      'name': f'{name} of {file.package.name}',
      'version': metadata.version(file.package.name),
      'sha256': file.sha256,
    }
    for name, file in files
  ]


def _find_commit() -> str:
  """Of the checkout that the package runs from; '' where it is none."""
  root = pathlib.Path(dagan_jax.__file__).parents[1]
  asked = ('rev-parse', '--show-toplevel'), ('describe', '--always', '--dirty')
  try:
    top, commit = (
      subprocess.run(
        ['git', '-C', str(root), *words],
        capture_output=True,
        text=True,
        check=True,
      ).stdout.strip()
      for words in asked
    )
  except (OSError, subprocess.CalledProcessError):
    return ''
  return commit if pathlib.Path(top).resolve() == root.resolve() else ''
