"""Damaged and malicious files, each made in a few lines, are refused."""

import io
import json
import pickle
import struct
import tarfile
import zipfile

import numpy as np
import pytest

from tests.support import published

torch = pytest.importorskip('torch')

MANY = 10**6  # squared: the elements that files claim


class Evil:
  """Makes a file when it is unpickled."""

  def __init__(self, path):
    self.path = str(path)

  def __reduce__(self):
    return open, (self.path, 'w')


def save(folder, contents, **options):
  torch.save(contents, folder / 'x.pth', **options)
  return 'x.pth'


def write(folder, name, data):
  (folder / name).write_bytes(data)
  return name


def npy(header, data=b''):
  """A .npy file with any header."""
  text = repr(header).encode().ljust(117) + b'\n'
  return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(text)) + text + data


def header(shape, descr='<f4'):
  return {'descr': descr, 'fortran_order': False, 'shape': shape}


def archive(folder, members, name='x.npz', **options):
  with zipfile.ZipFile(folder / name, 'w', **options) as file:
    for member, data in members.items():
      file.writestr(member, data)
  return name


def safetensors(folder, fields, data=b'', length=None):
  text = json.dumps(fields).encode()
  start = struct.pack('<Q', len(text) if length is None else length)
  return write(folder, 'x.safetensors', start + text + data)


def tensor_claim(shape, end):
  return {'a': {'dtype': 'F32', 'shape': shape, 'data_offsets': [0, end]}}


def whole():
  buffer = io.BytesIO()
  torch.save({'a': torch.zeros(1000)}, buffer)
  return buffer.getvalue()


def nested():
  deep = {}
  for _ in range(400):
    deep = {'a': deep}
  return deep


def endless():
  table = {}
  table['a'] = table
  return table


def pickled(folder, payload):
  """A zip as PyTorch writes it, with this pickle in it."""
  members = {
    'x/data.pkl': payload,
    'x/version': b'3\n',
    'x/byteorder': b'little',
  }
  return archive(folder, members, 'x.pth')


def evil_array(folder):
  array = np.array([Evil(folder / 'executed')], object)
  np.savez(folder / 'x.npz', a=array)
  return 'x.npz'


def claim_of_storage(folder):
  """A tensor of a trillion elements, which are not there."""
  save(folder, {'a': torch.zeros(77)})
  with zipfile.ZipFile(folder / 'x.pth') as file:
    members = {info.filename: file.read(info) for info in file.infolist()}
  name = next(name for name in members if name.endswith('data.pkl'))
  claim = b'\x8a\x06' + (MANY**2).to_bytes(6, 'little')
  members[name] = members[name].replace(b'KM', claim)  # K: one byte, M: 77
  return archive(folder, members, 'x.pth')


def tar(folder):
  with tarfile.open(folder / 'x.pth', 'w') as file:
    file.add(__file__, 'storages')
  return 'x.pth'


def script(folder):
  module = torch.jit.script(torch.nn.Linear(2, 2))
  module.save(str(folder / 'x.pth'))
  return 'x.pth'


def flags(folder, change):
  """A zip whose first member is marked as encrypted."""
  data = bytearray(change)
  data[6] |= 1
  data[data.index(b'PK\x01\x02') + 8] |= 1
  return write(folder, 'x.npz', bytes(data))


def zipped():
  buffer = io.BytesIO()
  np.savez(buffer, a=np.zeros(3))
  return buffer.getvalue()


