import numpy as np
import pytest

pytest.importorskip('c2pa')
from PIL import Image

from data_pipelines.media import pictures, video_reader
from data_pipelines.media.comment_reader import read_comment
from data_pipelines.media.video_writer import VideoWriter
from data_pipelines.provenance.certificates import SELF_MADE, make_certificate
from data_pipelines.provenance.manifests import Manifest, read_manifest
from data_pipelines.provenance.origin import Origin
from tests.support.textures import texture

DIGEST = 'c0ffee' * 10
MANIFEST = Manifest('us', '7.1', make_certificate(), (('portrait', DIGEST),))
SIGNED = Origin('how it came about', manifest=MANIFEST)
VIDEOS = ['a.mp4', 'a.gif', 'a.webp']
PICTURES = ['a.png', 'a.jpg', 'a.tif', 'b.webp']
FRAMES = [texture(32, 48), texture(32, 48, 1)]


def write(path, origin):
  if path.name in PICTURES:
    pictures.write_picture(path, FRAMES[0], origin)
  else:
    with VideoWriter(path, 25, origin=origin) as video:
      for frame in FRAMES:
        video.write(frame)
  return path


@pytest.mark.parametrize('name', [*VIDEOS, *PICTURES])
def test_what_is_signed_says_who_made_it_and_what_of_it_is_seen(name, tmp_path):
  path = write(tmp_path / 'signed' / name, SIGNED)
  statement = read_manifest(path)
  assert statement.program == 'us 7.1' and statement.signer == SELF_MADE
  assert statement.is_synthetic and not statement.faults
  unsigned = write(tmp_path / name, SIGNED._replace(manifest=None))
  assert read_manifest(unsigned) is None
  assert read_comment(path) == read_comment(unsigned)
  for one, other in zip(
    video_reader.read(path), video_reader.read(unsigned), strict=True
  ):
    np.testing.assert_array_equal(one, other)
  assert [file.name for file in path.parent.iterdir()] == [name]


def test_every_frame_of_a_folder_is_signed(tmp_path):
  write(tmp_path / 'frames', SIGNED)
  statements = [*map(read_manifest, (tmp_path / 'frames').iterdir())]
  assert len(statements) == 2 and all(x.is_synthetic for x in statements)


@pytest.mark.parametrize('name', [*VIDEOS, *PICTURES])
def test_a_file_tells_digests_of_inputs_but_no_path(name, tmp_path):
  data = write(tmp_path / name, SIGNED).read_bytes()
  assert f'sha256:{DIGEST}'.encode() in data
  assert str(tmp_path).encode() not in data and b'.part' not in data
  assert b'thumbnail' not in data


@pytest.mark.parametrize('name', ['a.mp4', 'a.png'])
def test_what_was_changed_after_it_was_signed_is_not_believed(name, tmp_path):
  path = write(tmp_path / name, SIGNED)
  data = bytearray(path.read_bytes())
  place = data.find(b'mdat' if name == 'a.mp4' else b'IDAT')
  data[place + 40] ^= 1
  path.write_bytes(data)
  assert read_manifest(path).faults


def test_a_damaged_manifest_is_a_fault(tmp_path):
  path = write(tmp_path / 'a.png', SIGNED)
  data = bytearray(path.read_bytes())
  data[data.find(b'caBX') + 200] ^= 255
  path.write_bytes(data)
  (fault,) = read_manifest(path).faults
  assert '\n' not in fault


def test_a_format_that_holds_no_manifest_is_written_nonetheless(tmp_path):
  pictures.write_picture(tmp_path / 'a.bmp', FRAMES[0], SIGNED)
  assert read_manifest(tmp_path / 'a.bmp') is None
  with Image.open(tmp_path / 'a.bmp') as picture:
    np.testing.assert_array_equal(picture, FRAMES[0])


def test_a_manifest_is_found_whatever_the_name_of_the_file(tmp_path):
  path = write(tmp_path / 'a.mp4', SIGNED).rename(tmp_path / 'a.dat')
  assert read_manifest(path).program == 'us 7.1'
