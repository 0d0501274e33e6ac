"""What scores were measured by: versions, files and the commit."""

import pathlib
import shlex
import subprocess
import sys
from importlib import metadata
from typing import Any

import dagan_jax
from dagan_jax.evaluation.features import Weights
from dagan_jax.evaluation.ffmpeg_vmaf import FfmpegVmaf
from dagan_jax.evaluation.given_networks import GivenNetworks
from dagan_jax.evaluation.protocol import Protocol
from dagan_jax.metrics.table import METRICS
from dagan_jax.weights import installed
from data_pipelines.faces.landmarks import LandmarkDetector


def describe_package() -> dict[str, str]:
  """Versions of this package and of JAX, and the commit, if it is known."""
  return {
    'dagan_jax': metadata.version('dagan_jax'),
    'commit': _find_commit(),
    'jax': metadata.version('jax'),
  }


def describe_run() -> dict[str, str]:
  """The command as it was typed, and what it ran."""
  command = shlex.join(['python', *sys.orig_argv[1:]])
  return {'command': command, **describe_package()}


def describe_measure(
  protocol: Protocol, networks: list[dict[str, Any]]
) -> dict[str, Any]:
  """What scores depend on besides the pictures.

  Args:
    protocol: by which frames are compared.
    networks: as `list_networks` describes them.
  """
  return {
    **describe_package(),
    'protocol': protocol.digest,
    'metrics': [metric.title for metric in METRICS.values()],
    'detectors': networks,
  }


def list_networks(
  weights: Weights,
  detector: LandmarkDetector | None,
  given: GivenNetworks,
  vmaf: FfmpegVmaf | None = None,
) -> list[dict[str, Any]]:
  """Name, version and sha256 of the networks that look at pictures."""
  files = ((name, installed.FILES[name]) for name in weights)
  found = [
    {
      'name': f'{name} of {file.package.name}',
      'version': metadata.version(file.package.name),
      'sha256': file.sha256,
    }
    for name, file in files
  ]
  if detector is not None:
    found += [network._asdict() for network in detector.networks()]
  return found + given.describe() + ([vmaf.describe()] if vmaf else [])


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
