"""Damaged and malicious files, each made in a few lines."""

import io
import json
import pickle
import re
import struct
import tarfile
import zipfile

import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.conversion import convert_files
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


def check_refused(folder, sources, depth=None):
  """One line, and nothing run or written; returns the line."""
  outputs = {'to': 'W', 'to_torch': 'back', 'safetensors': 'x.out'}
  outputs = {flag: str(folder / 'out' / name) for flag, name in outputs.items()}
  with pytest.raises(UsageError) as caught:
    convert_files(sources, depth, **outputs)
  assert '\n' not in str(caught.value)
  assert not (folder / 'executed').exists()
  assert not (folder / 'out').exists()
  return str(caught.value)


@pytest.mark.parametrize('kind', FILES)
def test_a_bad_file_is_refused(tmp_path, monkeypatch, kind):
  monkeypatch.chdir(tmp_path)
  name = FILES[kind](tmp_path)
  line = check_refused(tmp_path, [str(tmp_path / name)])
  assert str(tmp_path / name) in line
  if kind.startswith('code'):
    assert 'run code' in line


def test_the_evil_would_have_run(tmp_path):
  pickle.loads(pickle.dumps(Evil(tmp_path / 'executed'))).close()
  assert (tmp_path / 'executed').exists()


def without(part, name):
  return lambda file: file[part].pop(name)


def replaced(part, name, change):
  def replace(file):
    file[part][name] = change(file[part][name])

  return replace


def with_nan(tensor):
  return np.where(np.arange(tensor.size) == 3, np.nan, tensor).astype('f4')


_DOWN = 'down_blocks.1.conv.weight'
_MASK = 'dense_motion_network.mask'

# What is done to a whole checkpoint, and what is said of it.
CHANGES = {
  'no generator': (lambda file: file.pop('generator'), 'no generator'),
  'no detector': (lambda file: file.pop('kp_detector'), 'no kp_detector'),
  'only a discriminator': (
    lambda file: [file.pop('generator'), file.pop('kp_detector')],
    'give the whole checkpoint',
  ),
  'missing': (without('generator', 'final.bias'), 'final.bias is missing'),
  'missing, told by': (
    without('generator', 'AttnModule.query_conv.weight'),
    'no tensor AttnModule.query_conv.weight',
  ),
  'extra': (
    lambda file: file['kp_detector'].update(fc=np.zeros(1, 'f4')),
    'fc is unknown',
  ),
  'misshapen': (
    replaced('generator', 'bottleneck.r1.conv1.bias', lambda x: x[1:]),
    r'bottleneck.r1.conv1.bias is float32\[63\], not float32\[64\]',
  ),
  'flat kernel': (
    replaced('generator', _DOWN, np.ravel),
    'down_blocks.1.conv.weight has the shape',
  ),
  'nothing wide': (
    replaced('generator', _DOWN, lambda x: x[:0]),
    'down_blocks.1.conv.weight has the shape',
  ),
  'float64': (
    replaced('generator', 'final.weight', np.float64),
    r'final.weight is float64\[3, 16, 7, 7\], not float32',
  ),
  'not finite': (
    replaced('kp_detector', 'kp.bias', with_nan),
    'kp.bias holds numbers that are not finite',
  ),
  'other keypoints': (
    replaced('kp_detector', 'kp.weight', lambda x: x[:10]),
    '10 keypoints, its generator moves 15',
  ),
  'other channels': (
    replaced(
      'kp_detector',
      'predictor.encoder.down_blocks.0.conv.weight',
      lambda x: x[:, :2],
    ),
    '2 channels, not RGB or RGB-D',
  ),
  'other scale': (
    replaced(
      'generator', 'dense_motion_network.down.weight', lambda x: x[:, :, 3:]
    ),
    'no blur for a quarter',
  ),
  'no scale': (without('kp_detector', 'down.weight'), 'down.weight is missing'),
  'names twice': (
    lambda file: file['generator'].update(
      {'module.final.bias': np.zeros(3, 'f4')}
    ),
    "'module.' and again without",
  ),
  'judge of others': (
    replaced(
      'discriminator', 'discs.1.down_blocks.0.conv.weight', lambda x: x[:, 1:]
    ),
    '17 channels',
  ),
  'many differences': (
    lambda file: [
      file['generator'].pop(f'bottleneck.r{i}.conv2.bias') for i in range(6)
    ],
    'and 3 more',
  ),
}


@pytest.fixture(scope='module')
def whole_checkpoint():
  return published.checkpoint(divide=4)


@pytest.fixture(scope='module')
def depths(tmp_path_factory):
  """Folders of face depth networks, by their layers."""
  folder = tmp_path_factory.mktemp('depth')
  return {
    layers: published.save_depth(folder / str(layers), layers, 4)
    for layers in (18, 50)
  }


@pytest.mark.parametrize('kind', CHANGES)
def test_a_strange_checkpoint_is_refused(
  tmp_path, whole_checkpoint, depths, kind
):
  change, reason = CHANGES[kind]
  file = {part: dict(tensors) for part, tensors in whole_checkpoint.items()}
  change(file)
  path = published.save(tmp_path / 'x.pth.tar', file)
  line = check_refused(tmp_path, [path], depths[18])
  assert path in line and re.search(reason, line)


def test_dagan_is_refused_without_depth(tmp_path, whole_checkpoint):
  path = published.save(tmp_path / 'x.pth.tar', whole_checkpoint)
  assert '--depth=FOLDER' in check_refused(tmp_path, [path])
  again = check_refused(tmp_path, [path, path])
  assert 'both hold a' in again


def test_half_a_depth_network_is_refused(tmp_path, depths):
  encoder, decoder = f'{depths[18]}/encoder.pth', f'{depths[50]}/depth.pth'
  assert 'pass their folder' in check_refused(tmp_path, [encoder])
  assert 'pass their folder' in check_refused(tmp_path, [decoder])
  line = check_refused(tmp_path, [encoder, decoder])
  assert (
    f'this depth network is a ResNet-50; {encoder} holds a ResNet-18: pass the'
    ' folder' in line
  )


def test_other_resnets_are_called_by_name(tmp_path, depths):
  encoder = published.load(f'{depths[18]}/encoder.pth')
  for block in range(2, 6):
    name = f'encoder.layer3.{block}.conv1.weight'
    encoder[name] = encoder['encoder.layer3.1.conv1.weight']
  torch.save(encoder, tmp_path / 'encoder.pth')
  sources = [str(tmp_path / 'encoder.pth'), f'{depths[18]}/depth.pth']
  assert 'is a ResNet-34' in check_refused(tmp_path, sources)
