"""What all that we make says of how it came about, and who signs that."""

import dataclasses
import hashlib
import os
import pathlib
from importlib import metadata

from absl import logging

from dagan_jax.console.errors import UsageError
from dagan_jax.console.options import option
from data_pipelines.errors.mendable import DataError
from data_pipelines.provenance import manifests
from data_pipelines.provenance.mark import Mark
from data_pipelines.provenance.origin import Origin

_PROGRAM = 'dagan_jax'


@dataclasses.dataclass(frozen=True, kw_only=True)
class Signing:
  """Who signs the manifests of videos and pictures; flags are made from it.

  Raises:
    UsageError: a key without a certificate.
  """

  certificate: str | None = option(
    None,
    parse=os.path.expanduser,
    flag='provenance.certificate',
    help='a PEM file of the certificates, yours first, that sign the C2PA'
    ' manifest of every video and picture (default: one that is made up and'
    ' that nobody vouches for; needs the extra [provenance])',
  )
  key: str | None = option(
    None,
    parse=os.path.expanduser,
    flag='provenance.key',
    help='a PEM file of its private key (default: in the same file)',
  )

  def __post_init__(self):
    if self.key and not self.certificate:
      raise UsageError(
        '--provenance.key needs --provenance.certificate as well'
      )


def describe_origin(
  provenance: bool = True, signing: Signing | None = None
) -> Origin:
  """What every picture and video of ours tells of where it comes from.

  Args:
    provenance: whether a mark and a manifest tell it as well as the metadata.
    signing: who signs the manifest.

  Raises:
    UsageError: a certificate for nothing.
    DataError: the certificate cannot be read, or cannot sign.
  """
  version = metadata.version(_PROGRAM)
  comment = f'synthetic: made by {_PROGRAM} {version}, no recording of a person'
  signing = signing or Signing()
  if not provenance:
    if signing.certificate:
      raise UsageError(
        '--provenance.certificate signs what --noprovenance leaves out: give'
        ' one of them'
      )
    return Origin(comment)
  return Origin(comment, make_mark(), _make_manifest(version, signing))


def make_mark() -> Mark:
  """What hides in pixels that this program made them, and its version."""
  major, minor, *_ = metadata.version(_PROGRAM).split('.')
  return Mark((int(major), int(minor)))


def name_inputs(origin: Origin, inputs: dict[str, str]) -> Origin:
  """The same for one file: its manifest names what the file is made of.

  Args:
    origin: of all files.
    inputs: the paths of files and folders, by what they are. Only digests of
      what they hold are told; what is no file on disk is not.

  Raises:
    DataError: an input cannot be read.
  """
  if not origin.manifest:
    return origin
  digests = tuple(
    (name, _digest(pathlib.Path(path)))
    for name, path in inputs.items()
    if os.path.exists(path)
  )
  return origin._replace(manifest=origin.manifest._replace(inputs=digests))


def _make_manifest(version: str, signing: Signing) -> manifests.Manifest | None:
  if not manifests.is_installed():
    install = "pip install '.[provenance]'"
    if signing.certificate:
      raise UsageError(f'--provenance.certificate needs {install}')
    logging.info('no C2PA manifest is written: %s brings what signs', install)
    return None
  # Only the extra brings what this imports.
  from data_pipelines.provenance import certificates

  if signing.certificate:
    chain, key = signing.certificate, signing.key or signing.certificate
    certificate = certificates.read_certificate(chain, key)
  else:
    certificate = certificates.make_certificate()
  manifest = manifests.Manifest(_PROGRAM, version, certificate)
  manifest.check()
  return manifest


def _digest(path: pathlib.Path) -> str:
  """SHA-256 of a file; of a folder, of those of its files in order of names."""
  try:
    if path.is_dir():
      files = sorted(inside for inside in path.iterdir() if inside.is_file())
      digests = ''.join(map(_digest, files))
      return hashlib.sha256(digests.encode()).hexdigest()
    with open(path, 'rb') as file:
      return hashlib.file_digest(file, 'sha256').hexdigest()
  except OSError as error:
    raise DataError(f'{path}: cannot be read ({error.strerror})') from None
