"""C2PA manifests: signed statements in a file on how it came about.

Needs the extra [provenance], but for `is_installed`. All is done offline.
"""

import contextlib
import importlib.util
import io
import json
import pathlib
from typing import NamedTuple

from PIL import Image

from data_pipelines.errors.mendable import DataError

# The files that one is written into.
_FORMATS = {
  '.mp4': 'video/mp4',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
}
_SYNTHETIC = (
  'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia'
)
_SETTINGS = {
  # A picture of the picture would say nothing and show a face once more.
  'builder': {'thumbnail': {'enabled': False}},
  # Nobody is asked over the network, whatever a file that is read wants.
  'verify': {'remote_manifest_fetch': False, 'ocsp_fetch': False},
}
_UNTRUSTED = 'signingCredential.untrusted'


class Certificate(NamedTuple):
  """Who signs."""

  chain: bytes  # PEM: the signer's certificate first, then its authorities'
  key: bytes  # PEM, PKCS 8
  algorithm: str  # as C2PA calls it


class Manifest(NamedTuple):
  """The statement that a program made a file, and who signs it."""

  program: str
  version: str
  certificate: Certificate
  inputs: tuple[tuple[str, str], ...] = ()  # what each is, and its digest

  def check(self) -> None:
    """Signs a tiny picture in memory.

    Raises:
      DataError: the certificate cannot sign.
    """
    picture = io.BytesIO()
    Image.new('RGB', (1, 1)).save(picture, 'png')
    try:
      self._sign('image/png', picture, io.BytesIO())
    except OSError as error:
      raise DataError(f'the certificate cannot sign: {error}') from None

  def sign(self, path: pathlib.Path) -> None:
    """Writes the manifest into a whole file; those that hold none stay as is.

    Raises:
      OSError: the disk is full, or the place has gone.
    """
    kind = _FORMATS.get(path.suffix.lower())
    if kind is None:
      return
    signed = path.with_name(f'.signed{path.name}')
    try:
      with open(path, 'rb') as source, open(signed, 'w+b') as target:
        self._sign(kind, source, target)
      signed.replace(path)
    finally:
      signed.unlink(missing_ok=True)

  def _sign(self, kind: str, source, target) -> None:
    import c2pa

    created = {
      'action': 'c2pa.created',
      'digitalSourceType': _SYNTHETIC,
      'softwareAgent': {'name': self.program, 'version': self.version},
    }
    ingredients = [
      {
        'title': name,
        'instance_id': f'sha256:{digest}',
        'relationship': 'inputTo',
      }
      for name, digest in self.inputs
    ]
    statement = {
      'claim_generator_info': [created['softwareAgent']],
      'assertions': [
        {'label': 'c2pa.actions.v2', 'data': {'actions': [created]}}
      ],
      'ingredients': ingredients,
    }
    who = c2pa.C2paSignerInfo(
      alg=self.certificate.algorithm.encode(),
      sign_cert=self.certificate.chain,
      private_key=self.certificate.key,
      ta_url=None,  # nobody is asked what time it is
    )
    try:
      with (
        _context() as context,
        c2pa.Signer.from_info(who) as signer,
        c2pa.Builder(statement, context) as builder,
      ):
        builder.sign(signer, kind, source, target)
    except c2pa.C2paError as error:
      raise OSError(' '.join(str(error).split())) from None


class Statement(NamedTuple):
  """What the manifest of a file states."""

  program: str  # that made the file, as it calls itself
  signer: str  # as the certificate calls him; nobody has checked who that is
  is_synthetic: bool  # whether it says that a network made what is seen
  faults: list[str]  # why it is not to be believed, C2PA's codes


def is_installed() -> bool:
  """Whether manifests can be written and read here."""
  try:
    return importlib.util.find_spec('c2pa') is not None
  except ValueError:  # sys.modules holds None in its place
    return False


def read_manifest(path: pathlib.Path) -> Statement | None:
  """Reads the manifest of a file; None: it has none.

  Whether the signer is to be trusted is left open: nobody here knows whom to
  trust.
  """
  import c2pa

  try:
    with contextlib.ExitStack() as opened:
      file = opened.enter_context(open(path, 'rb'))
      context = opened.enter_context(_context())
      reader = c2pa.Reader.try_create(None, file, context=context)
      if reader is None:
        return None
      found = json.loads(opened.enter_context(reader).json())
  except c2pa.C2paError.NotSupported:
    return None
  except c2pa.C2paError as error:
    return Statement('', '', False, [' '.join(str(error).split())])
  manifest = found['manifests'][found['active_manifest']]
  actions = [
    action
    for assertion in manifest.get('assertions', [])
    if assertion['label'].startswith('c2pa.actions')
    for action in assertion['data']['actions']
  ]
  sources = [action.get('digitalSourceType', '') for action in actions]
  (program, *_) = manifest.get('claim_generator_info') or [{}]
  signature = manifest.get('signature_info', {})
  return Statement(
    f'{program.get("name", "?")} {program.get("version", "")}'.strip(),
    signature.get('common_name') or signature.get('issuer') or '?',
    any(source.endswith('lgorithmicMedia') for source in sources),
    sorted(
      {fault['code'] for fault in found.get('validation_status', [])}
      - {_UNTRUSTED}
    ),
  )


def _context():
  import c2pa

  return c2pa.Context(c2pa.Settings.from_dict(_SETTINGS))