# What is made in a folder; returns the file's name, which is to be refused.
FILES = {
  'missing': lambda f: 'nothing.pth',
  'empty .pth': lambda f: write(f, 'x.pth', b''),
  'empty .npz': lambda f: write(f, 'x.npz', b''),
  'empty .safetensors': lambda f: write(f, 'x.safetensors', b''),
  'text as .pth': lambda f: write(f, 'x.pth', b'hello\nworld'),
  'text as .npz': lambda f: write(f, 'x.npz', b'hello\nworld'),
  'text as .safetensors': lambda f: write(f, 'x.safetensors', b'hello\nworld'),
  'picture': lambda f: write(f, 'x.pth', b'\x89PNG\r\n\x1a\n' + bytes(99)),
  'zeros': lambda f: write(f, 'x.pth', bytes(9999)),
  'cut in half': lambda f: write(f, 'x.pth', whole()[:2000]),
  'cut at its end': lambda f: write(f, 'x.pth', whole()[:-9]),
  'cut .npz': lambda f: write(f, 'x.npz', zipped()[:150]),
  'cut as old files are': lambda f: write(
    f, 'x.pth', pickle.dumps({'a': 1}, 2)[:-3]
  ),
  'damaged pickle': lambda f: pickled(f, b'\x80\x02}q\x00\xff\xff\xff.'),
  'no pickle': lambda f: archive(f, {'x/version': b'3'}, 'x.pth'),
  'tar': tar,
  'TorchScript': script,
  'code': lambda f: save(f, {'a': Evil(f / 'executed')}),
  'code in an old file': lambda f: save(
    f, {'a': Evil(f / 'executed')}, _use_new_zipfile_serialization=False
  ),
  'code in a plain pickle': lambda f: write(
    f, 'x.pth', pickle.dumps(Evil(f / 'executed'))
  ),
  'code by hand': lambda f: pickled(f, b"cos\nsystem\n(S'touch executed'\ntR."),
  'code after a table': lambda f: pickled(
    f, b'}X\x01\0\0\0acbuiltins\neval\n)Rs.'
  ),
  'code in .npz': evil_array,
  'a module': lambda f: save(f, torch.nn.Linear(2, 2)),
  'endless strings': lambda f: pickled(f, b'X\xff\xff\xff\x7fabc.'),
  'enormous bytes': lambda f: pickled(
    f,
    b'cbuiltins\nbytearray\n\x8a\x06'
    + (MANY**2).to_bytes(6, 'little')
    + b'\x85R.',
  ),
  'enormous storage': claim_of_storage,
  'enormous view': lambda f: save(
    f, {'a': torch.zeros(1, 1).expand(MANY, MANY)}
  ),
  'enormous .npz': lambda f: archive(f, {'a.npy': npy(header((MANY, MANY)))}),
  'negative .npz': lambda f: archive(f, {'a.npy': npy(header((-1, 4)), b'1')}),
  'bomb': lambda f: archive(
    f, {'a.npy': bytes(64 << 20)}, compression=zipfile.ZIP_DEFLATED
  ),
  'bomb as .pth': lambda f: archive(
    f,
    {'x/data.pkl': bytes(64 << 20)},
    'x.pth',
    compression=zipfile.ZIP_DEFLATED,
  ),
  'text in .npz': lambda f: archive(f, {'a.txt': b'hello'}),
  'words in .npz': lambda f: archive(
    f, {'a.npy': npy(header((1,), '<U1'), b'abcd')}
  ),
  'strange header': lambda f: archive(f, {'a.npy': npy('__import__("os")')}),
  'encrypted .npz': lambda f: flags(f, zipped()),
  'enormous .safetensors': lambda f: safetensors(
    f, tensor_claim([MANY, MANY], 4 * MANY**2)
  ),
  'overflowing .safetensors': lambda f: safetensors(
    f, tensor_claim([2**40, 2**40], 4), bytes(4)
  ),
  'enormous header': lambda f: safetensors(f, {}, length=2**60),
  'no header': lambda f: write(f, 'x.safetensors', struct.pack('<Q', 9) + b'{'),
  'a list': lambda f: save(f, [torch.zeros(1)]),
  'a tensor': lambda f: save(f, torch.zeros(1)),
  'numbers for names': lambda f: save(f, {1: torch.zeros(1)}),
  'no tensors': lambda f: save(f, {'epoch': 1, 'generator': {}}),
  'nested too deep': lambda f: save(f, nested()),
  'endless': lambda f: save(f, endless()),
  'bfloat16': lambda f: save(f, {'a': torch.zeros(1, dtype=torch.bfloat16)}),
  'sparse': lambda f: save(f, {'a': torch.zeros(2, 2).to_sparse()}),
  'of no network': lambda f: save(f, {'a.b': torch.zeros(1)}),
  'of no known parts': lambda f: save(f, {'unet': {'a.b': torch.zeros(1)}}),
  'an empty folder': lambda f: (f / 'x').mkdir() or 'x',
  'a scalar for a kernel': lambda f: save(
    f, {'encoder.conv1.weight': torch.zeros(())}
  ),
}


@pytest.mark.parametrize('kind', FILES)
def test_a_bad_file_is_refused(tmp_path, monkeypatch, kind):
  monkeypatch.chdir(tmp_path)
  name = FILES[kind](tmp_path)
  line = published.check_refused(tmp_path, [str(tmp_path / name)])
  assert str(tmp_path / name) in line
  if kind.startswith('code'):
    assert 'run code' in line


def test_a_pytorch_that_can_be_made_to_run_code_reads_nothing(
  tmp_path, monkeypatch
):
  save(tmp_path, {'a': torch.zeros(1)})
  monkeypatch.setattr(torch, '__version__', '2.9.1+cpu')
  line = published.check_refused(tmp_path, [str(tmp_path / 'x.pth')])
  assert 'torch>=2.10' in line


def test_the_evil_would_have_run(tmp_path):
  pickle.loads(pickle.dumps(Evil(tmp_path / 'executed'))).close()
  assert (tmp_path / 'executed').exists()
