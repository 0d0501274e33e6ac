"""Certificates that sign manifests: the user's, or one that we make ourselves.

Needs the extra [provenance]. Whoever uses this has checked that it is there.
"""

import datetime
import functools
import os
import pathlib

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from data_pipelines.errors.mendable import DataError
from data_pipelines.provenance.manifests import Certificate

SELF_MADE = 'self-made, untrusted'  # the name that such a certificate bears
_YEARS = datetime.timedelta(days=3650)
_CURVES = {'secp256r1': 'es256', 'secp384r1': 'es384', 'secp521r1': 'es512'}
_NO_USE = dict.fromkeys(
  (
    'digital_signature', 'content_commitment', 'key_encipherment',
    'data_encipherment', 'key_agreement', 'key_cert_sign', 'crl_sign',
    'encipher_only', 'decipher_only',
  ),
  False,
)  # fmt: skip


def read_certificate(
  chain: str | os.PathLike, key: str | os.PathLike
) -> Certificate:
  """Reads a certificate and its private key; they may be in one file.

  Args:
    chain: a PEM file of certificates, the signer's first.
    key: a PEM file of the signer's private key, without a passphrase.

  Raises:
    DataError: a file cannot be read, holds none, they do not belong together,
      the certificate has expired, or C2PA knows no signatures by such keys.
  """
  chain_pem, key_pem = _read(chain), _read(key)
  try:
    certificates = x509.load_pem_x509_certificates(chain_pem)
  except ValueError:
    raise DataError(f'{chain}: holds no certificate in PEM') from None
  try:
    private = serialization.load_pem_private_key(key_pem, password=None)
  except TypeError:
    raise DataError(
      f'{key}: a passphrase locks it; give a key without one'
    ) from None
  except (ValueError, UnsupportedAlgorithm):
    raise DataError(f'{key}: holds no private key in PEM') from None
  signer = certificates[0]
  if signer.public_key() != private.public_key():
    raise DataError(f'{key} is not the key of the first certificate in {chain}')
  if signer.not_valid_after_utc < datetime.datetime.now(datetime.UTC):
    raise DataError(
      f'{chain}: expired on {signer.not_valid_after_utc:%Y-%m-%d}'
    )
  algorithm = _name_algorithm(private)
  if algorithm is None:
    raise DataError(
      f'{key}: C2PA takes keys of EC (P-256, P-384, P-521), RSA or Ed25519'
    )
  return _bundle(certificates, private, algorithm)


@functools.cache
def make_certificate() -> Certificate:
  """Makes a certificate that nobody vouches for, one for each process.

  Its key is never written, so that nobody else can sign with it, and files of
  one user cannot be told by it from those of another.
  """
  authority, signer = (ec.generate_private_key(ec.SECP256R1()) for _ in 'as')
  issuer = _name_us('self-made authority')
  root = (
    _begin(issuer, issuer, authority)
    .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
    .add_extension(x509.KeyUsage(**_NO_USE | {'key_cert_sign': True}), True)
    .sign(authority, hashes.SHA256())
  )
  vouched_for = x509.AuthorityKeyIdentifier.from_issuer_public_key(
    authority.public_key()
  )
  leaf = (
    _begin(_name_us(SELF_MADE), issuer, signer)
    .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
    .add_extension(x509.KeyUsage(**_NO_USE | {'digital_signature': True}), True)
    .add_extension(
      # C2PA takes no certificate without a purpose, and this one for ours.
      x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]),
      False,
    )
    .add_extension(vouched_for, False)
    .sign(authority, hashes.SHA256())
  )
  return _bundle([leaf, root], signer, 'es256')


def _read(path: str | os.PathLike) -> bytes:
  try:
    return pathlib.Path(path).read_bytes()
  except OSError as error:
    raise DataError(f'{path}: cannot be read ({error.strerror})') from None


def _name_algorithm(key) -> str | None:
  match key:
    case ec.EllipticCurvePrivateKey():
      return _CURVES.get(key.curve.name)
    case rsa.RSAPrivateKey():
      return 'ps256'
    case ed25519.Ed25519PrivateKey():
      return 'ed25519'
  return None


def _bundle(
  certificates: list[x509.Certificate], key, algorithm: str
) -> Certificate:
  pem = serialization.Encoding.PEM
  return Certificate(
    b''.join(certificate.public_bytes(pem) for certificate in certificates),
    key.private_bytes(
      pem,
      serialization.PrivateFormat.PKCS8,
      serialization.NoEncryption(),
    ),
    algorithm,
  )


def _name_us(name: str) -> x509.Name:
  return x509.Name(
    [
      x509.NameAttribute(NameOID.ORGANIZATION_NAME, 'dagan_jax'),
      x509.NameAttribute(NameOID.COMMON_NAME, name),
    ]
  )


def _begin(subject: x509.Name, issuer: x509.Name, key):
  """A certificate that is still to be signed, valid for years."""
  # Clocks differ: one that is a little late shall believe it, too.
  now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
  return (
    x509.CertificateBuilder(issuer, subject, key.public_key())
    .serial_number(x509.random_serial_number())
    .not_valid_before(now)
    .not_valid_after(now + _YEARS)
    .add_extension(
      x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False
    )
  )
