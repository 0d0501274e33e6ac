import datetime

import pytest

pytest.importorskip('c2pa')
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from data_pipelines.errors.mendable import DataError
from data_pipelines.provenance import certificates
from data_pipelines.provenance.certificates import (
  make_certificate,
  read_certificate,
)
from data_pipelines.provenance.manifests import Manifest

PEM = serialization.Encoding.PEM
PKCS8 = serialization.PrivateFormat.PKCS8
OPEN = serialization.NoEncryption()


def write_key(path, key, lock=OPEN):
  path.write_bytes(key.private_bytes(PEM, PKCS8, lock))
  return path


@pytest.fixture
def files(tmp_path):
  """A chain and its key."""
  made = make_certificate()
  (tmp_path / 'chain.pem').write_bytes(made.chain)
  (tmp_path / 'key.pem').write_bytes(made.key)
  return tmp_path / 'chain.pem', tmp_path / 'key.pem'


def test_what_is_made_signs_and_is_read_again(files):
  made = make_certificate()
  Manifest('a', '1', made).check()
  assert read_certificate(*files) == made


def test_chain_and_key_may_lie_in_one_file(files, tmp_path):
  both = tmp_path / 'both.pem'
  both.write_bytes(files[1].read_bytes() + files[0].read_bytes())
  assert read_certificate(both, both) == make_certificate()


@pytest.mark.parametrize(
  'kind, algorithm',
  [(ec.SECP256R1(), 'es256'), (ec.SECP384R1(), 'es384'), (2048, 'ps256')],
)
def test_the_key_says_how_is_signed(kind, algorithm, tmp_path):
  is_rsa = isinstance(kind, int)
  make = rsa.generate_private_key if is_rsa else ec.generate_private_key
  key = make(65537, kind) if is_rsa else make(kind)
  name = certificates._name_us('x')
  certificate = certificates._begin(name, name, key).sign(key, hashes.SHA256())
  (tmp_path / 'c.pem').write_bytes(certificate.public_bytes(PEM))
  read = read_certificate(
    tmp_path / 'c.pem', write_key(tmp_path / 'k.pem', key)
  )
  assert read.algorithm == algorithm


def test_what_nobody_vouches_for_cannot_sign(tmp_path):
  """C2PA takes no certificate that signed itself."""
  key = ec.generate_private_key(ec.SECP256R1())
  name = certificates._name_us('x')
  certificate = certificates._begin(name, name, key).sign(key, hashes.SHA256())
  alone = certificates._bundle([certificate], key, 'es256')
  with pytest.raises(DataError, match=r'\Athe certificate cannot sign: [^\n]+'):
    Manifest('a', '1', alone).check()


def break_it(what, chain, key):
  """Makes one thing wrong; says which words tell of it."""
  match what:
    case 'no file':
      key.unlink()
      return 'key.pem: cannot be read'
    case 'no certificate':
      chain.write_text('hello')
      return 'chain.pem: holds no certificate'
    case 'no key':
      key.write_text('hello')
      return 'key.pem: holds no private key'
    case 'locked':
      lock = serialization.BestAvailableEncryption(b'secret')
      write_key(key, ec.generate_private_key(ec.SECP256R1()), lock)
      return 'key.pem: a passphrase locks it'
    case 'of another':
      write_key(key, ec.generate_private_key(ec.SECP256R1()))
      return 'is not the key of the first certificate in'
    case 'another curve':
      private = ec.generate_private_key(ec.SECP256K1())
      write_key(key, private)
      write_certificate(chain, private, datetime.timedelta(days=1))
      return r'EC \(P-256'
    case 'expired':
      private = ec.generate_private_key(ec.SECP256R1())
      write_key(key, private)
      write_certificate(chain, private, datetime.timedelta(days=-1))
      return 'expired on 20'


def write_certificate(path, key, left):
  name = certificates._name_us('x')
  end = datetime.datetime.now(datetime.UTC) + left
  certificate = (
    x509.CertificateBuilder(name, name, key.public_key(), 1)
    .not_valid_before(end - datetime.timedelta(days=9))
    .not_valid_after(end)
    .sign(key, hashes.SHA256())
  )
  path.write_bytes(certificate.public_bytes(PEM))


@pytest.mark.parametrize(
  'what',
  [
    'no file',
    'no certificate',
    'no key',
    'locked',
    'of another',
    'another curve',
    'expired',
  ],
)
def test_what_cannot_sign_is_one_clear_line(what, files):
  said = break_it(what, *files)
  with pytest.raises(DataError, match=said) as caught:
    read_certificate(*files)
  assert '\n' not in str(caught.value)
